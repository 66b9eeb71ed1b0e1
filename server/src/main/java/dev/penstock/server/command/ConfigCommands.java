package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.ADMIN;
import static dev.penstock.server.command.Command.Flag.LOADING;
import static dev.penstock.server.command.Command.Flag.NOSCRIPT;
import static dev.penstock.server.command.Command.Flag.STALE;
import static dev.penstock.server.command.Command.Group.SERVER;

import dev.penstock.server.resp.Ascii;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** CONFIG: the settings that exist, under Redis's names. Only {@code maxclients} can be changed while running. */
final class ConfigCommands {

    private static final long MOST_CLIENTS = 0xffff_ffffL;

    private final Node node;
    private final Map<String, Supplier<String>> settings = new TreeMap<>();

    ConfigCommands(Node node) {
        this.node = node;
        settings.put("appendonly", () -> "no");
        settings.put("bind", () -> String.join(" ", node.bindAddresses()));
        settings.put("client-query-buffer-limit", () -> Integer.toString(RequestBuffer.REQUEST_LIMIT));
        settings.put("databases", () -> "1");
        settings.put("maxclients", () -> Integer.toString(node.maxClients()));
        settings.put("maxmemory", () -> "0");
        settings.put("maxmemory-policy", () -> "noeviction");
        settings.put("port", () -> Integer.toString(node.port()));
        settings.put("proto-max-bulk-len", () -> Long.toString(Store.MAX_VALUE_LENGTH));
        settings.put("save", () -> "");
        settings.put("timeout", () -> "0");
    }

    void register(CommandTable table) {
        table.add(Command.named("config")
                .arity(-2)
                .docs(SERVER, "2.0.0", "Depends on subcommand.", "A container for server configuration commands.")
                .contains(
                        subcommand("get", -3, "Reads settings.").runs(this::get),
                        subcommand("set", -4, "Changes settings.").runs(this::set),
                        subcommand("resetstat", 2, "Sets the counters of INFO to zero.")
                                .runs(this::resetStatistics),
                        subcommand("rewrite", 2, "Writes the configuration file; there is none.")
                                .runs((session, request, reply) -> {
                                    throw new CommandError("ERR The server is running without a config file");
                                }),
                        subcommand("help", 2, "Lists the subcommands.").runs(ConfigCommands::help)));
    }

    private static Command subcommand(String name, int arity, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                .docs(SERVER, "2.0.0", "O(N) where N is the number of settings", summary);
    }

    private void get(Session session, Request request, Reply reply) {
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 2; i < request.count(); i++) {
            Glob pattern = new Glob(request.bytes(i), true);
            settings.forEach((name, value) -> {
                if (pattern.matches(name.getBytes(StandardCharsets.ISO_8859_1))) {
                    found.put(name, value.get());
                }
            });
        }
        reply.map(found.size());
        found.forEach((name, value) -> {
            reply.bulk(name);
            reply.bulk(value);
        });
    }

    /** All or nothing: everything is checked before anything is changed. */
    private void set(Session session, Request request, Reply reply) {
        if (request.count() % 2 != 0) {
            throw CommandError.syntax();
        }
        Set<String> names = new LinkedHashSet<>();
        int maxClients = node.maxClients();
        for (int i = 2; i < request.count(); i += 2) {
            String name = request.text(i).toLowerCase(Locale.ROOT);
            if (!settings.containsKey(name)) {
                throw new CommandError(
                        "ERR Unknown option or number of arguments for CONFIG SET - '" + request.text(i) + "'");
            }
            if (!names.add(name)) {
                throw refusal(name, "duplicate parameter");
            }
            if (!name.equals("maxclients")) {
                throw refusal(name, "can't set immutable config");
            }
            maxClients = clientCount(request, i + 1);
        }
        node.maxClients(maxClients);
        reply.ok();
    }

    private static int clientCount(Request request, int index) {
        long count;
        try {
            count = request.longAt(index);
        } catch (Ascii.NotANumberException e) {
            throw refusal("maxclients", "argument couldn't be parsed into an integer");
        }
        if (count < 1 || count > MOST_CLIENTS) {
            throw refusal("maxclients", "argument must be between 1 and " + MOST_CLIENTS + " inclusive");
        }
        return (int) Math.min(count, Integer.MAX_VALUE);
    }

    private static CommandError refusal(String name, String reason) {
        return new CommandError("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
    }

    private void resetStatistics(Session session, Request request, Reply reply) {
        node.statistics().reset();
        reply.ok();
    }

    private static void help(Session session, Request request, Reply reply) {
        Help.write(
                reply,
                "CONFIG <subcommand> [<argument> ...], where the subcommand is one of:",
                "GET <pattern> [<pattern> ...]",
                "    Read the settings whose names match.",
                "SET <name> <value> [<name> <value> ...]",
                "    Change settings; maxclients is the one that can be changed.",
                "RESETSTAT",
                "    Set the counters of INFO to zero.",
                "HELP",
                "    This text.");
    }
}
