package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.READONLY;
import static dev.penstock.server.command.Command.Group.GENERIC;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.transfer.Place;

/** KEYS and SCAN. */
final class ScanCommands {

    private static final long DEFAULT_SCAN_COUNT = 10;

    private ScanCommands() {}

    static void register(CommandTable table) {
        table.add(Command.named("keys")
                .arity(2)
                .flags(READONLY)
                .docs(GENERIC, "1.0.0", "O(N) where N is the number of keys in the store", "Lists matching keys.")
                .alsoIn("dangerous")
                .runs(ScanCommands::keys));
        table.add(Command.named("scan")
                .arity(-2)
                .flags(READONLY)
                .docs(GENERIC, "2.8.0", "O(1) for every call", "Lists keys a few at a time.")
                .runs(ScanCommands::scan));
    }

    private static void keys(Session session, Request request, Reply reply) {
        KeyCollector matching = new KeyCollector(new Glob(request.bytes(1), false), true, reply);
        Place place = reply.reserve();
        session.keyspace().forEachKey(matching::add);
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
        Place place = reply.reserve();
        long next = session.keyspace().scan(cursor, (int) Math.min(count, Integer.MAX_VALUE), matching::add);
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
