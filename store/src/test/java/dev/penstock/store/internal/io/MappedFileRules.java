package dev.penstock.store.internal.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The portable disk under the rules of Windows, as far as they can be imposed from outside: files have no keys and no
 * modes, a directory cannot be forced, a file that is mapped can be neither deleted nor replaced nor cut short, and a
 * force has no effect, and reports no error, on a channel that was opened for reading only.
 */
final class MappedFileRules implements Disk {

    /** Mappings by the path of the file; those whose arena is closed count no more. */
    private final Map<Path, List<MemorySegment>> mappings = new ConcurrentHashMap<>();

    private int refusedDeletions;
    private int refusedCuts;
    private int effectiveForces;
    private int ignoredForces;

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
        return new PortableDirectory(path, new Names(path.toRealPath(), PathNames.open(path)));
    }

    /** How often a file could not be deleted or replaced because it was mapped. */
    synchronized int refusedDeletions() {
        return refusedDeletions;
    }

    /** How often a file could not be cut because it was mapped. */
    synchronized int refusedCuts() {
        return refusedCuts;
    }

    /** How often a file was forced. */
    synchronized int effectiveForces() {
        return effectiveForces;
    }

    /** How often a file was not forced because the channel could not write. */
    synchronized int ignoredForces() {
        return ignoredForces;
    }

    private boolean isMapped(Path file) {
        return mappings.getOrDefault(file, List.of()).stream()
                .anyMatch(mapping -> mapping.scope().isAlive());
    }

    private synchronized void refuseToRemove(Path file) throws AccessDeniedException {
        if (isMapped(file)) {
            refusedDeletions++;
            throw new AccessDeniedException(file.toString());
        }
    }

    private synchronized void refuseToCut(Path file) throws IOException {
        if (isMapped(file)) {
            refusedCuts++;
            throw new IOException(
                    "The requested operation cannot be performed on a file with a user-mapped section open");
        }
    }

    /** Whether the force has an effect. */
    private synchronized boolean countForce(boolean writable) {
        if (writable) {
            effectiveForces++;
        } else {
            ignoredForces++;
        }
        return writable;
    }

    private final class Names implements PortableNames {

        private final Path directory;
        private final PortableNames real;

        Names(Path directory, PortableNames real) {
            this.directory = directory;
            this.real = real;
        }

        @Override
        public boolean arePosix() {
            return false;
        }

        @Override
        public Object key() {
            return directory;
        }

        @Override
        public Object keyOf(Path path) throws IOException {
            return path.toRealPath();
        }

        @Override
        public BasicFileAttributes attributes(String name) throws IOException {
            return new Keyless(real.attributes(name));
        }

        @Override
        public List<String> list() throws IOException {
            return real.list();
        }

        @Override
        public FileChannel open(String name, Set<? extends OpenOption> options) throws IOException {
            return new Channel(
                    directory.resolve(name), real.open(name, options), options.contains(StandardOpenOption.WRITE));
        }

        @Override
        public void move(String from, String to) throws IOException {
            refuseToRemove(directory.resolve(to));
            real.move(from, to);
        }

        @Override
        public void deleteFile(String name) throws IOException {
            refuseToRemove(directory.resolve(name));
            real.deleteFile(name);
        }

        @Override
        public void deleteDirectory(String name) throws IOException {
            real.deleteDirectory(name);
        }

        @Override
        public PortableNames directory(String name) throws IOException {
            return new Names(directory.resolve(name), real.directory(name));
        }

        @Override
        public void force() {
            // a directory cannot be opened, so it cannot be forced
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }

    private record Keyless(BasicFileAttributes real) implements BasicFileAttributes {

        @Override
        public @Nullable Object fileKey() {
            return null;
        }

        @Override
        public FileTime lastModifiedTime() {
            return real.lastModifiedTime();
        }

        @Override
        public FileTime lastAccessTime() {
            return real.lastAccessTime();
        }

        @Override
        public FileTime creationTime() {
            return real.creationTime();
        }

        @Override
        public boolean isRegularFile() {
            return real.isRegularFile();
        }

        @Override
        public boolean isDirectory() {
            return real.isDirectory();
        }

        @Override
        public boolean isSymbolicLink() {
            return real.isSymbolicLink();
        }

        @Override
        public boolean isOther() {
            return real.isOther();
        }

        @Override
        public long size() {
            return real.size();
        }
    }

    private final class Channel extends FileChannel {

        private final Path file;
        private final FileChannel real;
        private final boolean writable;

        Channel(Path file, FileChannel real, boolean writable) {
            this.file = file;
            this.real = real;
            this.writable = writable;
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            if (size < real.size()) {
                refuseToCut(file);
            }
            real.truncate(size);
            return this;
        }

        @Override
        public MemorySegment map(MapMode mode, long offset, long size, Arena arena) throws IOException {
            MemorySegment mapped = real.map(mode, offset, size, arena);
            synchronized (MappedFileRules.this) {
                mappings.compute(file, (_, others) -> {
                    List<MemorySegment> all = new ArrayList<>(others == null ? List.of() : others);
                    all.removeIf(other -> !other.scope().isAlive());
                    all.add(mapped);
                    return List.copyOf(all);
                });
            }
            return mapped;
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException("a mapping without an arena is never unmapped");
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return real.read(target);
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
            return real.read(targets, offset, length);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return real.write(source);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            return real.write(sources, offset, length);
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public void force(boolean metaData) throws IOException {
            if (countForce(writable)) {
                real.force(metaData);
            }
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            return real.transferTo(position, count, target);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
            return real.transferFrom(source, position, count);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return real.read(target, position);
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            return real.write(source, position);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return real.lock(position, size, shared);
        }

        @Override
        public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return real.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }
    }
}
