package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.Pipe;
import dev.penstock.store.internal.segment.LargeSegment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a large value to its separate segment. The file is allocated in steps, a little ahead of the bytes that have
 * arrived, so that a client that announces much and sends little occupies little. Each step is as long as all steps
 * before it, so that there are few. If the length is known, the last step ends with the value.
 *
 * <p>The bytes are written to the file, piece by piece, and not stored through a mapping: a page that is written as a
 * whole is neither zeroed nor faulted in, and these are most of its cost (see decision 0013). Bytes can also be read
 * into a mapping, or spliced from a pipe.
 *
 * <p>Nothing refers to the segment before {@link #commit}; one that is never committed is deleted on close, or swept at
 * the next open. The record's header comes last.
 *
 * <p>One thread at a time.
 */
public final class ValueSink implements AutoCloseable {

    private static final long FIRST_STEP = 1L << 20;
    private static final long LARGEST_STEP = 256L << 20;
    /** Long enough for few calls, short enough to stay in the cache from the checksum to the file. A power of two. */
    public static final int PIECE_LENGTH = 256 << 10;

    private static final long POPULATE_LENGTH = 4L << 20;
    private static final long PAGE_MASK = 4095;

    private final LargeSegment segment;
    private final byte[] key;
    private final Writer writer;
    private final TransferBuffers buffers;
    private final Checksum checksum = new Checksum();
    private final long valueOffset;
    private final boolean isGrowing;
    /** How long the value will be, or may become. */
    private final long longest;
    /** Between the heap, or a channel, and the file; borrowed when it is needed, and returned at the end. */
    private @Nullable ByteBuffer transfer;

    private long written;
    private long allocated;
    private long populated;
    private boolean finished;

    private ValueSink(LargeSegment segment, byte[] key, Writer writer, TransferBuffers buffers, boolean isGrowing) {
        this.segment = segment;
        this.key = key;
        this.writer = writer;
        this.buffers = buffers;
        this.valueOffset = segment.valueOffset();
        this.isGrowing = isGrowing;
        this.longest = isGrowing ? RecordLayout.MAX_VALUE_LENGTH : segment.valueLength();
    }

    /** For a value of the segment's length. */
    static ValueSink ofLength(LargeSegment segment, byte[] key, Writer writer, TransferBuffers buffers) {
        return new ValueSink(segment, key, writer, buffers, false);
    }

    /** For a value of which nobody knows how long it will be. */
    static ValueSink growing(LargeSegment segment, byte[] key, Writer writer, TransferBuffers buffers) {
        return new ValueSink(segment, key, writer, buffers, true);
    }

    /** How many more bytes there may be: all that are missing, where the length is known. */
    public long remaining() {
        return longest - written;
    }

    /** Takes all of a segment, which must not be longer than what remains. */
    public void write(MemorySegment source) throws IOException {
        allocate(written + source.byteSize());
        for (long done = 0; done < source.byteSize(); ) {
            MemorySegment piece = source.asSlice(done, Math.min(pieceLength(), source.byteSize() - done));
            append(piece.isNative() ? piece.asByteBuffer() : copy(piece));
            done += piece.byteSize();
        }
    }

    /** A copy outside the heap. The piece may be of an array of another type than bytes, which no buffer shows. */
    private ByteBuffer copy(MemorySegment piece) {
        ByteBuffer copy = transfer().limit((int) piece.byteSize());
        MemorySegment.ofBuffer(copy).copyFrom(piece);
        return copy;
    }

    /**
     * How many bytes are best written next: as many as end at a multiple of a piece in the file. The page cache holds
     * what is written at once in blocks of pages that are aligned to their size, and few large ones cost less, then and
     * whenever they are sent.
     */
    public int pieceLength() {
        return PIECE_LENGTH - (int) (valueOffset + written & PIECE_LENGTH - 1);
    }

    /**
     * An empty buffer for the next bytes, at most {@code limit}, which then are to be {@linkplain #write written}. It
     * is lent to a channel: unless it is {@linkplain #takeBack taken back}, no other value gets it. A channel that
     * failed, as by a time-out, may go on to fill it.
     */
    public ByteBuffer lend(int limit) {
        ByteBuffer buffer = transfer().limit((int) Math.min(Math.min(limit, remaining()), pieceLength()));
        transfer = null;
        return buffer;
    }

    /** Takes back a buffer that the channel is done with. */
    public void takeBack(ByteBuffer buffer) {
        if (!finished) {
            transfer = buffer;
        }
    }

    private void append(ByteBuffer piece) throws IOException {
        int length = piece.remaining();
        checksum.update(MemorySegment.ofBuffer(piece), 0, length);
        segment.file().write(piece, valueOffset + written);
        written += length;
    }

    private ByteBuffer transfer() {
        ByteBuffer buffer = transfer;
        if (buffer == null) {
            buffer = buffers.take();
            transfer = buffer;
        }
        return buffer.clear();
    }

    /** Whether bytes can be stored through a mapping of the file. */
    public boolean canBeMapped() {
        return !isGrowing;
    }

    /** The mapped file where the next bytes go, at most {@code limit}; {@link #filled} says how many came. */
    public ByteBuffer mappingToFill(int limit) throws IOException {
        int most = (int) Math.min(limit, stepRemaining());
        MemorySegment memory = mappedSteps();
        populate(memory, most);
        return memory.asSlice(valueOffset + written, most).asByteBuffer();
    }

    /** Counts bytes that were stored through the mapping. */
    public void filled(int count) throws IOException {
        checksum.update(mappedSteps(), valueOffset + written, count);
        written += count;
    }

    /**
     * Writes bytes from a pipe, at most {@link #remaining()} and at most the rest of a step, and computes the checksum
     * of the bytes in the file.
     *
     * @return the number of bytes written, or -1 where that cannot be done
     */
    public long spliceFrom(Pipe source) throws IOException {
        if (!canBeMapped()) {
            return DiskFile.UNSUPPORTED;
        }
        long count = segment.file().spliceFrom(source, valueOffset + written, stepRemaining());
        if (count > 0) {
            checksum.update(mappedSteps(), valueOffset + written, count);
            written += count;
        }
        return count;
    }

    /** Allocates the next step if the last one is full. Returns how many bytes of it are free. */
    private long stepRemaining() throws IOException {
        if (remaining() > 0) {
            allocate(written + 1);
        }
        return allocated - written;
    }

    /** Maps what is allocated of the file. */
    private MemorySegment mappedSteps() throws IOException {
        return segment.memoryToFill(allocated == longest ? segment.fileLength() : valueOffset + allocated);
    }

    /** Keeps page faults out of the copy: fewer, larger, and in the kernel. */
    private void populate(MemorySegment memory, long count) {
        long end = Math.min(memory.byteSize(), valueOffset + written + count);
        while (populated < end) {
            long step = Math.min(Math.max(POPULATE_LENGTH, end - populated), memory.byteSize() - populated);
            NativeMemory.populateForWriting(memory, populated & ~PAGE_MASK, step + (populated & PAGE_MASK));
            populated += step;
        }
    }

    private void allocate(long length) throws IOException {
        if (length <= allocated) {
            return;
        }
        long target = Math.max(length, allocated + Math.clamp(allocated, FIRST_STEP, LARGEST_STEP));
        if (target >= longest) {
            segment.allocateAll();
            target = longest;
        } else {
            segment.grow(target);
        }
        allocated = target;
    }

    /**
     * Publishes the value; its sequence, or {@link Writer#REFUSED} and nothing stored if the precondition does not
     * hold.
     */
    public long commit(long expiryMillis, Precondition precondition) throws IOException {
        try {
            if (isGrowing) {
                segment.end(written);
            } else if (remaining() != 0) {
                throw new IllegalStateException(remaining() + " of " + longest + " bytes of the value are missing");
            }
            return writer.commitLarge(segment, key, checksum.value(), expiryMillis, precondition);
        } finally {
            close();
        }
    }

    /** Throws the value away, unless a record that refers to it counts or may count. */
    @Override
    public void close() throws IOException {
        if (finished) {
            return;
        }
        finished = true;
        if (transfer != null) {
            buffers.giveBack(transfer);
            transfer = null;
        }
        writer.abandon(segment);
    }
}
