package dev.penstock.store.internal.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** One open file of the real disk. */
final class PosixFile implements DiskFile {

    private static final int ZEROS_LENGTH = 1 << 20;

    private final Path path;
    private final FileChannel channel;

    PosixFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void allocate(long size) throws IOException {
        long before = channel.size();
        if (Posix.isAvailable()) {
            int error = Posix.fallocate(path.toString(), size);
            if (error == 0) {
                return;
            }
            // Some file systems keep what they could allocate.
            channel.truncate(before);
            if (error == Posix.ENOSPC || error == Posix.EDQUOT) {
                throw full(size - before);
            }
        }
        try {
            writeZeros(before, size);
        } catch (IOException e) {
            channel.truncate(before);
            throw usableSpace() < size - before ? full(size - before) : e;
        }
    }

    private void writeZeros(long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_LENGTH);
        for (long at = from; at < to; ) {
            zeros.clear().limit((int) Math.min(ZEROS_LENGTH, to - at));
            at += channel.write(zeros, at);
        }
    }

    private DiskFullException full(long missing) throws IOException {
        return new DiskFullException(
                path + " needs " + missing + " bytes more and the file system has " + usableSpace() + " left");
    }

    private long usableSpace() throws IOException {
        FileStore store = Files.getFileStore(path);
        return store.getUsableSpace();
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public MemorySegment map(long length, boolean writable, Arena arena) throws IOException {
        return channel.map(writable ? MapMode.READ_WRITE : MapMode.READ_ONLY, 0, length, arena);
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        int total = 0;
        while (target.hasRemaining()) {
            int count = channel.read(target, offset + total);
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
            at += channel.write(source, at);
        }
    }

    @Override
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        return channel.transferTo(offset, length, target);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
