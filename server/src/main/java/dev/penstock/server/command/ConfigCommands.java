package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.SERVER;

import dev.penstock.server.config.Setting;
import dev.penstock.server.config.SettingTable;
import dev.penstock.server.config.Settings;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Glob;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.OneByOne;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** CONFIG: the settings that exist, under Redis's names; some can be changed while the server runs. */
final class ConfigCommands {

    private static final int MATCH_STEPS = 4;
    private static final int RESET_STEPS = 1000;

    /** What has none of these is a name. */
    private static final Pattern GLOB = Pattern.compile("[*?\\[]");

    /** Settings of Redis that clients ask for; here there is nothing to set. */
    private static final Map<String, String> OF_REDIS = Map.of(
            "appendonly", "no",
            "client-query-buffer-limit", Integer.toString(RequestBuffer.REQUEST_LIMIT),
            "databases", "1",
            "maxmemory", "0",
            "maxmemory-policy", "noeviction",
            "save", "");

    private final LoopContext loop;
    private final Settings settings;
    private final Map<String, Setting> live = SettingTable.all().stream()
            .filter(Setting::isLive)
            .collect(Collectors.toMap(Setting::name, setting -> setting));

    ConfigCommands(LoopContext loop) {
        this.loop = loop;
        this.settings = loop.settings();
    }

    private Map<String, String> values() {
        Map<String, String> values = new TreeMap<>(OF_REDIS);
        values.putAll(settings.values());
        return values;
    }

    void register(CommandTable table) {
        table.add(Command.named("config")
                .arity(-2)
                .docs(SERVER, "2.0.0", "Depends on subcommand.", "A container for server configuration commands.")
                .contains(
                        subcommand("get", -3, "Reads settings.").runs(this::get),
                        subcommand("set", -4, "Changes settings.").runs(this::set),
                        subcommand("resetstat", 2, "Sets the counters of INFO to zero.")
                                .costs(RESET_STEPS)
                                .runs(this::resetStatistics),
                        subcommand("rewrite", 2, "Writes the configuration file; there is none.")
                                .runs((session, request, reply) -> {
                                    throw new CommandError("ERR The server is running without a config file");
                                }),
                        subcommand("help", 2, "Lists the subcommands.")
                                .flags(LOADING, STALE)
                                .runs(this::help)));
    }

    private static Command subcommand(String name, int arity, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                .docs(SERVER, "2.0.0", "O(N) where N is the number of settings", summary);
    }

    private void get(Session session, Request request, Reply reply) {
        Map<String, String> shown = new LinkedHashMap<>();
        Map<String, String> values = values();
        session.run(new OneByOne(
                loop.turn(), reply, 2, request.count(), i -> find(request, i, values.keySet(), shown), () -> {
                    reply.map(shown.size());
                    shown.forEach((name, asWanted) -> {
                        reply.bulk(asWanted);
                        reply.bulk(values.getOrDefault(name, ""));
                    });
                }));
    }

    /** Adds the settings that an argument means to those that are shown. */
    private void find(Request request, int index, Set<String> names, Map<String, String> shown) {
        String wanted = request.text(index);
        if (GLOB.matcher(wanted).find()) {
            Glob pattern = Glob.of(request, index, true, loop.turn()::spend);
            loop.turn().spend((long) MATCH_STEPS * names.size());
            names.stream()
                    .filter(name -> pattern.matches(name.getBytes(StandardCharsets.ISO_8859_1)))
                    .forEach(name -> shown.putIfAbsent(name, name));
        } else if (names.contains(wanted.toLowerCase(Locale.ROOT))) {
            shown.putIfAbsent(wanted.toLowerCase(Locale.ROOT), wanted);
        }
    }

    /** All or nothing: everything is checked before anything is changed. */
    private void set(Session session, Request request, Reply reply) {
        if (request.count() % 2 != 0) {
            throw CommandError.syntax();
        }
        Set<String> names = new LinkedHashSet<>();
        Map<String, String> values = values();
        List<Runnable> changes = new ArrayList<>();
        for (int i = 2; i < request.count(); i += 2) {
            String name = request.text(i);
            String lowerCase = name.toLowerCase(Locale.ROOT);
            if (!values.containsKey(lowerCase)) {
                throw new CommandError("ERR Unknown option or number of arguments for CONFIG SET - '"
                        + Arguments.echoed(request, i) + "'");
            }
            if (!live.containsKey(lowerCase)) {
                throw refusal(name, "can't set immutable config");
            }
            if (!names.add(lowerCase)) {
                throw refusal(name, "duplicate parameter");
            }
        }
        for (String name : names) {
            try {
                changes.add(
                        settings.change(Objects.requireNonNull(live.get(name)), request.text(3 + 2 * changes.size())));
            } catch (Setting.Refusal e) {
                throw refusal(name, e.reason());
            }
        }
        changes.forEach(Runnable::run);
        reply.ok();
    }

    private static CommandError refusal(String name, String reason) {
        return new CommandError("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
    }

    private void resetStatistics(Session session, Request request, Reply reply) {
        loop.server().metrics().resetCounts();
        reply.ok();
    }

    private void help(Session session, Request request, Reply reply) {
        reply.lines(
                "CONFIG <subcommand> [<argument> ...], where the subcommand is one of:",
                "GET <pattern> [<pattern> ...]",
                "    Read the settings whose names match.",
                "SET <name> <value> [<name> <value> ...]",
                "    Change settings: " + String.join(", ", new TreeSet<>(live.keySet())) + ".",
                "RESETSTAT",
                "    Set the counters of INFO to zero.",
                "HELP",
                "    This text.");
    }
}
