package dev.penstock.store.internal.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open file by its descriptor, on Linux.
 *
 * <p>Nothing here looks for a name again, so every call concerns the file that was opened, a deleted one included. The
 * calls know no interrupts. Only two things need one of Java's channels, and have it opened by the descriptor: a
 * mapping, for as long as it is made, and transfers to another channel, until {@link #relax}.
 */
final class NativeFile implements DiskFile {

    private static final long UNKNOWN_POSITION = -1;
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ);
    private static final Set<OpenOption> READ_WRITE = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);

    /** Longest stretch of the heap that is copied to be written, or after it was read. */
    private static final int COPY_LENGTH = 256 << 10;

    private static final long BLOCK_LENGTH = 4096;

    private final Path path;
    private final Descriptor descriptor;

    @GuardedBy("this")
    private @Nullable FileChannel sending;

    @GuardedBy("this")
    private @Nullable Descriptor direct;

    @GuardedBy("this")
    private boolean directRefused;

    private volatile boolean closed;

    NativeFile(Path path, Descriptor descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() throws IOException {
        return descriptor.status().size;
    }

    @Override
    public Object fileKey() throws IOException {
        return descriptor.status().key();
    }

    // --- room ---

    @Override
    public void checkRoom(long size) throws IOException {
        long missing = roundUp(size) - roundUp(size());
        if (usableSpace() < missing) {
            throw full(missing);
        }
    }

    @Override
    public void allocate(long size) throws IOException {
        long before = size();
        // What lies in the last block of the file has its room already.
        long missing = roundUp(size) - roundUp(before);
        if (usableSpace() < missing) {
            // Asked all the same, the file system would give what it has before it refuses, and everyone else would
            // find it full.
            throw full(missing);
        }
        long error;
        try (Descriptor.Use file = descriptor.use()) {
            error = Posix.fallocate(file.number(), size);
        }
        if (error == 0) {
            return;
        }
        // Some file systems keep what they could allocate.
        truncate(before);
        if (error == -ErrorNumber.ENOSPC || error == -ErrorNumber.EDQUOT) {
            throw full(missing);
        }
        try {
            writeZeros(before, size);
        } catch (IOException e) {
            truncate(before);
            throw usableSpace() < missing ? full(missing) : e;
        }
    }

    private void writeZeros(long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            ByteBuffer zeros = Zeros.atMost(to - at);
            write(zeros, at);
            at += zeros.limit();
        }
    }

    private static long roundUp(long length) {
        return (length + BLOCK_LENGTH - 1) & -BLOCK_LENGTH;
    }

    private DiskFullException full(long missing) throws IOException {
        return new DiskFullException(
                path + " needs " + missing + " bytes more and the file system has " + usableSpace() + " left");
    }

    private long usableSpace() throws IOException {
        try (Descriptor.Use open = descriptor.use()) {
            return open.file().getUsableSpace();
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        if (size < size()) {
            try (Descriptor.Use file = descriptor.use()) {
                check("truncating", Posix.ftruncate(file.number(), size));
            }
        }
    }

    @Override
    public void force() throws IOException {
        try (Descriptor.Use file = descriptor.use()) {
            check("fdatasync of", Posix.fdatasync(file.number()));
        }
    }

    // --- mapping ---

    @Override
    public MemorySegment map(long length, boolean writing, Arena arena) throws IOException {
        checkLength(length);
        Set<OpenOption> options = writing ? READ_WRITE : READ;
        MapMode mode = writing ? MapMode.READ_WRITE : MapMode.READ_ONLY;
        boolean interrupted = Thread.interrupted();
        try {
            for (; ; ) {
                try (FileChannel channel = open("mapping", options)) {
                    return channel.map(mode, 0, length, arena);
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                } catch (IOException e) {
                    checkLength(length); // It may have been cut since.
                    throw e;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public @Nullable MemorySegment map(long length, boolean writing, ReadableRange range, Arena arena)
            throws IOException {
        checkLength(length);
        try (Descriptor.Use file = descriptor.use()) {
            return range.map(file.number(), length, writing, arena);
        }
    }

    private FileChannel open(String action, Set<OpenOption> options) throws IOException {
        return OpenFiles.opening(action, path, () -> {
            try (Descriptor.Use file = descriptor.use()) {
                return FileChannel.open(file.path(), options);
            }
        });
    }

    @Override
    public @Nullable MemorySegment mapPrivate(long length, Arena arena) throws IOException {
        checkLength(length);
        try (Descriptor.Use file = descriptor.use()) {
            return PosixMemory.mapPrivate(file.number(), length, arena);
        }
    }

    private void checkLength(long length) throws IOException {
        long size = size();
        if (size < length) {
            throw new CutShortException(path, size, length);
        }
    }

    // --- bytes ---

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        int begin = target.position();
        if (target.isDirect()) {
            long total = read(MemorySegment.ofBuffer(target), offset);
            target.position(begin + (int) total);
            return (int) total;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, Math.min(target.remaining(), COPY_LENGTH)));
            while (target.hasRemaining()) {
                MemorySegment piece = copy.asSlice(0, Math.min(target.remaining(), copy.byteSize()));
                long count = read(piece, offset + target.position() - begin);
                target.put(piece.asSlice(0, count).asByteBuffer());
                if (count < piece.byteSize()) {
                    break;
                }
            }
        } catch (IOException e) {
            target.position(begin);
            throw e;
        }
        return target.position() - begin;
    }

    private long read(MemorySegment target, long offset) throws IOException {
        long total = 0;
        while (total < target.byteSize()) {
            long count;
            try (Descriptor.Use file = descriptor.use()) {
                count = check("reading", Posix.pread(file.number(), target.asSlice(total), offset + total));
            }
            if (count == 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        if (source.isDirect()) {
            write(MemorySegment.ofBuffer(source), offset);
        } else {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment all = MemorySegment.ofBuffer(source);
                MemorySegment copy = arena.allocate(Math.max(1, Math.min(all.byteSize(), COPY_LENGTH)));
                for (long done = 0; done < all.byteSize(); done += COPY_LENGTH) {
                    long length = Math.min(COPY_LENGTH, all.byteSize() - done);
                    write(copy.asSlice(0, length).copyFrom(all.asSlice(done, length)), offset + done);
                }
            }
        }
        source.position(source.limit());
    }

    private void write(MemorySegment source, long offset) throws IOException {
        for (long done = 0; done < source.byteSize(); ) {
            long count;
            try (Descriptor.Use file = descriptor.use()) {
                count = check("writing", Posix.pwrite(file.number(), source.asSlice(done), offset + done));
            }
            if (count == 0) {
                throw new IOException("writing " + path + ": nothing was written");
            }
            done += count;
        }
    }

    // --- to other channels ---

    @Override
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            if (CallersCode.isOf(target) || !(target instanceof SelectableChannel || target instanceof FileChannel)) {
                return copyTo(offset, length, target);
            }
            for (; ; ) {
                FileChannel current = sending();
                long before = positionOf(target);
                try {
                    return checkEnd(current.transferTo(offset, length, target), offset, length);
                } catch (ClosedChannelException e) {
                    refuseClosed(target, e);
                    interrupted |= Thread.interrupted();
                    long moved = movedAnyhow(before, target, e);
                    if (moved > 0) {
                        return moved;
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Where nothing moved because the file ends, there is nothing to wait for. */
    private long checkEnd(long count, long offset, long length) throws IOException {
        if (count == 0 && length > 0) {
            long size = size();
            if (offset >= size) {
                throw new CutShortException(path, size, offset + length);
            }
        }
        return count;
    }

    private void refuseClosed(WritableByteChannel target, ClosedChannelException e) throws IOException {
        if (closed) {
            throw e;
        }
        if (!target.isOpen()) {
            throw new IOException("the channel that a value was written to is closed", e);
        }
    }

    /** Where the next byte goes in a file; {@link #UNKNOWN_POSITION} for a socket, a pipe or a terminal. */
    private static long positionOf(WritableByteChannel target) {
        if (target instanceof FileChannel file) {
            try {
                return file.position();
            } catch (IOException e) {
                return UNKNOWN_POSITION;
            }
        }
        return UNKNOWN_POSITION;
    }

    /**
     * How much had moved when an interrupt ended the call. A socket does not tell; as with Java's own writes to it, it
     * is closed then, since to continue might send something twice.
     */
    private static long movedAnyhow(long before, WritableByteChannel target, ClosedChannelException e)
            throws IOException {
        if (before != UNKNOWN_POSITION) {
            return positionOf(target) - before;
        }
        if (e instanceof ClosedByInterruptException) {
            target.close();
            throw new IOException(
                    "the thread was interrupted while it sent a value to a channel, which is now closed", e);
        }
        return 0;
    }

    /** To a channel that the kernel does not know. */
    private long copyTo(long offset, long length, WritableByteChannel target) throws IOException {
        long total = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.clamp(length, 1, COPY_LENGTH));
            while (total < length) {
                MemorySegment piece = copy.asSlice(0, Math.min(copy.byteSize(), length - total));
                long count = read(piece, offset + total);
                if (checkEnd(count, offset + total, length - total) == 0) {
                    break;
                }
                ByteBuffer bytes = piece.asSlice(0, count).asByteBuffer();
                int taken = CallersCode.write(target, bytes);
                total += taken;
                if (taken < count) {
                    break;
                }
            }
        }
        return total;
    }

    private synchronized FileChannel sending() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        FileChannel open = sending;
        if (open == null || !open.isOpen()) {
            open = open("sending", READ);
            sending = open;
        }
        return open;
    }

    @Override
    public long readUncached(ByteBuffer target, long offset) throws IOException {
        MemorySegment memory = MemorySegment.ofBuffer(target);
        for (; ; ) {
            Descriptor uncached = direct();
            if (uncached == null) {
                return UNSUPPORTED;
            }
            try (Descriptor.Use file = uncached.use()) {
                return moved("reading", Posix.pread(file.number(), memory, offset));
            } catch (ClosedChannelException relaxed) {
                // Opened again, unless the file is closed.
            }
        }
    }

    private synchronized @Nullable Descriptor direct() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (direct == null && !directRefused) {
            int number;
            try (Descriptor.Use file = descriptor.use()) {
                String place = Descriptor.path(file.number());
                number = Posix.open(Posix.AT_FDCWD, place, Posix.O_RDONLY | Posix.O_DIRECT);
            }
            if (ErrorNumber.isOutOfDescriptors(number)) {
                return null;
            }
            directRefused = number < 0;
            direct = directRefused ? null : new Descriptor(number);
        }
        return direct;
    }

    @Override
    public long spliceTo(long offset, long length, Pipe target) throws IOException {
        try (Descriptor.Use file = descriptor.use()) {
            return checkEnd(moved("splicing from", target.fill(file.number(), offset, length)), offset, length);
        }
    }

    @Override
    public long spliceFrom(Pipe source, long offset, long length) throws IOException {
        try (Descriptor.Use file = descriptor.use()) {
            return moved("splicing to", source.drain(file.number(), offset, length));
        }
    }

    private long moved(String action, long count) throws IOException {
        return count == -ErrorNumber.EAGAIN ? 0 : check(action, count);
    }

    private long check(String action, long result) throws IOException {
        if (result < 0) {
            throw ErrorNumber.exception(result, action, path);
        }
        return result;
    }

    // --- the end ---

    @Override
    public synchronized void relax() throws IOException {
        if (sending != null) {
            sending.close();
            sending = null;
        }
        if (direct != null) {
            direct.close();
            direct = null;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        try {
            relax();
        } finally {
            descriptor.close();
        }
    }
}
