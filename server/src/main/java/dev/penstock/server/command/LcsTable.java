package dev.penstock.server.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The table of LCS, for two values whose lengths, each with one added, have a product of at most 16 million. It takes
 * memory as it is filled, in blocks, whatever its shape. Event-loop thread only.
 */
final class LcsTable implements AutoCloseable {

    private static final int BLOCK_SHIFT = 16;
    private static final int BLOCK_CELLS = 1 << BLOCK_SHIFT;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment[] blocks;
    private final long width;

    LcsTable(int rows, int columns) {
        width = columns;
        blocks = new MemorySegment[(int) (((long) rows * columns + BLOCK_CELLS - 1) >>> BLOCK_SHIFT)];
    }

    /** Fills a row, which belongs to a byte of one value, from a column to another, that one not included. */
    void fill(byte letter, byte[] other, int row, int from, int end) {
        int left = cell(row, from - 1);
        int aboveLeft = cell(row - 1, from - 1);
        for (int column = from; column < end; column++) {
            int above = cell(row - 1, column);
            left = letter == other[column - 1] ? aboveLeft + 1 : Math.max(above, left);
            aboveLeft = above;
            set(row, column, left);
        }
    }

    private void set(int row, int column, int value) {
        long index = (row - 1) * width + column - 1;
        int block = (int) (index >>> BLOCK_SHIFT);
        if (blocks[block] == null) {
            blocks[block] = arena.allocate(ValueLayout.JAVA_INT, BLOCK_CELLS);
        }
        blocks[block].setAtIndex(ValueLayout.JAVA_INT, index & (BLOCK_CELLS - 1), value);
    }

    /** Row and column 0 are those of no bytes. */
    int cell(int row, int column) {
        if (row == 0 || column == 0) {
            return 0;
        }
        long index = (row - 1) * width + column - 1;
        return blocks[(int) (index >>> BLOCK_SHIFT)].getAtIndex(ValueLayout.JAVA_INT, index & (BLOCK_CELLS - 1));
    }

    @Override
    public void close() {
        arena.close();
    }
}
