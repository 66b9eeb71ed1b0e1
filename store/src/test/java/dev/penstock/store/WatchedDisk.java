package dev.penstock.store;

import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.PosixDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;

/** A disk, the real one if no other is given, with someone looking at each call that changes it before it is made. */
final class WatchedDisk implements Disk {

    /** A call that changes the disk. */
    enum Call {
        CREATE_DIRECTORY,
        CREATE,
        ALLOCATE,
        WRITE,
        FORCE,
        TRUNCATE,
        RENAME,
        DELETE,
        FORCE_DIRECTORY
    }

    /** Looks at a call; may throw in its place. */
    interface Watcher {

        void before(Call call, Path path) throws IOException;
    }

    private final Disk disk;
    private final Watcher watcher;

    WatchedDisk(Watcher watcher) {
        this(new PosixDisk(), watcher);
    }

    WatchedDisk(Disk disk, Watcher watcher) {
        this.disk = disk;
        this.watcher = watcher;
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        watcher.before(Call.CREATE_DIRECTORY, directory);
        disk.createDirectory(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        watcher.before(Call.CREATE, path);
        return new WatchedFile(disk.create(path));
    }

    @Override
    public DiskFile open(Path path, boolean writable) throws IOException {
        return new WatchedFile(disk.open(path, writable));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        watcher.before(Call.RENAME, to);
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        watcher.before(Call.DELETE, path);
        disk.delete(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        watcher.before(Call.FORCE_DIRECTORY, directory);
        disk.forceDirectory(directory);
    }

    private final class WatchedFile implements DiskFile {

        private final DiskFile file;

        WatchedFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void allocate(long size) throws IOException {
            watcher.before(Call.ALLOCATE, path());
            file.allocate(size);
        }

        @Override
        public void truncate(long size) throws IOException {
            watcher.before(Call.TRUNCATE, path());
            file.truncate(size);
        }

        @Override
        public void force() throws IOException {
            watcher.before(Call.FORCE, path());
            file.force();
        }

        @Override
        public MemorySegment map(long length, boolean writable, Arena arena) throws IOException {
            return file.map(length, writable, arena);
        }

        @Override
        public MemorySegment mapPrivate(long length, Arena arena) throws IOException {
            return file.mapPrivate(length, arena);
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            return file.read(target, offset);
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            watcher.before(Call.WRITE, path());
            file.write(source, offset);
        }

        @Override
        public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
            return file.transferTo(offset, length, target);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
