package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.SERVER;

import dev.penstock.server.TransferMode;
import dev.penstock.server.config.Settings;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.Ascii;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Glob;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.server.turn.OneByOne;
import dev.penstock.store.Store;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** CONFIG: the settings that exist, under Redis's names; some can be changed while the server runs. */
final class ConfigCommands {

    private static final int LEAST_TRANSFER = 256;
    private static final int MOST_COPIED = 1 << 20;
    private static final long MOST_CLIENTS = 0xffff_ffffL;
    private static final int MATCH_STEPS = 4;
    private static final int RESET_STEPS = 1000;

    /** What has none of these is a name. */
    private static final Pattern GLOB = Pattern.compile("[*?\\[]");

    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,19})([kmg]?b?)", Pattern.CASE_INSENSITIVE);

    /**
     * A setting.
     *
     * @param change checks a new value and returns what puts it into force; null for what cannot be changed
     */
    private record Setting(Supplier<String> value, Change change) {

        boolean isFixed() {
            return change == null;
        }
    }

    /** Throws the refusal of a value that will not do. */
    @FunctionalInterface
    private interface Change {
        Runnable to(String name, Request request, int index);
    }

    private final LoopContext loop;
    private final Map<String, Setting> settings = new TreeMap<>();

    ConfigCommands(LoopContext loop) {
        this.loop = loop;
        Settings now = loop.settings();
        now.fixed().forEach(this::fixed);
        fixed("appendonly", "no");
        fixed("client-query-buffer-limit", Integer.toString(RequestBuffer.REQUEST_LIMIT));
        fixed("databases", "1");
        fixed("maxmemory", "0");
        fixed("maxmemory-policy", "noeviction");
        fixed("save", "");
        number(
                "maxclients",
                1,
                MOST_CLIENTS,
                now::maxClients,
                n -> now.maxClients((int) Math.min(n, Integer.MAX_VALUE)));
        bytes(
                "proto-max-bulk-len",
                Settings.LEAST_LONGEST_BULK,
                Store.MAX_VALUE_LENGTH,
                now::longestBulk,
                now::longestBulk);
        number("slowlog-log-slower-than", -1, Long.MAX_VALUE, now::slowLogMicros, now::slowLogMicros);
        number("slowlog-max-len", 0, Settings.LONGEST_SLOW_LOG, now::slowLogLength, now::slowLogLength);
        Store store = loop.store();
        bytes("compaction-rate", 0, Long.MAX_VALUE, store::compactionRate, store::setCompactionRate);
        TransferSettings transfers = now.transfers();
        bytes("direct-threshold", 1, Long.MAX_VALUE, transfers::directThreshold, transfers::directThreshold);
        word(
                "transfer-mode",
                Stream.of(TransferMode.values()).map(TransferMode::label).toList(),
                () -> transfers.mode().label(),
                name -> now.transferMode(TransferMode.named(name)));
        bytes(
                "transfer-threshold",
                LEAST_TRANSFER,
                MOST_COPIED,
                transfers::transferThreshold,
                bytes -> transfers.transferThreshold((int) bytes));
        number("timeout", 0, Integer.MAX_VALUE, now::idleTimeoutSeconds, now::idleTimeoutSeconds);
    }

    private void fixed(String name, String value) {
        settings.put(name, new Setting(() -> value, null));
    }

    private void number(String name, long least, long most, LongSupplier value, LongConsumer change) {
        settings.put(name, new Setting(() -> Long.toString(value.getAsLong()), (setting, request, index) -> {
            long number = number(setting, least, most, request, index);
            return () -> change.accept(number);
        }));
    }

    private void bytes(String name, long least, long most, LongSupplier value, LongConsumer change) {
        settings.put(name, new Setting(() -> Long.toString(value.getAsLong()), (setting, request, index) -> {
            long number = bytes(setting, least, most, request, index);
            return () -> change.accept(number);
        }));
    }

    /** One of a few words; compared without regard to case, as Redis does. */
    private void word(String name, List<String> words, Supplier<String> value, Consumer<String> change) {
        settings.put(name, new Setting(value, (setting, request, index) -> {
            String word = request.text(index).toLowerCase(Locale.ROOT);
            if (!words.contains(word)) {
                throw refusal(setting, "argument(s) must be one of the following: " + String.join(", ", words));
            }
            return () -> change.accept(word);
        }));
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
                                .runs(ConfigCommands::help)));
    }

    private static Command subcommand(String name, int arity, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                .docs(SERVER, "2.0.0", "O(N) where N is the number of settings", summary);
    }

    private void get(Session session, Request request, Reply reply) {
        Map<String, String> shown = new LinkedHashMap<>();
        session.run(new OneByOne(loop.turn(), reply, 2, request.count(), i -> find(request, i, shown), () -> {
            reply.map(shown.size());
            shown.forEach((name, asWanted) -> {
                reply.bulk(asWanted);
                reply.bulk(settings.get(name).value().get());
            });
        }));
    }

    /** Adds the settings that an argument means to those that are shown. */
    private void find(Request request, int index, Map<String, String> shown) {
        String wanted = request.text(index);
        if (GLOB.matcher(wanted).find()) {
            Glob pattern = Glob.of(request, index, true, loop.turn()::spend);
            loop.turn().spend((long) MATCH_STEPS * settings.size());
            settings.keySet().stream()
                    .filter(name -> pattern.matches(name.getBytes(StandardCharsets.ISO_8859_1)))
                    .forEach(name -> shown.putIfAbsent(name, name));
        } else if (settings.containsKey(wanted.toLowerCase(Locale.ROOT))) {
            shown.putIfAbsent(wanted.toLowerCase(Locale.ROOT), wanted);
        }
    }

    /** All or nothing: everything is checked before anything is changed. */
    private void set(Session session, Request request, Reply reply) {
        if (request.count() % 2 != 0) {
            throw CommandError.syntax();
        }
        Set<String> names = new LinkedHashSet<>();
        for (int i = 2; i < request.count(); i += 2) {
            String name = request.text(i);
            Setting setting = settings.get(name.toLowerCase(Locale.ROOT));
            if (setting == null) {
                throw new CommandError("ERR Unknown option or number of arguments for CONFIG SET - '"
                        + Arguments.echoed(request, i) + "'");
            }
            if (setting.isFixed()) {
                throw refusal(name, "can't set immutable config");
            }
            if (!names.add(name.toLowerCase(Locale.ROOT))) {
                throw refusal(name, "duplicate parameter");
            }
        }
        List<Runnable> changes = new ArrayList<>();
        for (String name : names) {
            changes.add(settings.get(name).change().to(name, request, 3 + 2 * changes.size()));
        }
        changes.forEach(Runnable::run);
        reply.ok();
    }

    /** A number of bytes, perhaps with a unit: those of 1000 are k, m and g, those of 1024 kb, mb and gb. */
    private static long bytes(String name, long least, long most, Request request, int index) {
        Matcher amount = AMOUNT.matcher(request.text(index));
        if (!amount.matches()) {
            throw refusal(name, "argument must be a memory value");
        }
        long unit = switch (amount.group(2).toLowerCase(Locale.ROOT)) {
            case "", "b" -> 1;
            case "k" -> 1_000;
            case "kb" -> 1L << 10;
            case "m" -> 1_000_000;
            case "mb" -> 1L << 20;
            case "g" -> 1_000_000_000;
            default -> 1L << 30;
        };
        BigInteger bytes = new BigInteger(amount.group(1)).multiply(BigInteger.valueOf(unit));
        if (bytes.compareTo(BigInteger.valueOf(least)) < 0 || bytes.compareTo(BigInteger.valueOf(most)) > 0) {
            throw refusal(name, "argument must be between " + least + " and " + most + " inclusive");
        }
        return bytes.longValue();
    }

    private static long number(String name, long least, long most, Request request, int index) {
        long number;
        try {
            number = request.longAt(index);
        } catch (Ascii.NotANumberException e) {
            throw refusal(name, "argument couldn't be parsed into an integer");
        }
        if (number < least || number > most) {
            throw refusal(name, "argument must be between " + least + " and " + most + " inclusive");
        }
        return number;
    }

    private static CommandError refusal(String name, String reason) {
        return new CommandError("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
    }

    private void resetStatistics(Session session, Request request, Reply reply) {
        loop.server().metrics().resetCounts();
        reply.ok();
    }

    private static void help(Session session, Request request, Reply reply) {
        reply.lines(
                "CONFIG <subcommand> [<argument> ...], where the subcommand is one of:",
                "GET <pattern> [<pattern> ...]",
                "    Read the settings whose names match.",
                "SET <name> <value> [<name> <value> ...]",
                "    Change settings: compaction-rate, direct-threshold, maxclients, proto-max-bulk-len,",
                "    slowlog-log-slower-than, slowlog-max-len, timeout, transfer-mode, transfer-threshold.",
                "RESETSTAT",
                "    Set the counters of INFO to zero.",
                "HELP",
                "    This text.");
    }
}
