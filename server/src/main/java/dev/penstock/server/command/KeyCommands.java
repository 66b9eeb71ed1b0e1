package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.FAST;
import static dev.penstock.server.command.Command.Flag.READONLY;
import static dev.penstock.server.command.Command.Flag.WRITE;
import static dev.penstock.server.command.Command.Group.GENERIC;
import static dev.penstock.server.command.Command.Group.SERVER;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.transfer.Chunk;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import java.nio.charset.StandardCharsets;

/** DEL, SCAN and the rest of what is about keys whatever their value. */
final class KeyCommands {

    private static final String PER_KEY = "O(N) where N is the number of keys";
    private static final long DEFAULT_SCAN_COUNT = 10;
    private static final int LONGEST_INT = 20;
    private static final int LONGEST_EMBEDDED = 44;
    private static final int RECORD_OVERHEAD = 48;

    private final Store store;

    KeyCommands(Node node) {
        this.store = node.store();
    }

    void register(CommandTable table) {
        table.add(Command.named("del")
                .arity(-2)
                .flags(WRITE)
                .keys(1, -1, 1)
                .docs(GENERIC, "1.0.0", PER_KEY, "Deletes keys.")
                .runs(this::delete));
        table.add(Command.named("unlink")
                .arity(-2)
                .flags(WRITE, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "4.0.0", PER_KEY, "Deletes keys.")
                .runs(this::delete));
        table.add(Command.named("exists")
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "1.0.0", PER_KEY, "Counts which of the keys are there.")
                .runs(this::exists));
        table.add(Command.named("touch")
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "3.2.1", PER_KEY, "Counts which of the keys are there.")
                .runs(this::exists));
        table.add(Command.named("type")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(GENERIC, "1.0.0", "O(1)", "Tells the type of a key's value; all are strings.")
                .runs((session, request, reply) ->
                        reply.simple(store.contains(Arguments.key(request, 1)) ? "string" : "none")));
        table.add(Command.named("keys")
                .arity(2)
                .flags(READONLY)
                .docs(GENERIC, "1.0.0", "O(N) where N is the number of keys in the store", "Lists matching keys.")
                .runs(this::keys));
        table.add(Command.named("scan")
                .arity(-2)
                .flags(READONLY)
                .docs(GENERIC, "2.8.0", "O(1) for every call", "Lists keys a few at a time.")
                .runs(this::scan));
        table.add(Command.named("object")
                .arity(-2)
                .docs(GENERIC, "2.2.3", "Depends on subcommand.", "A container for object introspection commands.")
                .contains(
                        Command.named("encoding")
                                .arity(3)
                                .flags(READONLY)
                                .keys(2, 2, 1)
                                .docs(GENERIC, "2.2.3", "O(1)", "Tells how Redis would hold a value.")
                                .runs(this::encoding),
                        Command.named("help")
                                .arity(2)
                                .docs(GENERIC, "6.2.0", "O(1)", "Lists the subcommands.")
                                .runs((session, request, reply) -> Help.write(
                                        reply, "OBJECT ENCODING <key>", "    Tell how Redis would hold the value."))));
        table.add(Command.named("memory")
                .arity(-2)
                .docs(SERVER, "4.0.0", "Depends on subcommand.", "A container for memory diagnostics commands.")
                .contains(
                        Command.named("usage")
                                .arity(-3)
                                .flags(READONLY)
                                .keys(2, 2, 1)
                                .docs(SERVER, "4.0.0", "O(1)", "Estimates the bytes that a key and its value take.")
                                .runs(this::usage),
                        Command.named("help")
                                .arity(2)
                                .docs(SERVER, "4.0.0", "O(1)", "Lists the subcommands.")
                                .runs((session, request, reply) -> Help.write(
                                        reply,
                                        "MEMORY USAGE <key> [SAMPLES <count>]",
                                        "    Estimate the bytes that the key and its value take."))));
    }

    private void delete(Session session, Request request, Reply reply) {
        int removed = 0;
        for (int i = 1; i < request.count(); i++) {
            if (store.remove(Arguments.key(request, i))) {
                removed++;
            }
        }
        reply.integer(removed);
    }

    private void exists(Session session, Request request, Reply reply) {
        int found = 0;
        for (int i = 1; i < request.count(); i++) {
            if (store.contains(Arguments.key(request, i))) {
                found++;
            }
        }
        reply.integer(found);
    }

    private void keys(Session session, Request request, Reply reply) {
        KeyCollector matching = new KeyCollector(new Glob(request.bytes(1), false), true, reply);
        Chunk place = reply.reserve();
        store.forEach((key, value) -> matching.add(key));
        reply.fillArray(place, matching.count);
    }

    private void scan(Session session, Request request, Reply reply) {
        long cursor = cursor(request);
        Glob pattern = null;
        long count = DEFAULT_SCAN_COUNT;
        boolean strings = true;
        for (int i = 2; i < request.count(); i += 2) {
            if (i + 1 == request.count()) {
                throw CommandError.syntax();
            } else if (request.is(i, "count")) {
                count = Arguments.integer(request, i + 1);
                if (count < 1) {
                    throw CommandError.syntax();
                }
            } else if (request.is(i, "match")) {
                pattern = new Glob(request.bytes(i + 1), false);
            } else if (request.is(i, "type")) {
                strings = request.is(i + 1, "string");
            } else {
                throw CommandError.syntax();
            }
        }
        KeyCollector matching = new KeyCollector(pattern, strings, reply);
        Chunk place = reply.reserve();
        long next = store.scan(cursor, (int) Math.min(count, Integer.MAX_VALUE), (key, value) -> matching.add(key));
        reply.fillScan(place, Long.toUnsignedString(next), matching.count);
    }

    /** As C's strtoul has it: nothing is 0, and a negative number counts from the far end. */
    private static long cursor(Request request) {
        String text = request.text(1);
        try {
            if (text.isEmpty()) {
                return 0;
            }
            return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new CommandError("ERR invalid cursor");
        }
    }

    /** Writes the keys that match to the reply, and counts them. */
    private static final class KeyCollector {

        private final Glob pattern;
        private final Reply reply;
        private final boolean any;
        private long count;

        /** @param any false when nothing at all can match */
        KeyCollector(Glob pattern, boolean any, Reply reply) {
            this.pattern = pattern;
            this.any = any;
            this.reply = reply;
        }

        void add(byte[] key) {
            if (any && (pattern == null || pattern.matches(key))) {
                reply.bulk(key);
                count++;
            }
        }
    }

    private void encoding(Session session, Request request, Reply reply) {
        try (ValueView view = store.get(Arguments.key(request, 2))) {
            if (view == null) {
                reply.nil();
            } else if (view.length() <= LONGEST_INT && isLong(view.toByteArray())) {
                reply.bulk("int");
            } else {
                reply.bulk(view.length() <= LONGEST_EMBEDDED ? "embstr" : "raw");
            }
        }
    }

    private static boolean isLong(byte[] value) {
        try {
            String text = new String(value, StandardCharsets.ISO_8859_1);
            return Long.toString(Long.parseLong(text)).equals(text);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private void usage(Session session, Request request, Reply reply) {
        if (request.count() != 3) {
            if (request.count() != 5 || !request.is(3, "samples") || Arguments.integer(request, 4) < 0) {
                throw CommandError.syntax();
            }
        }
        try (ValueView view = store.get(Arguments.key(request, 2))) {
            if (view == null) {
                reply.nil();
            } else {
                reply.integer(RECORD_OVERHEAD + request.length(2) + view.frameLength());
            }
        }
    }
}
