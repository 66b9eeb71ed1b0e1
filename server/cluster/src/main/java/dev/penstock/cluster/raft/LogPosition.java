package dev.penstock.cluster.raft;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A place in the log of a group, as the mark of a store says it: two little-endian numbers of 8 bytes.
 *
 * @param term the term of the leader that appended the entry
 * @param index the number of the entry; the first one has 0
 */
public record LogPosition(long term, long index) {

    /** Before the first entry. */
    public static final LogPosition NONE = new LogPosition(0, -1);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /**
     * Reads a mark.
     *
     * @param mark as {@link #toMark} has made it, or empty for none
     * @throws IllegalArgumentException if it is of another origin
     */
    public static LogPosition ofMark(byte[] mark) {
        if (mark.length == 0) {
            return NONE;
        }
        if (mark.length != 2 * Long.BYTES) {
            throw new IllegalArgumentException("a mark of " + mark.length + " bytes is not that of a replica");
        }
        return new LogPosition((long) LONG.get(mark, 0), (long) LONG.get(mark, Long.BYTES));
    }

    /** Makes the mark of a store that contains the effects of all entries up to this one. */
    public byte[] toMark() {
        byte[] mark = new byte[2 * Long.BYTES];
        LONG.set(mark, 0, term);
        LONG.set(mark, Long.BYTES, index);
        return mark;
    }

    @Override
    public String toString() {
        return "entry " + index + " of term " + term;
    }
}
