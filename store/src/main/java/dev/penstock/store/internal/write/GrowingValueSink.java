package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.segment.LargeSegment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * A large value of unknown length on its way into a segment of its own, which is allocated step by step. The bytes are
 * written to the file and not through a mapping, which would have to be made anew at each step. The record's header comes
 * last, since it holds the length.
 *
 * <p>One thread at a time.
 */
final class GrowingValueSink implements ValueSink {

    private static final long FIRST_STEP = 4L << 20;
    private static final long LARGEST_STEP = 256L << 20;
    private static final int TRANSFER_LENGTH = 256 << 10;

    private final LargeSegment segment;
    private final byte[] key;
    private final Writer writer;
    private final Checksum checksum = new Checksum();
    private final long valueOffset;
    /** Between a channel and the file; made when it is needed. */
    private ByteBuffer transfer;

    private long written;
    private long allocated;
    private boolean finished;

    GrowingValueSink(LargeSegment segment, byte[] key, Writer writer) {
        this.segment = segment;
        this.key = key;
        this.writer = writer;
        this.valueOffset = segment.valueOffset();
    }

    @Override
    public long remaining() {
        return RecordLayout.MAX_VALUE_LENGTH - written;
    }

    @Override
    public void write(MemorySegment source) throws IOException {
        allocate(written + source.byteSize());
        checksum.update(source, 0, source.byteSize());
        for (long done = 0; done < source.byteSize(); done += Integer.MAX_VALUE) {
            long length = Math.min(Integer.MAX_VALUE, source.byteSize() - done);
            segment.file().write(source.asSlice(done, length).asByteBuffer(), valueOffset + written + done);
        }
        written += source.byteSize();
    }

    @Override
    public int readFrom(ReadableByteChannel source, int limit) throws IOException {
        if (transfer == null) {
            transfer = ByteBuffer.allocateDirect(TRANSFER_LENGTH);
        }
        transfer.clear().limit((int) Math.min(Math.min(limit, remaining()), TRANSFER_LENGTH));
        int count = source.read(transfer);
        if (count > 0) {
            write(MemorySegment.ofBuffer(transfer.flip()));
        }
        return count;
    }

    private void allocate(long length) throws IOException {
        if (length > allocated) {
            long step = Math.clamp(allocated, FIRST_STEP, LARGEST_STEP);
            allocated = Math.max(length, allocated + step);
            segment.grow(allocated);
        }
    }

    @Override
    public long commit(long expiryMillis, Precondition precondition) throws IOException {
        segment.end(written);
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
}
