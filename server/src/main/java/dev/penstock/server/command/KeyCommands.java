package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.DENYOOM;
import static dev.penstock.server.command.Command.Flag.FAST;
import static dev.penstock.server.command.Command.Flag.READONLY;
import static dev.penstock.server.command.Command.Flag.WRITE;
import static dev.penstock.server.command.Command.Group.GENERIC;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import java.nio.ByteBuffer;
import java.util.function.IntPredicate;

/** DEL, RENAME and the rest of what is about keys whatever their value. */
final class KeyCommands {

    private static final String PER_KEY = "O(N) where N is the number of keys";
    private static final String MOVED_BYTES = "O(N) where N is the length of the value";

    /** Keys of so many bytes fit one batch in the smallest segment. */
    private static final long MOST_TOGETHER_BYTES = 256 << 10;

    private final ReadsTogether together;

    KeyCommands(Node node) {
        this.together = new ReadsTogether(node.store());
    }

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
                        reply.simple(session.keyspace().contains(Arguments.key(request, 1)) ? "string" : "none")));
        table.add(Command.named("rename")
                .arity(3)
                .flags(WRITE)
                .keys(1, 2, 1)
                .docs(GENERIC, "1.0.0", MOVED_BYTES, "Gives a value another key.")
                .runs((session, request, reply) -> {
                    rename(session, request, false);
                    reply.ok();
                }));
        table.add(Command.named("renamenx")
                .arity(3)
                .flags(WRITE, FAST)
                .keys(1, 2, 1)
                .docs(GENERIC, "1.0.0", MOVED_BYTES, "Gives a value another key where there is none yet.")
                .runs((session, request, reply) -> reply.integer(rename(session, request, true) ? 1 : 0)));
        table.add(Command.named("copy")
                .arity(-3)
                .flags(WRITE, DENYOOM)
                .keys(1, 2, 1)
                .docs(GENERIC, "6.2.0", MOVED_BYTES, "Copies a value to another key.")
                .runs(KeyCommands::copy));
        table.add(Command.named("randomkey")
                .arity(1)
                .flags(READONLY)
                .docs(GENERIC, "1.0.0", "O(1)", "Tells any key.")
                .runs(KeyCommands::randomKey));
    }

    private static void delete(Session session, Request request, Reply reply) {
        for (int i = 1; i < request.count(); i++) {
            Arguments.checkKey(request, i);
        }
        int removed = 0;
        for (int from = 1; from < request.count(); from += ReadsTogether.MOST_KEYS) {
            removed += delete(session, request, from, Math.min(request.count(), from + ReadsTogether.MOST_KEYS));
        }
        reply.integer(removed);
    }

    /** Together, if they fit a batch. */
    private static int delete(Session session, Request request, int from, int end) {
        if (end - from > 1 && argumentBytes(request, from, end) <= MOST_TOGETHER_BYTES) {
            return session.keyspace().atomically(keys -> count(from, end, i -> keys.remove(Arguments.key(request, i))));
        }
        return count(from, end, i -> session.keyspace().remove(Arguments.key(request, i)));
    }

    private static long argumentBytes(Request request, int from, int end) {
        long sum = 0;
        for (int i = from; i < end; i++) {
            sum += request.length(i);
        }
        return sum;
    }

    private static int count(int from, int end, IntPredicate test) {
        int count = 0;
        for (int i = from; i < end; i++) {
            if (test.test(i)) {
                count++;
            }
        }
        return count;
    }

    private void exists(Session session, Request request, Reply reply) {
        Tally tally = new Tally();
        together.read(
                session,
                request,
                1,
                reply,
                tally::begin,
                i -> tally.looked(session.keyspace().contains(Arguments.key(request, i))));
        reply.integer(tally.found());
    }

    /** Whether the value has moved. */
    private static boolean rename(Session session, Request request, boolean onlyIfAbsent) {
        ByteBuffer source = ByteBuffer.wrap(Arguments.keyCopy(request, 1));
        ByteBuffer target = ByteBuffer.wrap(Arguments.keyCopy(request, 2));
        return session.keyspace().atomically(keys -> {
            if (!keys.contains(source)) {
                throw new CommandError("ERR no such key");
            }
            if (source.equals(target)) {
                return !onlyIfAbsent;
            }
            if (onlyIfAbsent && keys.contains(target)) {
                return false;
            }
            return keys.copy(source, target) && keys.remove(source);
        });
    }

    private static void copy(Session session, Request request, Reply reply) {
        boolean replaces = false;
        for (int i = 3; i < request.count(); i++) {
            if (request.is(i, "replace")) {
                replaces = true;
            } else if (request.is(i, "db") && i + 1 < request.count()) {
                Arguments.database(request, ++i);
            } else {
                throw CommandError.syntax();
            }
        }
        ByteBuffer source = ByteBuffer.wrap(Arguments.keyCopy(request, 1));
        ByteBuffer target = ByteBuffer.wrap(Arguments.keyCopy(request, 2));
        if (source.equals(target)) {
            throw new CommandError("ERR source and destination objects are the same");
        }
        boolean evenIfPresent = replaces;
        boolean copied = session.keyspace()
                .atomically(keys -> (evenIfPresent || !keys.contains(target)) && keys.copy(source, target));
        reply.integer(copied ? 1 : 0);
    }

    private static void randomKey(Session session, Request request, Reply reply) {
        byte[] key = session.keyspace().randomKey();
        if (key == null) {
            reply.nil();
        } else {
            reply.bulk(key);
        }
    }
}
