package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.DENYOOM;
import static dev.penstock.server.command.Command.Flag.FAST;
import static dev.penstock.server.command.Command.Flag.READONLY;
import static dev.penstock.server.command.Command.Flag.WRITE;
import static dev.penstock.server.command.Command.Group.STRING;

import dev.penstock.server.command.Keyspace.Condition;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.store.ValueWriter;
import java.nio.ByteBuffer;

/**
 * GET, SET and the rest of what reads and writes values. Atomic among the clients of this server, because one thread
 * executes all of them; an embedder writing to the same store beside the server may come between a read and its write.
 */
final class StringCommands {

    private final Node node;

    StringCommands(Node node) {
        this.node = node;
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
                .runs((session, request, reply) ->
                        reply.integer(write(session, request, Condition.IF_ABSENT) ? 1 : 0)));
        table.add(Command.named("getset")
                .arity(3)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .streams(2)
                .docs(STRING, "1.0.0", "O(1)", "Writes a value and answers the one before it.")
                .runs((session, request, reply) -> exchange(session, request, reply, Condition.ALWAYS)));
        table.add(Command.named("getdel")
                .arity(2)
                .flags(WRITE, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "6.2.0", "O(1)", "Reads a value and deletes it.")
                .runs(this::getDel));
        table.add(Command.named("strlen")
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "2.2.0", "O(1)", "Tells how long a value is.")
                .runs(this::strlen));
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
                .runs(StringCommands::mset));
    }

    private Value look(Session session, ByteBuffer key) {
        Value value = session.keyspace().get(key);
        node.statistics().looked(value != null);
        return value;
    }

    private void get(Session session, Request request, Reply reply) {
        answer(session, request, 1, reply);
    }

    private void answer(Session session, Request request, int index, Reply reply) {
        node.statistics().looked(session.keyspace().answer(Arguments.key(request, index), reply));
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
            exchange(session, request, reply, condition);
        } else if (write(session, request, condition)) {
            reply.ok();
        } else {
            reply.nil();
        }
    }

    /** Whether the condition held and the value of arguments 1 and 2 is written. */
    private static boolean write(Session session, Request request, Condition condition) {
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
        return session.keyspace().put(Arguments.key(request, 1), request.value(2), condition);
    }

    /** The reply is the value before, whether or not a new one was written. */
    private void exchange(Session session, Request request, Reply reply, Condition condition) {
        Value old = look(session, Arguments.key(request, 1));
        try {
            write(session, request, condition);
        } catch (RuntimeException e) {
            if (old != null) {
                old.close();
            }
            throw e;
        }
        answerOrNil(old, reply);
    }

    private static void answerOrNil(Value value, Reply reply) {
        if (value == null) {
            reply.nil();
        } else {
            value.answer(reply);
        }
    }

    private void getDel(Session session, Request request, Reply reply) {
        ByteBuffer key = Arguments.key(request, 1);
        Value old = look(session, key);
        if (old != null) {
            session.keyspace().remove(key);
        }
        answerOrNil(old, reply);
    }

    private void strlen(Session session, Request request, Reply reply) {
        try (Value value = look(session, Arguments.key(request, 1))) {
            reply.integer(value == null ? 0 : value.length());
        }
    }

    private void mget(Session session, Request request, Reply reply) {
        reply.array(request.count() - 1L);
        for (int i = 1; i < request.count(); i++) {
            answer(session, request, i, reply);
        }
    }

    /** Key by key: a store that fills up half-way keeps the pairs before. */
    private static void mset(Session session, Request request, Reply reply) {
        if (request.count() % 2 == 0) {
            throw new CommandError("ERR wrong number of arguments for 'mset' command");
        }
        for (int i = 1; i < request.count(); i += 2) {
            Arguments.checkKey(request, i);
        }
        for (int i = 1; i < request.count(); i += 2) {
            session.keyspace().put(request.key(i), request.value(i + 1), Condition.ALWAYS);
        }
        reply.ok();
    }
}
