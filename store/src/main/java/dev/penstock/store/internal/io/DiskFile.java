package dev.penstock.store.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One open file of the store. Implementations are thread-safe; closing one leaves its mappings usable.
 *
 * <p>An interrupt disturbs neither a call nor other threads: the call completes, and the interrupt status stays set.
 */
public interface DiskFile extends Closeable {

    /** What a way of moving bytes answers that this file or this system does not know. */
    long UNSUPPORTED = -1;

    /** What offsets, lengths and addresses of {@link #readUncached} are multiples of. */
    int DIRECT_ALIGNMENT = 4096;

    Path path();

    long size() throws IOException;

    /** The same for the same file, and for no other one as long as it is open or mapped. */
    Object fileKey() throws IOException;

    /**
     * Makes the file at least this long and gives all of it real blocks, so that no later store through a mapping can
     * fail for lack of room. What is new reads as zero. On failure the length is as before.
     *
     * @throws DiskFullException if there is no space
     */
    void allocate(long size) throws IOException;

    /**
     * Looks whether the file system has what {@link #allocate} would take now, and takes nothing. Where that is not
     * known, it has.
     *
     * @throws DiskFullException if there is no space
     */
    default void checkRoom(long size) throws IOException {}

    /** Cuts the file off. No mapping may be read beyond the cut afterwards. */
    void truncate(long size) throws IOException;

    /**
     * The same for space that is only wasted: where the system does not allow it while a process has the file mapped,
     * the file keeps its length.
     */
    default void trim(long size) throws IOException {
        truncate(size);
    }

    /** Makes the content durable, stores through mappings included. */
    void force() throws IOException;

    /** Releases what is kept besides the open file to make the next call faster: there may be very many files. */
    default void relax() throws IOException {}

    /**
     * Maps the first bytes of the file for as long as the arena lives. Never makes the file longer.
     *
     * @throws CutShortException if the file is shorter
     */
    MemorySegment map(long length, boolean writable, Arena arena) throws IOException;

    /**
     * The same, into the beginning of a range that nothing else is in. The range is released when the arena is closed;
     * after an exception, or null, it reads as zeros and still belongs to the caller.
     *
     * @return null where this cannot be done
     */
    default @Nullable MemorySegment map(long length, boolean writable, ReadableRange range, Arena arena)
            throws IOException {
        return null;
    }

    /**
     * Maps the first bytes of the file so that stores change the mapping and never the file. A page that was not stored
     * to shows the file, which need not be writable.
     *
     * @return null where this cannot be done
     * @throws CutShortException if the file is shorter
     */
    @Nullable
    MemorySegment mapPrivate(long length, Arena arena) throws IOException;

    /** Reads into the buffer until it is full or the file ends; returns the bytes read. */
    int read(ByteBuffer target, long offset) throws IOException;

    /** Writes all of the buffer. */
    void write(ByteBuffer source, long offset) throws IOException;

    /**
     * Sends bytes file-to-channel; returns how many the channel took.
     *
     * @throws CutShortException if the file ends before the offset
     */
    long transferTo(long offset, long length, WritableByteChannel target) throws IOException;

    /**
     * Reads once past the page cache; returns the bytes read, fewer than wanted only where the file ends, or
     * {@link #UNSUPPORTED}. The buffer is left as it is.
     *
     * @param target direct, aligned as {@link #DIRECT_ALIGNMENT} says, filled from its position on
     */
    default long readUncached(ByteBuffer target, long offset) throws IOException {
        return UNSUPPORTED;
    }

    /** Moves pages into a pipe; returns how many bytes it took, or {@link #UNSUPPORTED}. */
    default long spliceTo(long offset, long length, Pipe target) throws IOException {
        return UNSUPPORTED;
    }

    /** Writes what is in a pipe, at most {@code length} bytes; returns how many, or {@link #UNSUPPORTED}. */
    default long spliceFrom(Pipe source, long offset, long length) throws IOException {
        return UNSUPPORTED;
    }

    @Override
    void close() throws IOException;
}
