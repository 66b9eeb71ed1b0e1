package dev.penstock.store.internal.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * CRC32C over memory of any kind. One instance serves one thread at a time.
 *
 * <p>The JDK's intrinsic reads a buffer's memory outside the protection of mapped accesses: a page that cannot be
 * supplied kills the JVM. So bytes of a mapped file, the store's own or a caller's, always go through a small buffer on
 * the heap, where the same failure is an {@link InternalError}. A segment does not show whether it belongs to a file:
 * {@link MemorySegment#isMapped} is false for one that was created from an address. All memory outside the heap is
 * therefore copied.
 */
public final class Checksum {

    private static final int BOUNCE_LENGTH = 16 * 1024;

    private final CRC32C crc = new CRC32C();
    private byte @Nullable [] bounce;

    public void reset() {
        crc.reset();
    }

    public int value() {
        return (int) crc.getValue();
    }

    public void update(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
    }

    /** Adds a part of a segment: heap, native or mapped. */
    public void update(MemorySegment segment, long offset, long length) {
        if (segment.heapBase().orElse(null) instanceof byte[] array) {
            // The address of a heap segment is its offset in the array.
            crc.update(array, (int) (segment.address() + offset), (int) length);
        } else {
            updateThroughHeap(segment, offset, length);
        }
    }

    private void updateThroughHeap(MemorySegment segment, long offset, long length) {
        if (bounce == null) {
            bounce = new byte[BOUNCE_LENGTH];
        }
        for (long done = 0; done < length; ) {
            int step = (int) Math.min(BOUNCE_LENGTH, length - done);
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset + done, bounce, 0, step);
            crc.update(bounce, 0, step);
            done += step;
        }
    }

    /** The checksum of one part of a segment. */
    public int of(MemorySegment segment, long offset, long length) {
        crc.reset();
        update(segment, offset, length);
        return value();
    }

    /**
     * The checksum of one part of memory outside the heap that belongs to no file. The buffer's position and limit
     * change.
     */
    public int of(ByteBuffer memory, int offset, int length) {
        crc.reset();
        crc.update(memory.limit(offset + length).position(offset));
        return value();
    }

    /** The checksum of one part of an array. */
    public int of(byte[] bytes, int offset, int length) {
        crc.reset();
        crc.update(bytes, offset, length);
        return value();
    }

    /** Returns the place of the one record in a large value's segment. No position of the log is like it. */
    public static long placeOfValue(long number) {
        return Long.MIN_VALUE | number;
    }

    /**
     * The salt with which a record's checksums are combined by exclusive-or. It differs for each store and each place,
     * so that bytes which were valid elsewhere are not valid here. Exclusive-or keeps the plain checksum recoverable,
     * so a record can move without its value being read again.
     *
     * @param place the position of a record of the log, or the {@linkplain #placeOfValue place} of a large value
     */
    public static int salt(long storeSalt, long place) {
        long mixed = (storeSalt ^ place) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
        return (int) (mixed ^ mixed >>> 32);
    }
}
