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

    private static final long SLICE = 4096;

    private final Node node;

    private LcsCommand(Node node) {
        this.node = node;
    }

    static void register(CommandTable table, Node node) {
        table.add(Command.named("lcs")
                .arity(-3)
                .flags(READONLY)
                .keys(1, 2, 1)
                .docs(
                        STRING,
                        "7.0.0",
                        "O(N*M) where N and M are the lengths of the values",
                        "Finds the longest common subsequence of two values.")
                .runs((session, request, reply) -> new LcsCommand(node).run(session, request, reply)));
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
            byte[] oneBytes = bytes(one);
            byte[] otherBytes = bytes(other);
            session.run(new Table(oneBytes, otherBytes, reply));
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

    /**
     * Cell (i, j) is the length of the longest common subsequence of the first i bytes of one and j of the other. The table
     * is filled row by row, some of them a turn.
     */
    private final class Table implements Suspended {

        private static final int CELLS_IN_STEP = 8;

        private final byte[] one;
        private final byte[] other;
        private final Reply reply;
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment[] rows; // made when they are filled
        private int row = 1;
        private int column = 1;

        Table(byte[] one, byte[] other, Reply reply) {
            this.one = one;
            this.other = other;
            this.reply = reply;
            this.rows = new MemorySegment[one.length + 1];
            addRow(0);
        }

        @Override
        public boolean goOn() {
            for (; row <= one.length; row++, column = 1) {
                if (column == 1 && rows[row] == null) {
                    addRow(row);
                }
                while (column <= other.length) {
                    if (node.turn().isOver()) {
                        return false;
                    }
                    int end = (int) Math.min(other.length + 1L, column + SLICE);
                    node.turn().spend(1 + (end - column) / CELLS_IN_STEP);
                    fill(end);
                    column = end;
                }
            }
            node.turn().spend((one.length + other.length) / CELLS_IN_STEP);
            answer(reply);
            return true;
        }

        private void addRow(int index) {
            rows[index] = arena.allocate(ValueLayout.JAVA_INT, other.length + 1L);
        }

        private void fill(int end) {
            int i = row;
            for (int j = column; j < end; j++) {
                int length =
                        one[i - 1] == other[j - 1] ? cell(i - 1, j - 1) + 1 : Math.max(cell(i - 1, j), cell(i, j - 1));
                rows[i].setAtIndex(ValueLayout.JAVA_INT, j, length);
            }
        }

        @Override
        public void close() {
            arena.close();
        }

        private int cell(int i, int j) {
            return rows[i].getAtIndex(ValueLayout.JAVA_INT, j);
        }

        private void answer(Reply reply) {
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
