package dev.penstock.store.internal.index;

import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.Arrays;

/**
 * The current mark of a store: what the newest batch that has one says of itself, and where its record is. It is no
 * key, and {@code CLEAR} leaves it.
 *
 * <p>Its record is counted, copied and checkpointed as a record of a key in stripe {@value #STRIPE} is, under the lock
 * of that stripe. What holds for such a key therefore holds for the mark.
 *
 * <p>Immutable.
 */
public final class AppliedMark {

    /** The stripe whose lock a writer of the mark holds. */
    public static final int STRIPE = 0;

    /** In place of the hash of a key, where one is needed to find the stripe. */
    public static final long HASH = 0;

    private final byte[] bytes;
    private final long position;

    private AppliedMark(byte[] bytes, long position) {
        this.bytes = bytes;
        this.position = position;
    }

    /**
     * Returns the mark that a record holds.
     *
     * @param bytes copied
     * @param position of the record
     */
    public static AppliedMark of(byte[] bytes, long position) {
        return new AppliedMark(bytes.clone(), position);
    }

    /** Returns the mark that a record of the kind {@link RecordLayout#APPLIED} holds. */
    public static AppliedMark of(RecordHeader header, long position) {
        int start = RecordLayout.KEY_OFFSET;
        return new AppliedMark(Arrays.copyOfRange(header.bytes(), start, start + header.keyLength()), position);
    }

    /** {@return a copy of its bytes} */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Whether both have the same bytes, wherever they are. */
    public boolean isLike(AppliedMark other) {
        return Arrays.equals(bytes, other.bytes);
    }

    /** Position of its record. */
    public long position() {
        return position;
    }

    /** Length of its record in bytes. */
    public long recordLength() {
        return RecordLayout.recordLength(0, RecordLayout.commitWord(RecordLayout.APPLIED, bytes.length), 0);
    }

    /** Counts its record as live. The caller holds the lock of the stripe. */
    public void count(SegmentSet segments) {
        segments.requireSegment(position).liveBytes().add(STRIPE, recordLength());
    }

    /** Counts its record as dead. The caller holds the lock of the stripe. */
    public void discount(SegmentSet segments) {
        segments.requireSegment(position).liveBytes().add(STRIPE, -recordLength());
    }
}
