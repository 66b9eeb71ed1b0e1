package dev.penstock.store.internal.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * One open file of the real disk.
 *
 * <p><b>Interrupts.</b> A thread that is interrupted in a call on a {@link FileChannel} closes it for everybody. Here the
 * channel is then opened again and the call repeated, and the thread's interrupt is given back to it afterwards. A force is
 * never repeated, since the second would report success whatever became of the first: it is made by a system call that
 * knows no interrupts, on a descriptor of its own.
 */
final class PosixFile implements DiskFile {

    /** A call on the channel that may be made again on another one. */
    private interface Call<T> {

        T on(FileChannel channel) throws IOException;
    }

    private static final int ZEROS_LENGTH = 1 << 20;
    private static final long BLOCK_LENGTH = 4096;

    private final Path path;
    private final Set<OpenOption> reopenOptions;
    private volatile FileChannel channel;
    private volatile boolean closed;
    private final Descriptor plain;
    private final Descriptor direct;

    PosixFile(Path path, FileChannel channel, Set<OpenOption> reopenOptions) {
        boolean writable = reopenOptions.contains(StandardOpenOption.WRITE);
        this.plain =
                new Descriptor(() -> writable ? Posix.open(path.toString()) : Posix.openForReading(path.toString()));
        this.direct = new Descriptor(() -> Posix.openDirect(path.toString()));
        this.path = path;
        this.channel = channel;
        this.reopenOptions = reopenOptions;
    }

    private <T> T uninterrupted(Call<T> call) throws IOException {
        boolean interrupted = false;
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
        if (channel == interrupted && !interrupted.isOpen()) {
            channel = FileChannel.open(path, reopenOptions);
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() throws IOException {
        return uninterrupted(FileChannel::size);
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
        if (Posix.isAvailable()) {
            int error = Posix.fallocate(path.toString(), size);
            if (error == 0) {
                return;
            }
            // Some file systems keep what they could allocate.
            truncate(before);
            if (error == Posix.ENOSPC || error == Posix.EDQUOT) {
                throw full(missing);
            }
        }
        try {
            writeZeros(before, size);
        } catch (IOException e) {
            truncate(before);
            throw usableSpace() < missing ? full(missing) : e;
        }
    }

    private void writeZeros(long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_LENGTH);
        for (long at = from; at < to; ) {
            zeros.clear().limit((int) Math.min(ZEROS_LENGTH, to - at));
            long offset = at;
            at += uninterrupted(current -> current.write(zeros, offset));
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
    public void force() throws IOException {
        if (!Posix.isAvailable()) {
            channel.force(false);
            return;
        }
        long error = plain.call(Posix::fdatasync);
        if (error == Descriptor.CLOSED) {
            throw new ClosedChannelException();
        }
        if (error == Descriptor.NONE) {
            forceChannel();
            return;
        }
        if (error != 0) {
            throw new IOException("fdatasync of " + path + ": error " + error);
        }
    }

    /** Where the process has no descriptor left: to fail here would end all writing to the store. */
    private void forceChannel() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            channel.force(false);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void relax() {
        plain.release();
        direct.release();
    }

    @Override
    public MemorySegment map(long length, boolean writable, Arena arena) throws IOException {
        MapMode mode = writable ? MapMode.READ_WRITE : MapMode.READ_ONLY;
        return uninterrupted(current -> current.map(mode, 0, length, arena));
    }

    @Override
    public MemorySegment mapPrivate(long length, Arena arena) throws IOException {
        return uninterrupted(current -> current.map(MapMode.PRIVATE, 0, length, arena));
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        int total = 0;
        while (target.hasRemaining()) {
            long at = offset + total;
            int count = uninterrupted(current -> current.read(target, at));
            if (count < 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        for (long at = offset; source.hasRemaining(); ) {
            long next = at;
            try {
                at += uninterrupted(current -> current.write(source, next));
            } catch (IOException e) {
                throw DiskFullException.orOther(e, path);
            }
        }
    }

    @Override
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        return uninterrupted(current -> {
            try {
                return current.transferTo(offset, length, target);
            } catch (ClosedChannelException e) {
                if (!target.isOpen()) {
                    throw new IOException("the channel that a value was written to is closed", e);
                }
                throw e;
            }
        });
    }

    @Override
    public long readUncached(ByteBuffer target, long offset) throws IOException {
        MemorySegment memory = MemorySegment.ofBuffer(target);
        return result("reading", direct.call(descriptor -> Posix.pread(descriptor, memory, offset)));
    }

    @Override
    public long spliceTo(long offset, long length, Pipe target) throws IOException {
        return result("splicing from", plain.call(file -> target.fill(file, offset, length)));
    }

    @Override
    public long spliceFrom(Pipe source, long offset, long length) throws IOException {
        return result("splicing to", plain.call(file -> source.drain(file, offset, length)));
    }

    private long result(String action, long count) throws IOException {
        if (count == Descriptor.CLOSED) {
            throw new ClosedChannelException();
        }
        if (count == Descriptor.NONE) {
            return UNSUPPORTED;
        }
        if (count == -Posix.EAGAIN) {
            return 0;
        }
        if (count < 0) {
            throw new IOException(action + " " + path + ": error " + -count);
        }
        return count;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        plain.close();
        direct.close();
        channel.close();
    }
}
