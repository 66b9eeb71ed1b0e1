package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.DENYOOM;
import static dev.penstock.server.command.Command.Flag.FAST;
import static dev.penstock.server.command.Command.Flag.READONLY;
import static dev.penstock.server.command.Command.Flag.WRITE;
import static dev.penstock.server.command.Command.Group.STRING;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * GET, SET and the rest of what reads and writes values. Atomic among the clients of this server, because one thread
 * executes all of them; an embedder writing to the same store beside the server may come between a read and its write.
 */
final class StringCommands {

    /** When a write happens. */
    private enum Condition {
        ALWAYS,
        IF_ABSENT,
        IF_PRESENT
    }

    private static final int COPY_BYTES = 1 << 20;

    private final Node node;
    private final Store store;

    StringCommands(Node node) {
        this.node = node;
        this.store = node.store();
    }

    void register(CommandTable table) {
        table.add(Command.named("get")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "1.0.0", "O(1)", "Reads a value.")
                .runs(this::get));
        table.add(Command.named("set")
                .arity(-3)
                .flags(WRITE, DENYOOM)
                .keys(1, 1, 1)
                .streams(2)
                .docs(STRING, "1.0.0", "O(1)", "Writes a value, if asked only where there is one or none.")
                .runs(this::set));
        table.add(Command.named("setnx")
                .arity(3)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .streams(2)
                .docs(STRING, "1.0.0", "O(1)", "Writes a value where there is none.")
                .runs((session, request, reply) -> reply.integer(write(request, Condition.IF_ABSENT) ? 1 : 0)));
        table.add(Command.named("getset")
                .arity(3)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .streams(2)
                .docs(STRING, "1.0.0", "O(1)", "Writes a value and answers the one before it.")
                .runs((session, request, reply) -> exchange(request, reply, Condition.ALWAYS)));
        table.add(Command.named("getdel")
                .arity(2)
                .flags(WRITE, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "6.2.0", "O(1)", "Reads a value and deletes it.")
                .runs(this::getDel));
        table.add(Command.named("append")
                .arity(3)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "2.0.0", "O(N) where N is the length of the new value", "Lengthens a value.")
                .runs(this::append));
        table.add(Command.named("strlen")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "2.2.0", "O(1)", "Tells how long a value is.")
                .runs(this::strlen));
        table.add(range("getrange", "2.4.0"));
        table.add(range("substr", "1.0.0"));
        table.add(Command.named("mget")
                .arity(-2)
                .flags(READONLY, FAST)
                .keys(1, -1, 1)
                .docs(STRING, "1.0.0", "O(N) where N is the number of keys", "Reads several values.")
                .runs(this::mget));
        table.add(Command.named("mset")
                .arity(-3)
                .flags(WRITE, DENYOOM)
                .keys(1, -1, 2)
                .docs(STRING, "1.0.1", "O(N) where N is the number of keys", "Writes several values.")
                .runs(this::mset));
    }

    private Command range(String name, String since) {
        return Command.named(name)
                .arity(4)
                .flags(READONLY)
                .keys(1, 1, 1)
                .docs(STRING, since, "O(N) where N is the length of the part", "Reads a part of a value.")
                .runs(this::getRange);
    }

    private ValueView look(Request request, int index) {
        ValueView view = store.get(Arguments.key(request, index));
        node.statistics().looked(view != null);
        return view;
    }

    private void get(Session session, Request request, Reply reply) {
        answer(request, 1, reply);
    }

    private void answer(Request request, int index, Reply reply) {
        node.statistics().looked(reply.value(store, Arguments.key(request, index)));
    }

    private void set(Session session, Request request, Reply reply) {
        Condition condition = Condition.ALWAYS;
        boolean answersOld = false;
        for (int i = 3; i < request.count(); i++) {
            if (request.is(i, "nx") && condition != Condition.IF_PRESENT) {
                condition = Condition.IF_ABSENT;
            } else if (request.is(i, "xx") && condition != Condition.IF_ABSENT) {
                condition = Condition.IF_PRESENT;
            } else if (request.is(i, "get")) {
                answersOld = true;
            } else if (!request.is(i, "keepttl")) { // there is no time to live that could be lost
                throw CommandError.syntax();
            }
        }
        if (answersOld) {
            exchange(request, reply, condition);
        } else if (write(request, condition)) {
            reply.ok();
        } else {
            reply.nil();
        }
    }

    /** Whether the condition held and the value of arguments 1 and 2 is written. */
    private boolean write(Request request, Condition condition) {
        if (request.isStreamed(2)) {
            ValueWriter writer = request.upload().writer();
            return switch (condition) {
                case ALWAYS -> {
                    writer.commit();
                    yield true;
                }
                case IF_ABSENT -> writer.commitIfAbsent();
                case IF_PRESENT -> writer.commitIfPresent();
            };
        }
        ByteBuffer key = Arguments.key(request, 1);
        ByteBuffer value = request.value(2);
        return switch (condition) {
            case ALWAYS -> {
                store.put(key, value);
                yield true;
            }
            case IF_ABSENT -> store.putIfAbsent(key, value);
            case IF_PRESENT -> store.replace(key, value);
        };
    }

    /** The reply is the value before, whether or not a new one was written. */
    private void exchange(Request request, Reply reply, Condition condition) {
        ValueView old = look(request, 1);
        try {
            write(request, condition);
        } catch (RuntimeException e) {
            if (old != null) {
                old.close();
            }
            throw e;
        }
        reply.valueOrNil(old);
    }

    private void getDel(Session session, Request request, Reply reply) {
        ValueView old = look(request, 1);
        if (old != null) {
            store.remove(Arguments.key(request, 1));
        }
        reply.valueOrNil(old);
    }

    private void append(Session session, Request request, Reply reply) {
        byte[] key = Arguments.keyCopy(request, 1);
        try (ValueView old = store.get(key)) {
            ByteBuffer suffix = request.value(2);
            long oldLength = old == null ? 0 : old.length();
            long length = oldLength + suffix.remaining();
            if (length > Store.MAX_VALUE_LENGTH) {
                throw new CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
            }
            try (ValueWriter writer = store.putStream(key, length)) {
                for (long from = 0; from < oldLength; from += COPY_BYTES) {
                    long part = Math.min(COPY_BYTES, oldLength - from);
                    write(writer, old.segment().asSlice(from, part).asByteBuffer());
                }
                write(writer, suffix);
                writer.commit();
            }
            reply.integer(length);
        }
    }

    private static void write(ValueWriter writer, ByteBuffer source) {
        try {
            while (source.hasRemaining()) {
                writer.write(source);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // declared by WritableByteChannel; the store has its own exceptions
        }
    }

    private void strlen(Session session, Request request, Reply reply) {
        try (ValueView view = look(request, 1)) {
            reply.integer(view == null ? 0 : view.length());
        }
    }

    private void getRange(Session session, Request request, Reply reply) {
        long start = Arguments.integer(request, 2);
        long end = Arguments.integer(request, 3);
        ValueView view = look(request, 1);
        long length = view == null ? 0 : view.length();
        boolean backwards = start < 0 && end < 0 && start > end;
        long from = start < 0 ? Math.max(0, length + start) : start;
        long last = Math.min(length - 1, end < 0 ? Math.max(0, length + end) : end);
        if (view == null) {
            reply.bulk("");
        } else if (backwards || from > last) {
            view.close();
            reply.bulk("");
        } else {
            reply.part(view, from, last - from + 1);
        }
    }

    private void mget(Session session, Request request, Reply reply) {
        reply.array(request.count() - 1L);
        for (int i = 1; i < request.count(); i++) {
            answer(request, i, reply);
        }
    }

    /** Key by key: a store that fills up half-way keeps the pairs before. */
    private void mset(Session session, Request request, Reply reply) {
        if (request.count() % 2 == 0) {
            throw new CommandError("ERR wrong number of arguments for 'mset' command");
        }
        for (int i = 1; i < request.count(); i += 2) {
            Arguments.checkKey(request, i);
        }
        for (int i = 1; i < request.count(); i += 2) {
            store.put(request.key(i), request.value(i + 1));
        }
        reply.ok();
    }
}
