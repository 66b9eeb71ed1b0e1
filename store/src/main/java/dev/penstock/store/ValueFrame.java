package dev.penstock.store;

import dev.penstock.store.internal.io.CutShortException;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.PageFaults;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A value's RESP frame, {@code $<length>\r\n<value>\r\n}, as it lies in its file, and the ways in which it can leave
 * there: from {@link ValueView#frame()}. Offsets count from the frame's first byte.
 *
 * <p>It lives until its view is closed or used again, and like it is used by one thread at a time, but for the reads, which any thread may
 * make while the view is open.
 */
public final class ValueFrame {

    /** Answered where a way is not to be had: another system, or no native access. */
    public static final long UNSUPPORTED = DiskFile.UNSUPPORTED;

    /** What the address and the capacity of a buffer for {@link #readUncached} must be a multiple of. */
    public static final int DIRECT_ALIGNMENT = DiskFile.DIRECT_ALIGNMENT;

    private final ValueView view;
    private final long start;
    private final long length;

    ValueFrame(ValueView view) {
        this.view = view;
        this.start = view.frameOffset();
        this.length = view.frameLength();
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
            long written = target.write(bytes);
            PageFaults.deliver();
            return written;
        } catch (IllegalStateException released) {
            throw view.closed();
        } catch (InternalError e) {
            throw view.lost(e);
        } catch (IOException e) {
            // What the system says of a page that it cannot supply is that the address is bad.
            view.refuseLoss(0, start + offset, bytes.limit());
            throw e;
        }
    }

    /** Sends file-to-channel, in one call; returns how many bytes the channel took. Nothing is copied by a processor. */
    public long transferTo(WritableByteChannel target, long offset, long most) throws IOException {
        long count = bounded(offset, most);
        long sent = view.onFile(file -> file.transferTo(start + offset, count, target));
        view.refuseLoss(sent, start + offset, count);
        return sent;
    }

    /** Moves pages into a pipe; returns how many bytes it took, or {@link #UNSUPPORTED}. Nothing is copied. */
    public long splice(SplicePipe target, long offset, long most) throws IOException {
        long count = bounded(offset, most);
        long moved = view.onFile(file -> file.spliceTo(start + offset, count, target.pipe()));
        if (moved != UNSUPPORTED) {
            view.refuseLoss(moved, start + offset, count);
        }
        return moved;
    }

    /** Reads from the file, through the page cache, until the buffer is full or the frame ends; returns the bytes read. */
    public int read(long offset, ByteBuffer target) throws IOException {
        int count = (int) bounded(offset, target.remaining());
        ByteBuffer part = target.slice(target.position(), count);
        int read = (int) view.onFile(file -> {
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
     * Reads from the disk past the page cache, which neither gains nor loses anything by it. The buffer's content becomes
     * bytes of the frame from {@code offset} on, at most {@code most} of them: between its position and its limit.
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
        long read = view.onFile(file -> file.readUncached(buffer, from - skipped));
        if (read == UNSUPPORTED) {
            return UNSUPPORTED;
        }
        int available = Math.clamp(read - skipped, 0, wanted);
        if (available < wanted) {
            view.onFile(file -> {
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
        try {
            return NativeMemory.isLoaded(memory(offset, most));
        } catch (IllegalStateException released) {
            throw view.closed();
        }
    }

    private MemorySegment memory(long offset, long most) {
        return view.memory(start + offset, bounded(offset, most));
    }

    private long bounded(long offset, long most) {
        ValueView.checkRange(offset, length);
        return Math.min(most, length - offset);
    }
}
