package dev.penstock.server.transfer;

import dev.penstock.store.transfer.ValueFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the next stretches of a transfer into the page cache, on other threads than the event loop: one stretch before
 * it is needed, and the next one while the first is being sent.
 *
 * <p>Event-loop thread only, except the reading itself.
 */
final class TransferReadAhead {

    private static final long STRETCH_LENGTH = 1 << 20;

    private final ValueFrame frame;
    private final long end;
    private boolean reading;
    private long readTo;
    private @Nullable Throwable failure;

    /** @param end where what is sent of the frame ends */
    TransferReadAhead(ValueFrame frame, long end) {
        this.frame = frame;
        this.end = end;
    }

    /** Number of bytes from an offset on that were recently read; they may have been evicted since. */
    long warmLength(long offset) {
        return Math.max(0, readTo - offset);
    }

    boolean isReading() {
        return reading;
    }

    /** Throws what the last reading ended with. */
    void check() throws IOException {
        if (failure != null) {
            throw new IOException("reading a value ahead failed", failure);
        }
    }

    /** Begins to read from an offset on. */
    DiskReaders.ReaderJob begin(long offset) {
        reading = true;
        long to = Math.min(end, offset + STRETCH_LENGTH);
        return new DiskReaders.ReaderJob() {
            @Override
            public void read(ByteBuffer scratch) throws IOException {
                for (long at = offset; at < to; ) {
                    int count = frame.read(at, scratch.clear().limit((int) Math.min(scratch.capacity(), to - at)));
                    if (count <= 0) {
                        throw new IOException("a value's file is shorter than the value");
                    }
                    at += count;
                }
            }

            @Override
            public void done(@Nullable Throwable thrown) {
                reading = false;
                failure = thrown;
                readTo = to;
            }
        };
    }

    /** Where to read next, now that everything before an offset is sent; -1 if there is nothing to do yet. */
    long next(long offset) {
        boolean due = !reading && readTo > 0 && readTo < end && readTo - offset <= STRETCH_LENGTH / 2;
        return due ? Math.max(offset, readTo) : -1;
    }
}
