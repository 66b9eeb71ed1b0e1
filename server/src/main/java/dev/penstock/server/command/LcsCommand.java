package dev.penstock.server.command;

import static dev.penstock.server.command.Command.Flag.READONLY;
import static dev.penstock.server.command.Command.Group.STRING;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.transfer.Place;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** LCS: the longest common subsequence of two values. The table takes memory of its own, bounded, for the occasion. */
final class LcsCommand {

    private static final long MOST_TABLE_BYTES = 64L << 20;

    private boolean wantsLength;
    private boolean wantsRanges;
    private boolean wantsRangeLengths;
    private long leastRangeLength;

    private LcsCommand() {}

    static void register(CommandTable table) {
        table.add(Command.named("lcs")
                .arity(-3)
                .flags(READONLY)
                .keys(1, 2, 1)
                .docs(
                        STRING,
                        "7.0.0",
                        "O(N*M) where N and M are the lengths of the values",
                        "Finds the longest common subsequence of two values.")
                .runs((session, request, reply) -> new LcsCommand().run(session, request, reply)));
    }

    private void run(Session session, Request request, Reply reply) {
        readOptions(request);
        try (Value one = session.keyspace().get(Arguments.key(request, 1));
                Value other = session.keyspace().get(Arguments.key(request, 2))) {
            long oneLength = one == null ? 0 : one.length();
            long otherLength = other == null ? 0 : other.length();
            if (oneLength >= MOST_TABLE_BYTES
                    || otherLength >= MOST_TABLE_BYTES
                    || (oneLength + 1) * (otherLength + 1) * Integer.BYTES > MOST_TABLE_BYTES) {
                throw new CommandError("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
            }
            try (Arena arena = Arena.ofConfined()) {
                new Table(bytes(one), bytes(other), arena).answer(reply);
            }
        }
    }

    private static byte[] bytes(Value value) {
        return value == null ? new byte[0] : value.toByteArray();
    }

    private void readOptions(Request request) {
        for (int i = 3; i < request.count(); i++) {
            if (request.is(i, "idx")) {
                wantsRanges = true;
            } else if (request.is(i, "len")) {
                wantsLength = true;
            } else if (request.is(i, "withmatchlen")) {
                wantsRangeLengths = true;
            } else if (request.is(i, "minmatchlen") && i + 1 < request.count()) {
                leastRangeLength = Arguments.integer(request, ++i);
            } else {
                throw CommandError.syntax();
            }
        }
        if (wantsLength && wantsRanges) {
            throw new CommandError("ERR If you want both the length and indexes, please just use IDX.");
        }
    }

    /** Cell (i, j) is the length of the longest common subsequence of the first i bytes of one and j of the other. */
    private final class Table {

        private final byte[] one;
        private final byte[] other;
        private final MemorySegment cells;

        Table(byte[] one, byte[] other, Arena arena) {
            this.one = one;
            this.other = other;
            this.cells = arena.allocate(ValueLayout.JAVA_INT, (one.length + 1L) * (other.length + 1L));
            for (int i = 1; i <= one.length; i++) {
                for (int j = 1; j <= other.length; j++) {
                    int length = one[i - 1] == other[j - 1]
                            ? cell(i - 1, j - 1) + 1
                            : Math.max(cell(i - 1, j), cell(i, j - 1));
                    cells.setAtIndex(ValueLayout.JAVA_INT, index(i, j), length);
                }
            }
        }

        private int cell(int i, int j) {
            return cells.getAtIndex(ValueLayout.JAVA_INT, index(i, j));
        }

        private long index(int i, int j) {
            return i * (other.length + 1L) + j;
        }

        void answer(Reply reply) {
            int length = cell(one.length, other.length);
            if (wantsLength) {
                reply.integer(length);
            } else if (wantsRanges) {
                reply.map(2);
                reply.bulk("matches");
                Place place = reply.reserve();
                Ranges ranges = new Ranges(reply);
                walk(new byte[length], ranges);
                reply.fillArray(place, ranges.count);
                reply.bulk("len");
                reply.integer(length);
            } else {
                byte[] common = new byte[length];
                walk(common, new Ranges(null));
                reply.bulk(common);
            }
        }

        /** From the end to the beginning, as Redis goes, so that among equals the same one is found. */
        private void walk(byte[] common, Ranges ranges) {
            int i = one.length;
            int j = other.length;
            int at = common.length;
            while (i > 0 && j > 0) {
                if (one[i - 1] == other[j - 1]) {
                    common[--at] = one[--i];
                    ranges.matched(i, --j);
                } else {
                    if (cell(i - 1, j) > cell(i, j - 1)) {
                        i--;
                    } else {
                        j--;
                    }
                    ranges.end();
                }
            }
            ranges.end();
        }
    }

    /** Gathers matches, which come from the end to the beginning, into ranges and writes those that are long enough. */
    private final class Ranges {

        private final Reply reply;
        private int oneStart;
        private int otherStart;
        private int length;
        private long count;

        /** @param reply null to write nothing */
        Ranges(Reply reply) {
            this.reply = reply;
        }

        void matched(int oneIndex, int otherIndex) {
            if (length > 0 && (oneStart != oneIndex + 1 || otherStart != otherIndex + 1)) {
                end();
            }
            oneStart = oneIndex;
            otherStart = otherIndex;
            length++;
        }

        void end() {
            if (length > 0 && reply != null && length >= leastRangeLength) {
                count++;
                reply.array(wantsRangeLengths ? 3 : 2);
                range(oneStart);
                range(otherStart);
                if (wantsRangeLengths) {
                    reply.integer(length);
                }
            }
            length = 0;
        }

        private void range(int start) {
            reply.array(2);
            reply.integer(start);
            reply.integer(start + length - 1L);
        }
    }
}
