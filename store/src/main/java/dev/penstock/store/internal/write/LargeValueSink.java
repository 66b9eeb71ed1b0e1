package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.io.Memory;
import dev.penstock.store.internal.io.Pipe;
import dev.penstock.store.internal.segment.LargeSegment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * A large value of known length on its way into a segment of its own. Its bytes go straight into the mapping; a socket is read into it
 * by the kernel. Nothing refers to the segment before {@link #commit}; one that is never committed is deleted on close,
 * or swept at the next open.
 *
 * <p>One thread at a time.
 */
final class LargeValueSink implements ValueSink {

    private static final long POPULATE_LENGTH = 4L << 20;
    private static final long PAGE_MASK = 4095;

    private final LargeSegment segment;
    private final byte[] key;
    private final Writer writer;
    private final Checksum checksum = new Checksum();
    private final MemorySegment memory;
    private final long valueOffset;
    private final long length;
    private long written;
    private long populated;
    private boolean finished;

    LargeValueSink(LargeSegment segment, byte[] key, Writer writer) throws IOException {
        this.segment = segment;
        this.key = key;
        this.writer = writer;
        this.valueOffset = segment.valueOffset();
        this.length = segment.valueLength();
        boolean mapped = false;
        try {
            this.memory = segment.memory();
            mapped = true;
        } finally {
            if (!mapped) {
                writer.abandon(segment);
            }
        }
    }

    @Override
    public long remaining() {
        return length - written;
    }

    @Override
    public void write(MemorySegment source) {
        long count = source.byteSize();
        checksum.update(source, 0, count);
        populate(count);
        MemorySegment.copy(source, 0, memory, valueOffset + written, count);
        written += count;
    }

    /** Reads straight into the mapping. */
    @Override
    public int readFrom(ReadableByteChannel source, int limit) throws IOException {
        int most = (int) Math.min(limit, remaining());
        populate(most);
        ByteBuffer target = memory.asSlice(valueOffset + written, most).asByteBuffer();
        int count = source.read(target);
        if (count > 0) {
            checksum.update(memory, valueOffset + written, count);
            written += count;
        }
        return count;
    }

    /** The checksum is that of the bytes that landed, so that they are looked at once all the same. */
    @Override
    public long spliceFrom(Pipe source) throws IOException {
        long count = segment.file().spliceFrom(source, valueOffset + written, remaining());
        if (count > 0) {
            checksum.update(memory, valueOffset + written, count);
            written += count;
        }
        return count;
    }

    @Override
    public long commit(long expiryMillis, Precondition precondition) throws IOException {
        if (remaining() != 0) {
            throw new IllegalStateException(remaining() + " of " + length + " bytes of the value are still missing");
        }
        long sequence = writer.commitLarge(segment, key, checksum.value(), expiryMillis, precondition);
        if (sequence != Writer.REFUSED) {
            finished = true;
        }
        close();
        return sequence;
    }

    @Override
    public void close() throws IOException {
        if (!finished) {
            finished = true;
            writer.abandon(segment);
        }
    }

    /** Keeps page faults out of the copy: fewer, larger, and in the kernel. */
    private void populate(long count) {
        long end = Math.min(memory.byteSize(), valueOffset + written + count);
        while (populated < end) {
            long step = Math.min(Math.max(POPULATE_LENGTH, end - populated), memory.byteSize() - populated);
            Memory.populateForWriting(memory, populated & ~PAGE_MASK, step + (populated & PAGE_MASK));
            populated += step;
        }
    }
}
