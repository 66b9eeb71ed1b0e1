package dev.penstock.cluster;

import dev.penstock.cluster.raft.LogPosition;
import dev.penstock.server.replica.EntryMark;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The mark of a replica's store: three little-endian numbers of 8 bytes.
 *
 * @param position the last entry whose effects the store has; the first two numbers
 * @param millis the time of the newest entry that was executed, in milliseconds since 1970. The clock of the store
 *     begins there, so that nothing comes back to life that was expired for an entry before
 */
record ReplicaMark(LogPosition position, long millis) {

    private static final int POSITION_LENGTH = 2 * Long.BYTES;
    private static final int LENGTH = POSITION_LENGTH + Long.BYTES;

    /** That of a store that has executed nothing. */
    static final ReplicaMark NONE = new ReplicaMark(LogPosition.NONE, 0);

    /**
     * Reads the mark of a store. In the middle of an entry, that is the mark of the entry before.
     *
     * @param ofStore as {@link #bytes} has made it and {@link EntryMark} has extended it, or empty for none
     * @throws IllegalArgumentException if it is of another origin
     */
    static ReplicaMark of(byte[] ofStore) {
        byte[] mark = EntryMark.ofEntry(ofStore);
        if (mark.length == 0) {
            return NONE;
        }
        if (mark.length != LENGTH) {
            throw new IllegalArgumentException("a mark of " + mark.length + " bytes is not that of a replica");
        }
        long millis = ByteBuffer.wrap(mark).order(ByteOrder.LITTLE_ENDIAN).getLong(POSITION_LENGTH);
        return new ReplicaMark(LogPosition.ofMark(Arrays.copyOf(mark, POSITION_LENGTH)), millis);
    }

    byte[] bytes() {
        return ByteBuffer.allocate(LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(position.toMark())
                .putLong(millis)
                .array();
    }
}
