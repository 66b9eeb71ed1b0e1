package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Group.STRING;

import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.Place;
import dev.penstock.server.turn.Job;
import dev.penstock.server.turn.Suspended;
import org.jspecify.annotations.Nullable;

/** LCS: the longest common subsequence of two values. Its table takes bounded memory for the time of the command. */
final class LcsCommand {

    private static final long MOST_TABLE_BYTES = 64L << 20;

    private boolean wantsLength;
    private boolean wantsRanges;
    private boolean wantsRangeLengths;
    private long leastRangeLength;

    private static final long SLICE = 4096;

    private final LoopContext loop;

    private LcsCommand(LoopContext loop) {
        this.loop = loop;
    }

    static void register(CommandTable table, LoopContext loop) {
        table.add(Command.named("lcs")
                .arity(-3)
                .flags(READONLY)
                .keys(1, 2, 1)
                .docs(
                        STRING,
                        "7.0.0",
                        "O(N*M) where N and M are the lengths of the values",
                        "Finds the longest common subsequence of two values.")
                .runs((session, request, reply) -> new LcsCommand(loop).run(session, request, reply)));
    }

    private void run(Session session, Request request, Reply reply) {
        readOptions(request);
        KeyspaceValue one = session.keyspace().get(Arguments.key(request, 1));
        KeyspaceValue other = null;
        boolean begun = false;
        try {
            other = session.keyspace().get(Arguments.key(request, 2));
            long oneLength = one == null ? 0 : one.length();
            long otherLength = other == null ? 0 : other.length();
            if (oneLength >= MOST_TABLE_BYTES
                    || otherLength >= MOST_TABLE_BYTES
                    || (oneLength + 1) * (otherLength + 1) * Integer.BYTES > MOST_TABLE_BYTES) {
                throw new CommandError("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
            }
            begun = true;
        } finally {
            if (!begun) {
                close(one);
                close(other);
            }
        }
        session.run(new Search(one, other, request.budget(), reply));
    }

    private static void close(@Nullable KeyspaceValue value) {
        if (value != null) {
            value.close();
        }
    }

    private static byte[] bytes(@Nullable KeyspaceValue value) {
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
     * Cell (i, j) is the length of the longest common subsequence of the first i bytes of one value and j of the other.
     * The table is filled row by row and then walked from its end to its beginning, a part of it each turn. Long values
     * are copied by another thread first.
     */
    private final class Search implements Suspended {

        private static final int COPIES = 2; // of the values, and what they have in common
        private static final int CELLS_IN_STEP = 8;
        private static final int MOVES_IN_STEP = 4;
        private static final long LONG_LENGTH = 256 << 10;

        private final @Nullable KeyspaceValue oneValue;
        private final @Nullable KeyspaceValue otherValue;
        private final MemoryBudget memory;
        private final Reply reply;
        private long reserved;
        private @Nullable Job reading; // null unless the values are long and being copied
        private byte[] one = {}; // until they are copied
        private byte[] other = {};
        private @Nullable LcsTable table;
        private int row = 1;
        private int column = 1;
        private @Nullable Walk walk; // null until the table is full

        Search(@Nullable KeyspaceValue one, @Nullable KeyspaceValue other, MemoryBudget memory, Reply reply) {
            this.oneValue = one;
            this.otherValue = other;
            this.memory = memory;
            this.reply = reply;
        }

        @Override
        public boolean goOn() {
            LcsTable cells = table != null ? table : read();
            if (cells == null) {
                return false;
            }
            Walk back = walk;
            if (back == null) {
                if (!fill(cells)) {
                    return false;
                }
                back = new Walk(cells, one, other, reply);
                walk = back;
            }
            return back.goOn();
        }

        /** Copies the values and makes the table; null while another thread copies. */
        private @Nullable LcsTable read() {
            if (reading != null) {
                reading.result();
                reading = null;
            } else {
                long oneLength = oneValue == null ? 0 : oneValue.length();
                long otherLength = otherValue == null ? 0 : otherValue.length();
                long length = oneLength + otherLength;
                reserve(COPIES * length + oneLength * otherLength * Integer.BYTES);
                loop.turn().spendBytes(length);
                if (length >= LONG_LENGTH && isStored(oneValue) && isStored(otherValue)) {
                    reading = new Job(this::copy);
                    return null;
                }
                copy();
            }
            LcsTable cells = new LcsTable(one.length, other.length);
            table = cells;
            return cells;
        }

        /** All of it at once: of several clients one is refused at its start rather than all of them half-way. */
        private void reserve(long bytes) {
            memory.reserveMore(bytes);
            reserved = bytes;
        }

        private boolean copy() {
            other = bytes(otherValue);
            one = bytes(oneValue);
            return true;
        }

        /** Whether any thread may read it; what is only pending may lie where the event loop alone may. */
        private static boolean isStored(@Nullable KeyspaceValue value) {
            return value == null || value.isStored();
        }

        private boolean fill(LcsTable cells) {
            if (other.length == 0) {
                return true;
            }
            for (; row <= one.length; row++, column = 1) {
                while (column <= other.length) {
                    if (loop.turn().isOver()) {
                        return false;
                    }
                    int end = (int) Math.min(other.length + 1L, column + SLICE);
                    loop.turn().spend(1 + (end - column) / CELLS_IN_STEP);
                    cells.fill(one[row - 1], other, row, column, end);
                    column = end;
                }
            }
            return true;
        }

        @Override
        public @Nullable Runnable elsewhere() {
            return reading;
        }

        @Override
        public void close() {
            LcsCommand.close(oneValue);
            LcsCommand.close(otherValue);
            if (table != null) {
                table.close();
            }
            memory.release(reserved);
            reserved = 0;
        }
    }

    /** The answer, from the end to the beginning, as Redis goes, so that among equals the same one is found. */
    private final class Walk {

        private final LcsTable table;
        private final byte[] one;
        private final byte[] other;
        private final Reply reply;
        private final byte[] common;
        private int i;
        private int j;
        private int at;
        private @Nullable Ranges ranges;
        private @Nullable Place place;

        Walk(LcsTable table, byte[] one, byte[] other, Reply reply) {
            this.table = table;
            this.one = one;
            this.other = other;
            this.reply = reply;
            this.i = one.length;
            this.j = other.length;
            this.at = table.cell(i, j);
            this.common = new byte[wantsLength ? 0 : at];
        }

        boolean goOn() {
            if (wantsLength) {
                reply.integer(at);
                return true;
            }
            Ranges gathered = ranges != null ? ranges : begin();
            while (i > 0 && j > 0) {
                if (loop.turn().isOver()) {
                    return false;
                }
                int moves = 0;
                for (; moves < SLICE && i > 0 && j > 0; moves++) {
                    move(gathered);
                }
                loop.turn().spend(1 + moves / Search.MOVES_IN_STEP);
            }
            gathered.end();
            end(gathered);
            return true;
        }

        private Ranges begin() {
            if (wantsRanges) {
                reply.map(2);
                reply.bulk("matches");
                place = reply.reserve();
            }
            Ranges gathered = new Ranges(wantsRanges ? reply : null);
            ranges = gathered;
            return gathered;
        }

        private void move(Ranges gathered) {
            if (one[i - 1] == other[j - 1]) {
                common[--at] = one[--i];
                gathered.matched(i, --j);
            } else {
                if (table.cell(i - 1, j) > table.cell(i, j - 1)) {
                    i--;
                } else {
                    j--;
                }
                gathered.end();
            }
        }

        private void end(Ranges gathered) {
            Place matches = place;
            if (matches != null) {
                reply.fillArray(matches, gathered.count);
                reply.bulk("len");
                reply.integer(common.length);
            } else {
                reply.bulk(common);
            }
        }
    }

    /** Gathers matches, which come from the end to the beginning, into ranges and writes those that are long enough. */
    private final class Ranges {

        private final @Nullable Reply reply;
        private int oneStart;
        private int otherStart;
        private int length;
        private long count;

        /** @param reply null to write nothing */
        Ranges(@Nullable Reply reply) {
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
                range(reply, oneStart);
                range(reply, otherStart);
                if (wantsRangeLengths) {
                    reply.integer(length);
                }
            }
            length = 0;
        }

        private void range(Reply reply, int start) {
            reply.array(2);
            reply.integer(start);
            reply.integer(start + length - 1L);
        }
    }
}
