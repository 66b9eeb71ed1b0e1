package dev.penstock.store;

import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.DiskLock;
import dev.penstock.store.internal.io.SystemDisk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;

/** A disk, the real one if no other is given, with someone looking at each call that changes it before it is made. */
public final class WatchedDisk implements Disk {

    /** A call that changes the disk. */
    public enum Call {
        CREATE_DIRECTORY,
        CREATE,
        ALLOCATE,
        WRITE,
        FORCE,
        TRUNCATE,
        RENAME,
        DELETE,
        LINK,
        FORCE_DIRECTORY,
        LOCK
    }

    /** Looks at a call; may throw in its place. */
    public interface Watcher {

        void before(Call call, Path path) throws IOException;

        /**
         * Says how many bytes of a write reach the page cache before {@link #insideWrite} looks; 0 if it does not. A
         * process that is killed leaves a write in part.
         */
        default int firstPart(long offset, int length) {
            return 0;
        }

        default void insideWrite(Path path) throws IOException {}

        /** Whoever is about to map a file has asked for its length before. */
        default void beforeMapping(Path path) throws IOException {}

        /** Whether a file can be mapped for stores that do not change it. */
        default boolean canMapPrivately(Path path) {
            return true;
        }

        /** Looks at the opening of a file that is there; changes nothing. */
        default void beforeOpening(Path path) throws IOException {}
    }

    private final Disk disk;
    private final Watcher watcher;

    public WatchedDisk(Watcher watcher) {
        this(new SystemDisk(), watcher);
    }

    public WatchedDisk(Disk disk, Watcher watcher) {
        this.disk = disk;
        this.watcher = watcher;
    }

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
        return new WatchedDirectory(disk.openDirectory(path));
    }

    private final class WatchedDirectory implements DiskDirectory {

        private final DiskDirectory directory;

        WatchedDirectory(DiskDirectory directory) {
            this.directory = directory;
        }

        private void before(Call call, String name) throws IOException {
            watcher.before(call, path().resolve(name));
        }

        @Override
        public Path path() {
            return directory.path();
        }

        @Override
        public void checkPlace() throws IOException {
            directory.checkPlace();
        }

        @Override
        public boolean mayReplaceFiles() {
            return directory.mayReplaceFiles();
        }

        @Override
        public List<String> list() throws IOException {
            return directory.list();
        }

        @Override
        public long length(String name) throws IOException {
            return directory.length(name);
        }

        @Override
        public DiskFile create(String name) throws IOException {
            before(Call.CREATE, name);
            return new WatchedFile(directory.create(name));
        }

        @Override
        public DiskFile open(String name, boolean writable) throws IOException {
            watcher.beforeOpening(path().resolve(name));
            return new WatchedFile(directory.open(name, writable));
        }

        @Override
        public void rename(String from, String to) throws IOException {
            before(Call.RENAME, to);
            directory.rename(from, to);
        }

        @Override
        public void delete(String name) throws IOException {
            before(Call.DELETE, name);
            directory.delete(name);
        }

        @Override
        public void link(String name, DiskDirectory target, String targetName) throws IOException {
            watcher.before(Call.LINK, target.path().resolve(targetName));
            directory.link(name, target instanceof WatchedDirectory watched ? watched.directory : target, targetName);
        }

        @Override
        public void createDirectory(Path name) throws IOException {
            watcher.before(Call.CREATE_DIRECTORY, path().resolve(name));
            directory.createDirectory(name);
        }

        @Override
        public DiskDirectory openDirectory(String name) throws IOException {
            return new WatchedDirectory(directory.openDirectory(name));
        }

        @Override
        public void deleteDirectory(String name) throws IOException {
            before(Call.DELETE, name);
            directory.deleteDirectory(name);
        }

        @Override
        public void force() throws IOException {
            watcher.before(Call.FORCE_DIRECTORY, path());
            directory.force();
        }

        @Override
        public void forceName() throws IOException {
            watcher.before(Call.FORCE_DIRECTORY, path().toAbsolutePath().getParent());
            directory.forceName();
        }

        @Override
        public DiskLock lock(String name) throws IOException {
            before(Call.LOCK, name);
            return new WatchedLock(directory.lock(name), path().resolve(name));
        }

        @Override
        public byte[] lockContent(String name) throws IOException {
            return directory.lockContent(name);
        }

        @Override
        public String uptime() {
            return directory.uptime();
        }

        @Override
        public void close() throws IOException {
            directory.close();
        }
    }

    private final class WatchedLock implements DiskLock {

        private final DiskLock lock;
        private final Path path;

        WatchedLock(DiskLock lock, Path path) {
            this.lock = lock;
            this.path = path;
        }

        @Override
        public byte[] content() throws IOException {
            return lock.content();
        }

        @Override
        public void content(byte[] content) throws IOException {
            watcher.before(Call.WRITE, path);
            lock.content(content);
        }

        @Override
        public void force() throws IOException {
            watcher.before(Call.FORCE, path);
            lock.force();
        }

        @Override
        public void checkPlace() throws IOException {
            lock.checkPlace();
        }

        @Override
        public void close() throws IOException {
            lock.close();
        }
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
        public Object fileKey() throws IOException {
            return file.fileKey();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void checkRoom(long size) throws IOException {
            file.checkRoom(size);
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
            watcher.beforeMapping(path());
            return file.map(length, writable, arena);
        }

        @Override
        public MemorySegment mapPrivate(long length, Arena arena) throws IOException {
            return watcher.canMapPrivately(path()) ? file.mapPrivate(length, arena) : null;
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            return file.read(target, offset);
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            watcher.before(Call.WRITE, path());
            int length = source.remaining();
            int first = watcher.firstPart(offset, length);
            if (first > 0 && first < length) {
                source.limit(source.position() + first);
                file.write(source, offset);
                source.limit(source.position() + length - first);
                watcher.insideWrite(path());
                file.write(source, offset + first);
            } else {
                file.write(source, offset);
            }
        }

        @Override
        public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
            return file.transferTo(offset, length, target);
        }

        @Override
        public void relax() throws IOException {
            file.relax();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
