package dev.penstock.server.transfer;

import dev.penstock.store.transfer.ValueFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a value past the page cache, through two buffers: while one is sent, the other is read. The page cache keeps
 * what other clients need.
 *
 * <p>Event-loop thread only, except the reading itself, which owns its buffer meanwhile.
 */
final class DirectRead {

    private static final int BUFFERS = 2;
    private static final long READ_LENGTH = DirectBuffers.CAPACITY - ValueFrame.DIRECT_ALIGNMENT;

    /** What is read: {@link ValueFrame#readUncached}. */
    interface Source {

        long readUncached(long offset, long most, ByteBuffer buffer) throws IOException;
    }

    /** One of the buffers: free, then being read into, then full until all of it is sent. */
    private final class Slot implements DiskReaders.ReaderJob {

        private final ByteBuffer buffer;
        private boolean reading;
        private boolean full;
        private long offset;
        private long length;

        Slot(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public void read(ByteBuffer scratch) throws IOException {
            long count = source.readUncached(offset, length, buffer);
            if (count == ValueFrame.UNSUPPORTED) {
                unsupported = true;
            } else if (count < length) {
                throw new IOException("a value's file is shorter than the value");
            }
        }

        @Override
        public void done(@Nullable Throwable thrown) {
            reading = false;
            full = true;
            if (thrown != null) {
                failure = thrown;
            }
        }
    }

    private final Source source;
    private final DirectBuffers buffers;
    private final long end;
    private final Slot[] slots = new Slot[BUFFERS];
    private int sending;
    private long readTo;
    private @Nullable Throwable failure;
    private volatile boolean unsupported;

    private DirectRead(Source source, DirectBuffers buffers, long offset, long end) {
        this.source = source;
        this.buffers = buffers;
        this.end = end;
        this.readTo = offset;
        for (int i = 0; i < BUFFERS; i++) {
            slots[i] = new Slot(buffers.take());
        }
    }

    /** Null if too many values are on this way already. */
    static @Nullable DirectRead begin(Source source, DirectBuffers buffers, long offset, long end) {
        return buffers.hasFree(BUFFERS) ? new DirectRead(source, buffers, offset, end) : null;
    }

    /** Has free buffers read into. */
    void fill(Consumer<DiskReaders.ReaderJob> submit) {
        for (int i = 0; i < BUFFERS && readTo < end; i++) {
            Slot slot = slots[(sending + i) % BUFFERS];
            if (!slot.full && !slot.reading) {
                slot.reading = true;
                slot.offset = readTo;
                slot.length = Math.min(READ_LENGTH, end - readTo);
                readTo += slot.length;
                submit.accept(slot);
            }
        }
    }

    /**
     * Whether there is something to send, be it a failure. Where the file cannot be read so, a full buffer holds
     * nothing.
     */
    boolean isReady() {
        return slots[sending].full && !unsupported;
    }

    /** Whether the file cannot be read so; nothing was sent then. */
    boolean isUnsupported() {
        return unsupported;
    }

    /** Sends up to a number of bytes that are ready; returns how many. */
    long writeTo(WritableByteChannel channel, long most) throws IOException {
        if (failure != null) {
            throw new IOException("reading a value past the page cache failed", failure);
        }
        Slot slot = slots[sending];
        ByteBuffer buffer = slot.buffer;
        int limit = buffer.limit();
        buffer.limit((int) Math.min(limit, buffer.position() + most));
        try {
            return channel.write(buffer);
        } finally {
            buffer.limit(limit);
            if (!buffer.hasRemaining()) {
                slot.full = false;
                sending = (sending + 1) % BUFFERS;
            }
        }
    }

    /** Gives the buffers back; only when nothing reads into them any more. */
    void close() {
        for (Slot slot : slots) {
            buffers.giveBack(slot.buffer);
        }
    }
}
