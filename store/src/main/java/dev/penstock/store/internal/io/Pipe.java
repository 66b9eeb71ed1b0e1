package dev.penstock.store.internal.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A pipe of the kernel that pages pass through without being copied. Its calls do not block: they transfer only what
 * fits or is present.
 *
 * <p>One thread at a time.
 */
public final class Pipe implements AutoCloseable {

    /** Twice what is sent at a time, since a stretch that begins inside a page takes a page more. */
    private static final int CAPACITY = 512 * 1024;

    private static final long NO_OFFSET = -1;

    private final int readEnd;
    private final int writeEnd;
    private long content;
    private boolean closed;

    private Pipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /** Null where there are no pipes, or none to be had now. */
    public static @Nullable Pipe open() {
        int[] ends = Posix.isAvailable() ? Posix.pipe(CAPACITY) : null;
        return ends == null ? null : new Pipe(ends[0], ends[1]);
    }

    /** Bytes in it. */
    public long content() {
        return content;
    }

    /** Takes bytes from a socket that does not block; 0 if it has none, -1 at its end. */
    public long fillFromSocket(int descriptor, long length) throws IOException {
        long count = fill(descriptor, NO_OFFSET, length);
        if (count == 0) {
            return -1;
        }
        return later("socket to pipe", count);
    }

    /** Gives bytes to a socket that does not block; 0 if it is full. */
    public long drainToSocket(int descriptor, long length) throws IOException {
        return later("pipe to socket", drain(descriptor, NO_OFFSET, length));
    }

    private static long later(String way, long count) throws IOException {
        if (count == -ErrorNumber.EAGAIN) {
            return 0;
        }
        if (count < 0) {
            throw new IOException("splice, " + way + ": error " + -count);
        }
        return count;
    }

    /** What {@link Posix#splice} returned. */
    long fill(int from, long offset, long length) {
        checkOpen();
        long count = Posix.splice(from, offset, writeEnd, NO_OFFSET, length);
        content += Math.max(0, count);
        return count;
    }

    /** What {@link Posix#splice} returned. */
    long drain(int to, long offset, long length) {
        checkOpen();
        long count = Posix.splice(readEnd, NO_OFFSET, to, offset, Math.min(length, content));
        content -= Math.max(0, count);
        return count;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the pipe is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Posix.close(readEnd);
            Posix.close(writeEnd);
        }
    }
}
