package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.DENYOOM;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Flag.WRITE;
import static dev.penstock.server.session.Command.Group.STRING;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.Keyspace.Condition;
import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.keyspace.StoreKeyspace;
import dev.penstock.server.keyspace.TransactionKeyspace;
import dev.penstock.server.keyspace.ValueParts;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Key;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.transfer.Prefetch;
import dev.penstock.store.transfer.StoreTransfer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** GET, SET and other commands that read and write whole values. */
final class StringCommands {

    private final LoopContext loop;
    private final Prefetch prefetch;
    private final Key prefetched = new Key();
    private final ReadsTogether together;

    StringCommands(LoopContext loop) {
        this.loop = loop;
        this.prefetch = StoreTransfer.of(loop.store()).prefetch();
        this.together = new ReadsTogether(loop);
    }

    void register(CommandTable table) {
        table.add(Command.named("get")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "1.0.0", "O(1)", "Returns a value.")
                .runs(this::get));
        table.add(Command.named("set")
                .longValue()
                .arity(-3)
                .flags(WRITE, DENYOOM)
                .keys(1, 1, 1)
                .streams(2)
                .docs(STRING, "1.0.0", "O(1)", "Sets a value; NX and XX make it conditional.")
                .runs(this::set));
        table.add(Command.named("setnx")
                .longValue()
                .arity(3)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .streams(2)
                .docs(STRING, "1.0.0", "O(1)", "Sets a value if the key does not exist.")
                .runs((session, request, reply) ->
                        reply.integer(write(session, request, Keyspace.NO_EXPIRY, Condition.IF_ABSENT) ? 1 : 0)));
        table.add(setExpiring("setex", "2.0.0", ExpiryForm.EX));
        table.add(setExpiring("psetex", "2.6.0", ExpiryForm.PX));
        table.add(Command.named("getset")
                .longValue()
                .arity(3)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .streams(2)
                .docs(STRING, "1.0.0", "O(1)", "Sets a value and returns the previous one.")
                .runs(this::getSet));
        table.add(Command.named("getdel")
                .arity(2)
                .flags(WRITE, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "6.2.0", "O(1)", "Returns a value and deletes the key.")
                .runs(this::getDel));
        table.add(Command.named("getex")
                .arity(-2)
                .flags(WRITE, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "6.2.0", "O(1)", "Returns a value and changes its expiry.")
                .runs(this::getEx));
        table.add(Command.named("strlen")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "2.2.0", "O(1)", "Returns the length of a value.")
                .runs(this::strlen));
        table.add(Command.named("mget")
                .manyArguments()
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(STRING, "1.0.0", "O(N) where N is the number of keys", "Returns several values.")
                .runs(this::mget));
        table.add(Command.named("mset")
                .manyArguments()
                .arity(-3)
                .flags(WRITE, DENYOOM)
                .keys(1, -1, 2)
                .docs(STRING, "1.0.1", "O(N) where N is the number of keys", "Sets several values.")
                .runs(this::mset));
        table.add(Command.named("msetnx")
                .manyArguments()
                .arity(-3)
                .flags(WRITE, DENYOOM)
                .keys(1, -1, 2)
                .docs(
                        STRING,
                        "1.0.1",
                        "O(N) where N is the number of keys",
                        "Sets several values if none of the keys exists.")
                .runs(this::msetNx));
    }

    private @Nullable KeyspaceValue look(Session session, ByteBuffer key) {
        KeyspaceValue value = session.keyspace().get(key);
        loop.metrics().looked(value != null);
        return value;
    }

    private void get(Session session, Request request, Reply reply) {
        answer(session, request, 1, reply);
    }

    private void answer(Session session, Request request, int index, Reply reply) {
        loop.metrics().looked(session.keyspace().answer(Arguments.key(request, index), reply));
    }

    private void set(Session session, Request request, Reply reply) {
        if (request.count() == 3) {
            write(session, request, Keyspace.NO_EXPIRY, Condition.ALWAYS);
            reply.ok();
            return;
        }
        ValueOptions options = ValueOptions.ofSet(request);
        long expiryMillis = options.expiryMillis(request, loop.clock().millis(), "set");
        if (options.answersOld()) {
            exchange(session, request, reply, options, expiryMillis);
            return;
        }
        if (options.keepsExpiry()) {
            writeKeepingExpiry(session, request, options.condition(), reply);
        } else if (write(session, request, expiryMillis, options.condition())) {
            reply.ok();
        } else {
            reply.nil();
        }
    }

    /** SETEX and PSETEX. */
    private Command setExpiring(String name, String since, ExpiryForm form) {
        return Command.named(name)
                .longValue()
                .arity(4)
                .flags(WRITE, DENYOOM)
                .keys(1, 1, 1)
                .streams(3)
                .docs(STRING, since, "O(1)", "Sets a value and its expiry.")
                .runs((session, request, reply) -> {
                    long expiryMillis =
                            form.expiryMillis(request, 2, loop.clock().millis(), name);
                    write(session, request, 3, expiryMillis, Condition.ALWAYS);
                    reply.ok();
                });
    }

    private static boolean write(Session session, Request request, long expiryMillis, Condition condition) {
        return write(session, request, 2, expiryMillis, condition);
    }

    /** Whether the condition held and the value in an argument is written to the key in argument 1. */
    private static boolean write(
            Session session, Request request, int argument, long expiryMillis, Condition condition) {
        if (request.isStreamed(argument)) {
            return commit(request.streamedValue(), expiryMillis, condition);
        }
        return session.keyspace().put(Arguments.key(request, 1), request.value(argument), expiryMillis, condition);
    }

    private static boolean commit(ValueWriter writer, long expiryMillis, Condition condition) {
        return writer.commit(StoreKeyspace.options(expiryMillis, condition));
    }

    private void writeKeepingExpiry(Session session, Request request, Condition condition, Reply reply) {
        session.attempt(() -> {
            ByteBuffer key = Arguments.key(request, 1);
            try (KeyspaceValue old = session.keyspace().get(key)) {
                if (!condition.holds(old != null)) {
                    reply.nil();
                } else if (replace(session, request, key, old, KeyspaceValue.expiryOf(old))) {
                    reply.ok();
                } else {
                    return false;
                }
                return true;
            }
        });
    }

    /**
     * Writes the value of argument 2 unless another writer interfered; a streamed one, which is there only once,
     * anyway.
     */
    private static boolean replace(
            Session session, Request request, ByteBuffer key, @Nullable KeyspaceValue old, long expiryMillis) {
        if (request.isStreamed(2)) {
            return commit(request.streamedValue(), expiryMillis, Condition.ALWAYS);
        }
        List<MemorySegment> value = ValueParts.of(MemorySegment.ofBuffer(request.value(2)));
        return session.keyspace().update(key, old, value, expiryMillis);
    }

    /** The reply is the value before, whether or not a new one was written. */
    private void exchange(Session session, Request request, Reply reply, ValueOptions options, long expiryMillis) {
        answerOld(session, request, reply, (key, old) -> {
            long expiry = options.keepsExpiry() ? KeyspaceValue.expiryOf(old) : expiryMillis;
            return !options.condition().holds(old != null) || replace(session, request, key, old, expiry);
        });
    }

    private void getSet(Session session, Request request, Reply reply) {
        answerOld(session, request, reply, (key, old) -> replace(session, request, key, old, Keyspace.NO_EXPIRY));
    }

    private void getDel(Session session, Request request, Reply reply) {
        answerOld(
                session,
                request,
                reply,
                (key, old) -> old == null || session.keyspace().remove(key, old));
    }

    private void getEx(Session session, Request request, Reply reply) {
        ValueOptions options = ValueOptions.ofGetEx(request);
        answerOld(session, request, reply, (key, old) -> {
            if (old == null) {
                return true;
            }
            long now = loop.clock().millis();
            long expiryMillis = options.expiryMillis(request, now, "getex");
            if (options.expires()) {
                return expiryMillis <= now
                        ? session.keyspace().remove(key, old)
                        : session.keyspace().expire(key, old, expiryMillis);
            }
            return !options.persists() || !old.expires() || session.keyspace().expire(key, old, Keyspace.NO_EXPIRY);
        });
    }

    /**
     * A change to a key whose value was read, and handed to the reply; false if another writer interfered, and it is to
     * be tried again.
     */
    @FunctionalInterface
    private interface Change {
        boolean of(ByteBuffer key, @Nullable KeyspaceValue old);
    }

    /** Replies with a key's value, or null, and then changes the key, so that no value is removed without a reply. */
    private void answerOld(Session session, Request request, Reply reply, Change change) {
        Exchange.run(session, loop, () -> session.keyspace().get(Arguments.key(request, 1)), old -> {
            answerOrNil(old, reply);
            boolean done = change.of(Arguments.key(request, 1), old);
            if (done) {
                loop.metrics().looked(old != null);
            } else {
                reply.rollback();
            }
            return done;
        });
    }

    private static void answerOrNil(@Nullable KeyspaceValue value, Reply reply) {
        if (value == null) {
            reply.nil();
        } else {
            value.answer(reply);
        }
    }

    private void strlen(Session session, Request request, Reply reply) {
        try (KeyspaceValue value = look(session, Arguments.key(request, 1))) {
            reply.integer(value == null ? 0 : value.length());
        }
    }

    private void mget(Session session, Request request, Reply reply) {
        reply.array(request.count() - 1L);
        together.read(
                session,
                request,
                1,
                reply,
                i -> {
                    if ((i - 1) % Prefetch.CAPACITY == 0) {
                        prefetch(request, i);
                    }
                    return session.keyspace().answer(Arguments.key(request, i), reply);
                },
                found -> loop.metrics().looked(found, request.count() - 1L - found));
    }

    private void prefetch(Request request, int from) {
        boolean room = true;
        for (int i = from; room && i < request.count(); i++) {
            room = prefetch.add(prefetched.set(Arguments.key(request, i)));
        }
        prefetched.clear();
        prefetch.run();
    }

    private void mset(Session session, Request request, Reply reply) {
        checkPairs(request, "mset");
        AtomicChange.run(session, loop, request.budget(), new Pairs(request, false, written -> reply.ok()));
    }

    private void msetNx(Session session, Request request, Reply reply) {
        checkPairs(request, "msetnx");
        AtomicChange.run(
                session, loop, request.budget(), new Pairs(request, true, written -> reply.integer(written ? 1 : 0)));
    }

    /** The pairs of keys and values that a request consists of. */
    private static final class Pairs implements AtomicChange.Changes {

        private final Request request;
        private final boolean onlyIfAbsent;
        private final Consumer<Boolean> reply;
        private int looked;
        private int written;
        private boolean refused;

        Pairs(Request request, boolean onlyIfAbsent, Consumer<Boolean> reply) {
            this.request = request;
            this.onlyIfAbsent = onlyIfAbsent;
            this.reply = reply;
        }

        @Override
        public void begin() {
            looked = onlyIfAbsent ? 1 : request.count();
            written = 1;
            refused = false;
        }

        @Override
        public boolean make(TransactionKeyspace keys, Turn turn) {
            for (; looked < request.count(); looked += 2) {
                if (turn.isOver()) {
                    return false;
                }
                turn.spend(Turn.KEY_STEPS);
                if (keys.contains(request.key(looked))) {
                    refused = true;
                    return true;
                }
            }
            for (; written < request.count(); written += 2) {
                if (turn.isOver()) {
                    return false;
                }
                turn.spend(Turn.KEY_STEPS);
                ByteBuffer value = request.value(written + 1);
                keys.put(request.key(written), value, Keyspace.NO_EXPIRY, Condition.ALWAYS);
            }
            return true;
        }

        @Override
        public void reply() {
            reply.accept(!refused);
        }
    }

    private static void checkPairs(Request request, String command) {
        if (request.count() % 2 == 0) {
            throw new CommandError("ERR wrong number of arguments for '" + command + "' command");
        }
        for (int i = 1; i < request.count(); i += 2) {
            Arguments.checkKey(request, i);
        }
    }
}
