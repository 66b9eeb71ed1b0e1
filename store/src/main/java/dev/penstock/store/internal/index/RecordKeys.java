package dev.penstock.store.internal.index;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Access to the keys in the records: the directory itself holds none. */
final class RecordKeys {

    private static final ValueLayout.OfLong STORED = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle GIVEN = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Of the processor's cache. A short value ends on the third line of its record at the latest. */
    private static final int LINE_LENGTH = 64;

    private final SegmentSet segments;
    private final KeyHash keyHash;
    private final long salt;

    RecordKeys(SegmentSet segments, KeyHash keyHash, long salt) {
        this.segments = segments;
        this.keyHash = keyHash;
        this.salt = salt;
    }

    /**
     * Whether the record at a position has this key.
     *
     * @throws StaleLocationException if the record's segment is gone
     */
    boolean matches(long position, byte[] key, int keyOffset, int keyLength) {
        Segment segment = segments.segment(position);
        if (segment == null) {
            throw new StaleLocationException();
        }
        MemorySegment memory = segment.memory();
        long offset = segments.offset(position);
        if (RecordLayout.keyLength(RecordLayout.publishedCommitWord(memory, offset)) == keyLength
                && equal(memory, offset + RecordLayout.KEY_OFFSET, key, keyOffset, keyLength)) {
            return true;
        }
        refuseDamage(segment, offset, position);
        return false;
    }

    /** Reads something of each of the first lines of the record at a position, if it is still there. */
    long touch(long position) {
        Segment segment = segments.segment(position);
        long offset = segments.offset(position);
        if (segment == null || offset + Integer.BYTES > segment.memory().byteSize()) {
            return 0;
        }
        MemorySegment memory = segment.memory();
        // The file ends with the last record, and to touch what lies after it is a fault.
        long last = Math.max(offset, segment.usedLength() - Integer.BYTES);
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset)
                ^ memory.get(ValueLayout.JAVA_INT_UNALIGNED, Math.min(offset + LINE_LENGTH, last))
                ^ memory.get(ValueLayout.JAVA_INT_UNALIGNED, Math.min(offset + 2 * LINE_LENGTH, last));
    }

    /**
     * A tag that matches where the key does not is a rare chance, once in some thousand lookups; or the record's key is
     * not what it was, and the lookup must not say that there is none.
     */
    private void refuseDamage(Segment segment, long offset, long position) {
        RecordScanner record = new RecordScanner(
                segment.memory(),
                position - offset,
                salt,
                offset,
                segment.memory().byteSize());
        if (!record.next()) {
            throw new CorruptionException(segment.name(), offset, record.problem());
        }
    }

    /** The hash of the key of the record at a position. */
    long hash(long position) {
        Segment segment = segments.segment(position);
        if (segment == null
                || segments.offset(position) + RecordLayout.KEY_OFFSET
                        > segment.memory().byteSize()) {
            throw new CorruptionException(
                    CheckpointHeader.FILE_NAME, 0, "its key directory points at a place without a record");
        }
        byte[] key = segment.key(segments.offset(position));
        return keyHash.of(key, 0, key.length);
    }

    /** Eight bytes at a time; the last eight may overlap those before. */
    private static boolean equal(MemorySegment memory, long stored, byte[] key, int keyOffset, int keyLength) {
        int last = keyLength - Long.BYTES;
        if (last < 0) {
            return equalShort(memory, stored, key, keyOffset, keyLength);
        }
        return equalWord(memory, stored, key, keyOffset)
                && equalWord(memory, stored + last, key, keyOffset + last)
                && (last <= Long.BYTES || equalMiddle(memory, stored, key, keyOffset, last));
    }

    private static boolean equalMiddle(MemorySegment memory, long stored, byte[] key, int keyOffset, int last) {
        for (int done = Long.BYTES; done < last; done += Long.BYTES) {
            if (!equalWord(memory, stored + done, key, keyOffset + done)) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalWord(MemorySegment memory, long stored, byte[] key, int keyOffset) {
        return memory.get(STORED, stored) == (long) GIVEN.get(key, keyOffset);
    }

    private static boolean equalShort(MemorySegment memory, long stored, byte[] key, int keyOffset, int keyLength) {
        for (int done = 0; done < keyLength; done++) {
            if (memory.get(ValueLayout.JAVA_BYTE, stored + done) != key[keyOffset + done]) {
                return false;
            }
        }
        return true;
    }
}
