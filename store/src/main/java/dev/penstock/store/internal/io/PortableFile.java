package dev.penstock.store.internal.io;

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
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An open file by the JDK's own channel: no other system call is made.
 *
 * <p><b>Room.</b> Blocks are allocated by writing zeros. A file system that compresses, or that copies on write, may
 * still find no room for a later store, which is an {@link InternalError} then.
 *
 * <p><b>Force.</b> What was stored through a mapping is forced by the mapping first, and the file after it: on Windows
 * the file alone would leave the mapping's pages out. Windows forces a file only through a channel that may write, and
 * the JDK takes its refusal for success; {@link #force} opens such a channel where the file is open for reading only.
 *
 * <p><b>Interrupts.</b> An interrupt in a call on a {@link FileChannel} closes the channel for all threads. The
 * interrupt status is therefore cleared before each call and restored afterwards. If an interrupt arrives during a
 * call, the channel is opened again by the file's name, which is refused if that is now another file, and the call is
 * repeated. A force is never repeated: a thread that is never interrupted makes it.
 */
final class PortableFile implements DiskFile {

    /** A call on the channel that may be made again on another one. */
    private interface Call<T> {

        T on(FileChannel channel) throws IOException;
    }

    private static final int COPY_LENGTH = 256 << 10;
    private static final long BLOCK_LENGTH = 4096;

    private final PortableDirectory directory;
    private final String name;
    private final Path path;
    private final boolean writable;
    private final Object key;
    private final WrittenMappings written = new WrittenMappings();
    private volatile FileChannel channel;
    private volatile boolean closed;

    PortableFile(PortableDirectory directory, String name, FileChannel channel, boolean writable) throws IOException {
        this.directory = directory;
        this.name = name;
        this.path = directory.path().resolve(name);
        this.writable = writable;
        this.channel = channel;
        boolean kept = false;
        try {
            this.key = directory.fileKey(name);
            kept = true;
        } finally {
            if (!kept) {
                channel.close();
            }
        }
    }

    private <T> T uninterrupted(Call<T> call) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (; ; ) {
                FileChannel current = channel;
                try {
                    return call.on(current);
                } catch (ClosedChannelException e) {
                    if (closed) {
                        throw e;
                    }
                    interrupted |= Thread.interrupted();
                    reopen(current);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very channel that was closed, not one like it
    private synchronized void reopen(FileChannel interrupted) throws IOException {
        if (channel != interrupted || interrupted.isOpen()) {
            return;
        }
        channel = anotherChannel(writable);
    }

    /** Opens the same file once more, by its name. */
    private FileChannel anotherChannel(boolean writing) throws IOException {
        FileChannel another = directory.channel(name, writing);
        boolean kept = false;
        try {
            if (!key.equals(directory.fileKey(name))) {
                throw new IOException(path + " was removed, and its name given to another file, while it was open");
            }
            kept = true;
            return another;
        } finally {
            if (!kept) {
                another.close();
            }
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Object fileKey() {
        return key;
    }

    @Override
    public long size() throws IOException {
        return uninterrupted(FileChannel::size);
    }

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
            throw full(missing);
        }
        try {
            for (long at = before; at < size; ) {
                ByteBuffer zeros = Zeros.atMost(size - at);
                write(zeros, at);
                at += zeros.limit();
            }
        } catch (IOException e) {
            truncate(before);
            throw usableSpace() < missing ? full(missing) : e;
        }
    }

    private static long roundUp(long length) {
        return (length + BLOCK_LENGTH - 1) & -BLOCK_LENGTH;
    }

    private DiskFullException full(long missing) throws IOException {
        return new DiskFullException(
                path + " needs " + missing + " bytes more and the file system has " + usableSpace() + " left");
    }

    /** By the way that asks the file system and nothing else; the other one looks through all mounts first. */
    private long usableSpace() throws IOException {
        long bytes = path.toFile().getUsableSpace();
        return bytes != 0 ? bytes : Files.getFileStore(path).getUsableSpace();
    }

    @Override
    public void truncate(long size) throws IOException {
        uninterrupted(current -> current.truncate(size));
    }

    @Override
    public void trim(long size) throws IOException {
        try {
            truncate(size);
        } catch (IOException e) {
            // Elsewhere a file keeps its length as long as any process has it mapped.
            if (directory.isPosix()) {
                throw e;
            }
        }
    }

    @Override
    public void force() throws IOException {
        FileChannel current = uninterrupted(open -> {
            if (!open.isOpen()) {
                throw new ClosedChannelException();
            }
            return open;
        });
        Uninterrupted.run(() -> {
            written.force();
            if (writable || directory.isPosix()) {
                current.force(false);
            } else {
                try (FileChannel forced = anotherChannel(true)) {
                    forced.force(false);
                }
            }
        });
    }

    @Override
    public MemorySegment map(long length, boolean writing, Arena arena) throws IOException {
        checkLength(length);
        MapMode mode = writing ? MapMode.READ_WRITE : MapMode.READ_ONLY;
        MemorySegment mapped;
        try {
            mapped = uninterrupted(current -> current.map(mode, 0, length, arena));
        } catch (IOException e) {
            checkLength(length); // It may have been cut since.
            throw e;
        }
        if (writing) {
            written.add(mapped);
        }
        return mapped;
    }

    private void checkLength(long length) throws IOException {
        long size = size();
        if (size < length) {
            throw new CutShortException(path, size, length);
        }
    }

    @Override
    public @Nullable MemorySegment mapPrivate(long length, Arena arena) {
        // Java would have the file open for writing.
        return null;
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        int begin = target.position();
        int[] total = new int[1];
        while (target.hasRemaining()) {
            int count = uninterrupted(current -> {
                // What an interrupted call has read is read again.
                target.position(begin + total[0]);
                return current.read(target, offset + total[0]);
            });
            if (count < 0) {
                break;
            }
            total[0] += count;
        }
        return total[0];
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        int begin = source.position();
        int[] total = new int[1];
        try {
            while (source.hasRemaining()) {
                total[0] += uninterrupted(current -> {
                    // What an interrupted call has written is written again.
                    source.position(begin + total[0]);
                    return current.write(source, offset + total[0]);
                });
            }
        } catch (IOException e) {
            throw DiskFullException.orOther(e, path);
        }
    }

    @Override
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        if (CallersCode.isOf(target) || !(target instanceof SelectableChannel)) {
            boolean interrupted = Thread.interrupted();
            try {
                return copyTo(offset, length, target);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        return uninterrupted(current -> {
            try {
                return checkEnd(current.transferTo(offset, length, target), offset, length);
            } catch (ClosedByInterruptException e) {
                // How much the socket took is not known, and to continue might send something twice.
                target.close();
                throw new IOException(
                        "the thread was interrupted while it sent a value to a channel, which is now closed", e);
            } catch (ClosedChannelException e) {
                if (!target.isOpen()) {
                    throw new IOException("the channel that a value was written to is closed", e);
                }
                throw e;
            }
        });
    }

    private long copyTo(long offset, long length, WritableByteChannel target) throws IOException {
        ByteBuffer copy = ByteBuffer.allocate(Math.clamp(length, 1, COPY_LENGTH));
        long total = 0;
        while (total < length) {
            copy.clear().limit((int) Math.min(copy.capacity(), length - total));
            int count = read(copy, offset + total);
            if (checkEnd(count, offset + total, length - total) == 0) {
                break;
            }
            int taken = CallersCode.write(target, copy.flip());
            total += taken;
            if (taken < count) {
                break;
            }
        }
        return total;
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

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }
}
