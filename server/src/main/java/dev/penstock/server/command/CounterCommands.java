package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.DENYOOM;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.WRITE;
import static dev.penstock.server.session.Command.Group.STRING;

import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.keyspace.ValueParts;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.Ascii;
import dev.penstock.server.resp.Ascii.NotANumberException;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.LongDouble;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.Session;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** INCR and its family: values that are numbers, written as text. */
final class CounterCommands {

    private static final String INCREASES = "Adds to the number that a value is; an absent one counts as 0.";
    private static final String DECREASES = "Subtracts from the number that a value is; an absent one counts as 0.";

    private static final int DECIMAL_STEPS = 100;

    /** Longer than any number that may be one. */
    private static final int TOO_LONG = 5 * 1024;

    void register(CommandTable table) {
        table.add(command("incr", 2, "1.0.0", INCREASES)
                .runs((session, request, reply) -> add(session, request, reply, 1)));
        table.add(command("decr", 2, "1.0.0", DECREASES)
                .runs((session, request, reply) -> add(session, request, reply, -1)));
        table.add(command("incrby", 3, "1.0.0", INCREASES)
                .runs((session, request, reply) -> add(session, request, reply, Arguments.integer(request, 2))));
        table.add(command("decrby", 3, "1.0.0", DECREASES).runs(CounterCommands::decrementBy));
        table.add(command("incrbyfloat", 3, "2.6.0", "Adds to the decimal number that a value is.")
                .costs(DECIMAL_STEPS)
                .runs(CounterCommands::addFloat));
    }

    private static Command command(String name, int arity, String since, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .docs(STRING, since, "O(1)", summary);
    }

    private static void decrementBy(Session session, Request request, Reply reply) {
        long decrement = Arguments.integer(request, 2);
        if (decrement == Long.MIN_VALUE) {
            throw new CommandError("ERR decrement would overflow");
        }
        add(session, request, reply, -decrement);
    }

    private static void add(Session session, Request request, Reply reply, long increment) {
        session.attempt(() -> {
            ByteBuffer key = Arguments.key(request, 1);
            try (KeyspaceValue old = session.keyspace().get(key)) {
                long sum = sum(old == null ? 0 : number(old), increment);
                boolean written = write(session, key, old, Long.toString(sum));
                if (written) {
                    reply.integer(sum);
                }
                return written;
            }
        });
    }

    private static long sum(long number, long increment) {
        try {
            return Math.addExact(number, increment);
        } catch (ArithmeticException overflow) {
            throw new CommandError("ERR increment or decrement would overflow");
        }
    }

    private static long number(KeyspaceValue value) {
        try {
            byte[] text = value.length() < TOO_LONG ? value.toSoundArray() : new byte[0];
            return Ascii.parseLong(ByteBuffer.wrap(text), 0, text.length);
        } catch (NotANumberException e) {
            throw CommandError.notAnInteger();
        }
    }

    private static void addFloat(Session session, Request request, Reply reply) {
        session.attempt(() -> {
            ByteBuffer key = Arguments.key(request, 1);
            try (KeyspaceValue old = session.keyspace().get(key)) {
                LongDouble number = old == null ? LongDouble.ZERO : decimal(old);
                LongDouble result = number.plus(checked(request.length(2) < TOO_LONG ? request.text(2) : ""));
                if (!result.isFinite()) {
                    throw new CommandError("ERR increment would produce NaN or Infinity");
                }
                String sum = result.toString();
                reply.bulk(sum); // first, as it may be long
                boolean written = write(session, key, old, sum);
                if (!written) {
                    reply.rollback();
                }
                return written;
            }
        });
    }

    private static LongDouble decimal(KeyspaceValue value) {
        return checked(value.length() < TOO_LONG ? new String(value.toSoundArray(), StandardCharsets.ISO_8859_1) : "");
    }

    private static LongDouble checked(String text) {
        LongDouble number = LongDouble.parse(text);
        if (number == null) {
            throw new CommandError("ERR value is not a valid float");
        }
        return number;
    }

    /** False if another writer came between the reading and this. */
    private static boolean write(Session session, ByteBuffer key, @Nullable KeyspaceValue old, String text) {
        MemorySegment value = MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
        return session.keyspace().update(key, old, ValueParts.of(value), KeyspaceValue.expiryOf(old));
    }
}
