package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Flag.WRITE;
import static dev.penstock.server.session.Command.Group.GENERIC;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;

/** EXPIRE, TTL and other commands about expiry. */
final class ExpiryCommands {

    private static final int ABSENT = -2;
    private static final int PERSISTENT = -1;

    private final LoopContext loop;

    ExpiryCommands(LoopContext loop) {
        this.loop = loop;
    }

    void register(CommandTable table) {
        table.add(expire("expire", "1.0.0", 1000, true, "Sets the expiry of a key, in seconds from now."));
        table.add(expire("pexpire", "2.6.0", 1, true, "Sets the expiry of a key, in milliseconds from now."));
        table.add(expire("expireat", "1.2.0", 1000, false, "Sets the expiry of a key, in seconds since 1970."));
        table.add(expire("pexpireat", "2.6.0", 1, false, "Sets the expiry of a key, in milliseconds since 1970."));
        table.add(tell("ttl", "1.0.0", "Returns the seconds until a key expires.", at -> seconds(left(at))));
        table.add(tell("pttl", "2.6.0", "Returns the milliseconds until a key expires.", this::left));
        table.add(tell(
                "expiretime", "7.0.0", "Returns the expiry of a key, in seconds since 1970.", ExpiryCommands::seconds));
        table.add(tell("pexpiretime", "7.0.0", "Returns the expiry of a key, in milliseconds since 1970.", at -> at));
        table.add(Command.named("persist")
                .arity(2)
                .flags(WRITE, FAST)
                .keys(1, 1, 1)
                .docs(GENERIC, "2.2.0", "O(1)", "Removes the expiry of a key.")
                .runs(ExpiryCommands::persist));
    }

    private Command expire(String name, String since, long unitMillis, boolean fromNow, String summary) {
        return Command.named(name)
                .arity(-3)
                .flags(WRITE, FAST)
                .keys(1, 1, 1)
                .docs(GENERIC, since, "O(1)", summary)
                .runs((session, request, reply) -> {
                    Terms terms = new Terms(request);
                    long now = loop.clock().millis();
                    long expiryMillis = expiryMillis(request, unitMillis, fromNow ? now : 0, name);
                    expire(session, request, terms, expiryMillis, now, reply);
                });
    }

    /** Times past are allowed, but not those that are too far away for a number. */
    private static long expiryMillis(Request request, long unitMillis, long baseMillis, String command) {
        long number = Arguments.integer(request, 2);
        if (number > Long.MAX_VALUE / unitMillis || number < Long.MIN_VALUE / unitMillis) {
            throw CommandError.invalidExpiry(command);
        }
        long millis = number * unitMillis;
        if (millis > Long.MAX_VALUE - baseMillis) {
            throw CommandError.invalidExpiry(command);
        }
        return millis + baseMillis;
    }

    private static void expire(
            Session session, Request request, Terms terms, long expiryMillis, long nowMillis, Reply reply) {
        session.attempt(() -> {
            ByteBuffer key = Arguments.key(request, 1);
            try (KeyspaceValue value = session.keyspace().get(key)) {
                if (value == null || !terms.allow(value, expiryMillis)) {
                    reply.integer(0);
                    return true;
                }
                boolean done = expiryMillis <= nowMillis
                        ? session.keyspace().remove(key, value)
                        : session.keyspace().expire(key, value, expiryMillis);
                if (done) {
                    reply.integer(1);
                }
                return done;
            }
        });
    }

    /** NX, XX, GT and LT: what the expiry now must be for another one to be set. */
    private static final class Terms {

        private boolean none;
        private boolean some;
        private boolean later;
        private boolean earlier;

        Terms(Request request) {
            for (int i = 3; i < request.count(); i++) {
                if (request.is(i, "nx")) {
                    none = true;
                } else if (request.is(i, "xx")) {
                    some = true;
                } else if (request.is(i, "gt")) {
                    later = true;
                } else if (request.is(i, "lt")) {
                    earlier = true;
                } else {
                    throw new CommandError("ERR Unsupported option " + Arguments.echoed(request, i));
                }
            }
            if (none && (some || later || earlier)) {
                throw new CommandError("ERR NX and XX, GT or LT options at the same time are not compatible");
            }
            if (later && earlier) {
                throw new CommandError("ERR GT and LT options at the same time are not compatible");
            }
        }

        /** No expiry counts as the latest of all. */
        boolean allow(KeyspaceValue value, long expiryMillis) {
            if (!value.expires()) {
                return !some && !later;
            }
            return !none
                    && (!later || expiryMillis > value.expiryMillis())
                    && (!earlier || expiryMillis < value.expiryMillis());
        }
    }

    /** @param answer makes the reply of the expiry */
    private Command tell(String name, String since, String summary, LongUnaryOperator answer) {
        return Command.named(name)
                .arity(2)
                .flags(READONLY, FAST)
                .keys(1, 1, 1)
                .docs(GENERIC, since, "O(1)", summary)
                .runs((session, request, reply) -> {
                    try (KeyspaceValue value = session.keyspace().get(Arguments.key(request, 1))) {
                        loop.metrics().looked(value != null);
                        if (value == null) {
                            reply.integer(ABSENT);
                        } else {
                            reply.integer(value.expires() ? answer.applyAsLong(value.expiryMillis()) : PERSISTENT);
                        }
                    }
                });
    }

    private long left(long expiryMillis) {
        return Math.max(0, expiryMillis - loop.clock().millis());
    }

    /** To the nearest. */
    private static long seconds(long millis) {
        return millis / 1000 + (millis % 1000 + 500) / 1000;
    }

    private static void persist(Session session, Request request, Reply reply) {
        session.attempt(() -> {
            ByteBuffer key = Arguments.key(request, 1);
            try (KeyspaceValue value = session.keyspace().get(key)) {
                if (value == null || !value.expires()) {
                    reply.integer(0);
                    return true;
                }
                if (!session.keyspace().expire(key, value, Keyspace.NO_EXPIRY)) {
                    return false;
                }
                reply.integer(1);
                return true;
            }
        });
    }
}
