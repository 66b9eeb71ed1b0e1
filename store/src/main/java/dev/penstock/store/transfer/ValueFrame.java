package dev.penstock.store.transfer;

import dev.penstock.store.ValueView;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.io.CutShortException;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.read.CursorAccess;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A value's RESP frame, {@code $<length>\r\n<value>\r\n}, as it lies in its file, and the ways in which it can leave
 * there. Offsets count from the frame's first byte.
 *
 * <p>It lives until its view is closed or used again, and like it is used by one thread at a time, except the reads,
 * which any thread may make while the view is open.
 */
public final class ValueFrame {

    /** Returned where the system, or a JVM without native access, cannot do this. */
    public static final long UNSUPPORTED = DiskFile.UNSUPPORTED;

    /** What the address and the capacity of a buffer for {@link #readUncached} must be a multiple of. */
    public static final int DIRECT_ALIGNMENT = DiskFile.DIRECT_ALIGNMENT;

    private final ValueView view;
    private final long start;
    private final long length;

    private ValueFrame(ValueView view) {
        this.view = view;
        this.start = CursorAccess.frameStart(view);
        this.length = lengthOf(view);
    }

    /** The frame of the value that a view shows. */
    public static ValueFrame of(ValueView view) {
        return new ValueFrame(view);
    }

    /** Length of a value's frame in bytes; makes no object. */
    public static long lengthOf(ValueView view) {
        return CursorAccess.frameLength(view);
    }

    /**
     * Copies as much of a value's frame, from an offset on, as the buffer has space for; returns how much. Makes no
     * object of the frame.
     */
    public static int copy(ValueView view, long offset, ByteBuffer target) {
        long length = lengthOf(view);
        checkRange(offset, length);
        return CursorAccess.copy(view, CursorAccess.frameStart(view) + offset, target, length - offset);
    }

    /**
     * Returns the CRC32C of a value as it was stored with it. Reads none of the value's bytes, and therefore does not
     * say whether they still match. With {@link ValueView#version} it tells the value from all others, even where a
     * version repeats: after a power cut, or in a store that was restored from a backup.
     */
    public static int checksumOf(ValueView view) {
        return CursorAccess.valueChecksum(view);
    }

    /** Returns whether a value is still to be {@linkplain #verify verified} before its bytes are used. */
    public static boolean isVerificationDue(ValueView view) {
        return CursorAccess.isUnverified(view);
    }

    /**
     * Makes it {@linkplain #isVerificationDue due} to verify a value, whatever the options of the store say. For a
     * value of which another is made: the new one gets a checksum of its own, which would match damaged bytes as well.
     */
    public static void requireVerification(ValueView view) {
        CursorAccess.requireVerification(view);
    }

    /**
     * Compares a value with its checksum and looks at the frame around it, if that {@linkplain #isVerificationDue is
     * due}. Reads all of the value.
     *
     * @throws dev.penstock.store.CorruptionException if either is damaged; the view is closed then
     */
    public static void verify(ValueView view) {
        CursorAccess.verify(view);
    }

    /** Length of the frame in bytes. */
    public long length() {
        return length;
    }

    /** Length of {@code $<length>\r\n}, behind which the value begins. */
    public int prefixLength() {
        return (int) (length - view.length() - 2);
    }

    /** Writes from the mapping, in one call; returns how many bytes the channel took. The kernel copies once. */
    public long writeMapped(WritableByteChannel target, long offset, long most) throws IOException {
        ByteBuffer bytes = memory(offset, most).asByteBuffer();
        try {
            return CursorAccess.errors(view).touch(() -> (long) CallersCode.writeMapped(target, bytes));
        } catch (IOException e) {
            // What the system says of a page that it cannot supply is that the address is bad.
            CursorAccess.refuseShortFile(view, 0, start + offset, bytes.limit());
            throw e;
        }
    }

    /**
     * Sends file-to-channel, in one call; returns how many bytes the channel took. Nothing is copied by a processor.
     */
    public long transferTo(WritableByteChannel target, long offset, long most) throws IOException {
        long count = bounded(offset, most);
        long sent = CursorAccess.call(view, file -> file.transferTo(start + offset, count, target));
        CursorAccess.refuseShortFile(view, sent, start + offset, count);
        return sent;
    }

    /** Moves pages into a pipe; returns how many bytes it took, or {@link #UNSUPPORTED}. Nothing is copied. */
    public long splice(SplicePipe target, long offset, long most) throws IOException {
        long count = bounded(offset, most);
        long moved = CursorAccess.call(view, file -> file.spliceTo(start + offset, count, target.pipe()));
        if (moved != UNSUPPORTED) {
            CursorAccess.refuseShortFile(view, moved, start + offset, count);
        }
        return moved;
    }

    /**
     * Reads from the file, through the page cache, until the buffer is full or the frame ends; returns the bytes read.
     */
    public int read(long offset, ByteBuffer target) throws IOException {
        int count = (int) bounded(offset, target.remaining());
        ByteBuffer part = target.slice(target.position(), count);
        int read = (int) CursorAccess.call(view, file -> {
            int filled = file.read(part, start + offset);
            if (filled < count) {
                throw new CutShortException(file.path(), file.size(), start + length);
            }
            return filled;
        });
        target.position(target.position() + read);
        return read;
    }

    /**
     * Reads from the disk past the page cache, which neither gains nor loses anything by it. The buffer's content
     * becomes bytes of the frame from {@code offset} on, at most {@code most} of them: between its position and its
     * limit.
     *
     * @param buffer direct, its address and capacity multiples of {@link #DIRECT_ALIGNMENT}
     * @return the bytes read, or {@link #UNSUPPORTED}
     */
    public long readUncached(long offset, long most, ByteBuffer buffer) throws IOException {
        long count = bounded(offset, most);
        long from = start + offset;
        int skipped = (int) (from % DIRECT_ALIGNMENT);
        int wanted = (int) Math.min(count, buffer.capacity() - skipped);
        buffer.clear().limit(roundUp(skipped + wanted));
        long read = CursorAccess.call(view, file -> file.readUncached(buffer, from - skipped));
        if (read == UNSUPPORTED) {
            return UNSUPPORTED;
        }
        int available = Math.clamp(read - skipped, 0, wanted);
        if (available < wanted) {
            CursorAccess.call(view, file -> {
                throw new CutShortException(file.path(), file.size(), start + length);
            });
        }
        buffer.limit(skipped + available).position(skipped);
        return available;
    }

    private static int roundUp(int length) {
        return (length + DIRECT_ALIGNMENT - 1) & -DIRECT_ALIGNMENT;
    }

    /** Whether all of a stretch is in memory now, so that to send it waits for no disk. */
    public boolean isResident(long offset, long most) {
        MemorySegment part = memory(offset, most);
        return CursorAccess.errors(view).call("looking for a value in memory", () -> NativeMemory.isLoaded(part));
    }

    private MemorySegment memory(long offset, long most) {
        return CursorAccess.memory(view, start + offset, bounded(offset, most));
    }

    private long bounded(long offset, long most) {
        checkRange(offset, length);
        return Math.min(most, length - offset);
    }

    private static void checkRange(long offset, long length) {
        if (offset < 0 || offset > length) {
            throw new IndexOutOfBoundsException("offset " + offset + " of a frame of " + length + " bytes");
        }
    }
}
