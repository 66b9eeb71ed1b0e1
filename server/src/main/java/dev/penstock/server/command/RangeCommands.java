package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.DENYOOM;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Flag.WRITE;
import static dev.penstock.server.session.Command.Group.STRING;

import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.keyspace.ValueParts;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GETRANGE, SETRANGE and APPEND: parts of values. */
final class RangeCommands {

    /** How far SETRANGE lengthens a value: a small request must not make a huge file. The limit is Redis's. */
    private static final long MOST_SET_LENGTH = 512L << 20;

    private final LoopContext loop;

    RangeCommands(LoopContext loop) {
        this.loop = loop;
    }

    void register(CommandTable table) {
        table.add(range("getrange", "2.4.0"));
        table.add(range("substr", "1.0.0"));
        table.add(Command.named("setrange")
                .longValue()
                .arity(4)
                .flags(WRITE, DENYOOM)
                .keys(1, 1, 1)
                .docs(STRING, "2.2.0", "O(N) where N is the length of the new value", "Overwrites a part of a value.")
                .runs(this::setRange));
        table.add(Command.named("append")
                .longValue()
                .arity(3)
                .flags(WRITE, DENYOOM, FAST)
                .keys(1, 1, 1)
                .docs(STRING, "2.0.0", "O(N) where N is the length of the new value", "Lengthens a value.")
                .runs(this::append));
    }

    private Command range(String name, String since) {
        return Command.named(name)
                .arity(4)
                .flags(READONLY)
                .keys(1, 1, 1)
                .docs(STRING, since, "O(N) where N is the length of the part", "Reads a part of a value.")
                .runs(this::getRange);
    }

    private void getRange(Session session, Request request, Reply reply) {
        long start = Arguments.integer(request, 2);
        long end = Arguments.integer(request, 3);
        KeyspaceValue value = session.keyspace().get(Arguments.key(request, 1));
        loop.metrics().looked(value != null);
        long length = value == null ? 0 : value.length();
        boolean backwards = start < 0 && end < 0 && start > end;
        long from = start < 0 ? Math.max(0, length + start) : start;
        long last = Math.min(length - 1, end < 0 ? Math.max(0, length + end) : end);
        if (value == null) {
            reply.bulk("");
        } else if (backwards || from > last) {
            value.close();
            reply.bulk("");
        } else {
            value.answer(reply, from, last - from + 1);
        }
    }

    private void setRange(Session session, Request request, Reply reply) {
        long offset = Arguments.integer(request, 2);
        if (offset < 0) {
            throw new CommandError("ERR offset is out of range");
        }
        session.run(
                new Replacement(session, loop) {
                    @Override
                    @Nullable
                    List<MemorySegment> parts(@Nullable KeyspaceValue old, MemorySegment part) {
                        long oldLength = old == null ? 0 : old.length();
                        if (part.byteSize() == 0) {
                            return null;
                        }
                        // An offset within the value cannot make it longer than the argument.
                        if (offset > Math.max(oldLength, MOST_SET_LENGTH - part.byteSize())) {
                            throw tooLong();
                        }
                        if (Math.max(oldLength, offset + part.byteSize())
                                > Math.max(oldLength, loop.settings().longestBulk())) {
                            throw tooLong();
                        }
                        return replaced(old, offset, part);
                    }
                }.of(request, 3, reply));
    }

    private static List<MemorySegment> replaced(@Nullable KeyspaceValue old, long offset, MemorySegment part) {
        List<MemorySegment> parts = ValueParts.of();
        long oldLength = old == null ? 0 : old.length();
        if (old != null) {
            parts.add(old.segment().asSlice(0, Math.min(offset, oldLength)));
        }
        ValueParts.addZeros(parts, offset - oldLength);
        parts.add(part);
        long end = offset + part.byteSize();
        if (old != null && end < oldLength) {
            parts.add(old.segment().asSlice(end));
        }
        return parts;
    }

    private void append(Session session, Request request, Reply reply) {
        session.run(
                new Replacement(session, loop) {
                    @Override
                    List<MemorySegment> parts(@Nullable KeyspaceValue old, MemorySegment suffix) {
                        if ((old == null ? 0 : old.length()) + suffix.byteSize()
                                > loop.settings().longestBulk()) {
                            throw tooLong();
                        }
                        return old == null ? ValueParts.of(suffix) : ValueParts.of(old.segment(), suffix);
                    }
                }.of(request, 2, reply));
    }

    private static CommandError tooLong() {
        return new CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    }
}
