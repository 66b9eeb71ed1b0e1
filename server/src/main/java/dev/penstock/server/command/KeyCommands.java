package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.DENYOOM;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Flag.WRITE;
import static dev.penstock.server.session.Command.Group.GENERIC;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.TransactionKeyspace;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** DEL, RENAME and other commands about keys, whatever their value. */
final class KeyCommands {

    private static final String PER_KEY = "O(N) where N is the number of keys";
    private static final String MOVED_BYTES = "O(N) where N is the length of the value";

    /** Total key bytes that fit one batch in the smallest segment. */
    private static final long MOST_TOGETHER_BYTES = 256 << 10;

    private static final int RANDOM_STEPS = 40;
    private static final int PAGE = 128;

    private final LoopContext loop;
    private final ReadsTogether together;

    KeyCommands(LoopContext loop) {
        this.loop = loop;
        this.together = new ReadsTogether(loop);
    }

    void register(CommandTable table) {
        table.add(Command.named("del")
                .manyArguments()
                .arity(-2)
                .flags(WRITE)
                .keys(1, -1, 1)
                .docs(GENERIC, "1.0.0", PER_KEY, "Deletes keys.")
                .runs(this::delete));
        table.add(Command.named("unlink")
                .manyArguments()
                .arity(-2)
                .flags(WRITE, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "4.0.0", PER_KEY, "Deletes keys.")
                .runs(this::delete));
        table.add(Command.named("exists")
                .manyArguments()
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "1.0.0", PER_KEY, "Returns how many of the keys exist.")
                .runs(this::exists));
        table.add(Command.named("touch")
                .manyArguments()
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(GENERIC, "3.2.1", PER_KEY, "Returns how many of the keys exist.")
                .runs(this::exists));
        table.add(Command.named("type")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(GENERIC, "1.0.0", "O(1)", "Returns the type of a key's value; all are strings.")
                .runs((session, request, reply) ->
                        reply.simple(session.keyspace().contains(Arguments.key(request, 1)) ? "string" : "none")));
        table.add(Command.named("rename")
                .arity(3)
                .flags(WRITE)
                .keys(1, 2, 1)
                .docs(GENERIC, "1.0.0", MOVED_BYTES, "Renames a key.")
                .runs((session, request, reply) -> rename(session, request, false, moved -> reply.ok())));
        table.add(Command.named("renamenx")
                .arity(3)
                .flags(WRITE, FAST)
                .keys(1, 2, 1)
                .docs(GENERIC, "1.0.0", MOVED_BYTES, "Renames a key if the new name does not exist.")
                .runs((session, request, reply) ->
                        rename(session, request, true, moved -> reply.integer(moved ? 1 : 0))));
        table.add(Command.named("copy")
                .arity(-3)
                .flags(WRITE, DENYOOM)
                .keys(1, 2, 1)
                .docs(GENERIC, "6.2.0", MOVED_BYTES, "Copies a value to another key.")
                .runs(this::copy));
        table.add(Command.named("randomkey")
                .arity(1)
                .flags(READONLY)
                .docs(GENERIC, "1.0.0", "O(1)", "Returns a random key.")
                .runs(this::randomKey));
    }

    private void delete(Session session, Request request, Reply reply) {
        for (int i = 1; i < request.count(); i++) {
            Arguments.checkKey(request, i);
        }
        session.run(new Deletion(session, request, reply));
    }

    /** Removes the keys of a request, some at a time together. */
    private final class Deletion implements Suspended {

        private final Session session;
        private final Request request;
        private final Reply reply;
        private int next = 1;
        private int removed;

        Deletion(Session session, Request request, Reply reply) {
            this.session = session;
            this.request = request;
            this.reply = reply;
        }

        @Override
        public boolean goOn() {
            for (int attempt = 0; next < request.count(); ) {
                if (loop.turn().isOver() || attempt == ATTEMPTS) {
                    return false;
                }
                int end = Math.min(request.count(), next + ReadsTogether.MOST_KEYS);
                loop.turn().spend(2L * Turn.KEY_STEPS * (end - next));
                int now = remove(end);
                if (now < 0) {
                    attempt++;
                } else {
                    removed += now;
                    next = end;
                }
            }
            reply.integer(removed);
            return true;
        }

        /** How many were there; -1 if another writer interfered. */
        private int remove(int end) {
            if (end - next == 1
                    || session.keyspace() instanceof TransactionKeyspace
                    || request.length(next, end) > MOST_TOGETHER_BYTES) {
                return removeFrom(session.keyspace(), end);
            }
            try (TransactionKeyspace keyspace = new TransactionKeyspace(loop.store(), request.budget())) {
                int count = removeFrom(keyspace, end);
                return keyspace.commit() ? count : -1;
            }
        }

        private int removeFrom(Keyspace keys, int end) {
            int count = 0;
            for (int i = next; i < end; i++) {
                if (keys.remove(Arguments.key(request, i))) {
                    count++;
                }
            }
            return count;
        }
    }

    private void exists(Session session, Request request, Reply reply) {
        together.read(
                session,
                request,
                1,
                reply,
                i -> session.keyspace().contains(Arguments.key(request, i)),
                reply::integer);
    }

    private void rename(Session session, Request request, boolean onlyIfAbsent, Consumer<Boolean> reply) {
        ByteBuffer source = ByteBuffer.wrap(Arguments.keyCopy(request, 1));
        ByteBuffer target = ByteBuffer.wrap(Arguments.keyCopy(request, 2));
        AtomicChange.run(
                session,
                loop,
                request.budget(),
                keys -> {
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
                },
                reply);
    }

    private void copy(Session session, Request request, Reply reply) {
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
        AtomicChange.run(
                session,
                loop,
                request.budget(),
                keys -> (evenIfPresent || !keys.contains(target)) && keys.copy(source, target),
                copied -> reply.integer(copied ? 1 : 0));
    }

    private void randomKey(Session session, Request request, Reply reply) {
        loop.turn().spend(RANDOM_STEPS);
        byte[] key = session.keyspace().randomKey();
        if (key != null) {
            reply.bulk(key);
        } else {
            session.run(new AnyKey(session.keyspace().scan(0), reply));
        }
    }

    /** Looks for a key where few are left: any that is found. */
    private final class AnyKey implements Suspended {

        private final Keyspace.Scan scan;
        private final Reply reply;
        private byte @Nullable [] found;

        AnyKey(Keyspace.Scan scan, Reply reply) {
            this.scan = scan;
            this.reply = reply;
        }

        @Override
        public boolean goOn() {
            while (found == null && !(scan.hasCursor() && scan.cursor() == 0)) {
                if (loop.turn().isOver()) {
                    return false;
                }
                loop.turn().spend((long) Turn.KEY_STEPS * PAGE);
                scan.next(PAGE, key -> found = key);
            }
            if (found == null) {
                reply.nil();
            } else {
                reply.bulk(found);
            }
            return true;
        }
    }
}
