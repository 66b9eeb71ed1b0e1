package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.FAST;
import static dev.penstock.server.command.Command.Flag.READONLY;
import static dev.penstock.server.command.Command.Flag.WRITE;
import static dev.penstock.server.command.Command.Group.GENERIC;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.transfer.Chunk;

/** DEL, SCAN and the rest of what is about keys whatever their value. */
final class KeyCommands {

    private static final String PER_KEY = "O(N) where N is the number of keys";
    private static final long DEFAULT_SCAN_COUNT = 10;

    void register(CommandTable table) {
        table.add(Command.named("del")
                .arity(-2)
                .flags(WRITE)
                .keys(1, -1, 1)
                .docs(GENERIC, "1.0.0", PER_KEY, "Deletes keys.")
                .runs(KeyCommands::delete));
        table.add(Command.named("unlink")
                .arity(-2)
                .flags(WRITE, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "4.0.0", PER_KEY, "Deletes keys.")
                .runs(KeyCommands::delete));
        table.add(Command.named("exists")
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "1.0.0", PER_KEY, "Counts which of the keys are there.")
                .runs(KeyCommands::exists));
        table.add(Command.named("touch")
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "3.2.1", PER_KEY, "Counts which of the keys are there.")
                .runs(KeyCommands::exists));
        table.add(Command.named("type")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(GENERIC, "1.0.0", "O(1)", "Tells the type of a key's value; all are strings.")
                .runs((session, request, reply) ->
                        reply.simple(session.keyspace().contains(Arguments.key(request, 1)) ? "string" : "none")));
        table.add(Command.named("keys")
                .arity(2)
                .flags(READONLY)
                .docs(GENERIC, "1.0.0", "O(N) where N is the number of keys in the store", "Lists matching keys.")
                .runs(KeyCommands::keys));
        table.add(Command.named("scan")
                .arity(-2)
                .flags(READONLY)
                .docs(GENERIC, "2.8.0", "O(1) for every call", "Lists keys a few at a time.")
                .runs(KeyCommands::scan));
    }

    private static void delete(Session session, Request request, Reply reply) {
        int removed = 0;
        for (int i = 1; i < request.count(); i++) {
            if (session.keyspace().remove(Arguments.key(request, i))) {
                removed++;
            }
        }
        reply.integer(removed);
    }

    private static void exists(Session session, Request request, Reply reply) {
        int found = 0;
        for (int i = 1; i < request.count(); i++) {
            if (session.keyspace().contains(Arguments.key(request, i))) {
                found++;
            }
        }
        reply.integer(found);
    }

    private static void keys(Session session, Request request, Reply reply) {
        KeyCollector matching = new KeyCollector(new Glob(request.bytes(1), false), true, reply);
        Chunk place = reply.reserve();
        session.keyspace().forEach((key, value) -> matching.add(key));
        reply.fillArray(place, matching.count);
    }

    private static void scan(Session session, Request request, Reply reply) {
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
        long next = session.keyspace()
                .scan(cursor, (int) Math.min(count, Integer.MAX_VALUE), (key, value) -> matching.add(key));
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
}
