package dev.penstock.store.simulation;

import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.DiskLock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one power cut left. As a disk it is good for one recovery, which cuts files off, deletes some, and overwrites
 * with zeros what it does not look at again: so it is a look at the pages where they are, and no copy. Valid until
 * {@link PowerCut} makes the next one.
 *
 * <p>One thread.
 */
public final class CrashImage implements Disk {

    /** What a name leads to. */
    sealed interface Entry {}

    /** A file, which may have several names. */
    static final class File implements Entry {
        private final MemorySegment memory;
        private long length;

        File(MemorySegment memory, long length) {
            this.memory = memory;
            this.length = length;
        }

        MemorySegment content() {
            return memory.asSlice(0, length);
        }
    }

    record Folder(int fileSystem, Map<String, Entry> entries) implements Entry {}

    private Folder root;
    private boolean sameBoot;

    void hold(Folder left) {
        root = left;
        sameBoot = false;
    }

    /** Whether it was only the process that died, so that the note in {@code LOCK} is still true. */
    public void sameBoot(boolean same) {
        sameBoot = same;
    }

    /** A disk of its own that begins with what was left. */
    public SimulatedDisk toDisk(Arena arena) {
        return SimulatedDisk.holding(arena, root);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        describe(root, "/", text);
        return text.toString();
    }

    private static void describe(Folder folder, String path, StringBuilder text) {
        for (Map.Entry<String, Entry> each : new TreeMap<>(folder.entries()).entrySet()) {
            switch (each.getValue()) {
                case File file ->
                    text.append(' ')
                            .append(path)
                            .append(each.getKey())
                            .append(':')
                            .append(file.length);
                case Folder inner -> {
                    String innerPath = path + each.getKey() + '/';
                    if (inner.entries().isEmpty()) {
                        text.append(' ').append(innerPath);
                    }
                    describe(inner, innerPath, text);
                }
            }
        }
    }

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
        Folder place = root;
        for (Path each : path.toAbsolutePath()) {
            place = inner(place, each.toString(), path);
        }
        return new Directory(path, place, sameBoot);
    }

    private static Folder inner(Folder place, String name, Path path) throws IOException {
        return switch (place.entries().get(name)) {
            case null -> throw new NoSuchFileException(path.toString());
            case File _ -> throw new NotDirectoryException(path.toString());
            case Folder inner -> inner;
        };
    }

    private static final class Directory implements DiskDirectory {

        private final Path path;
        private final Folder place;
        private final boolean sameBoot;

        Directory(Path path, Folder place, boolean sameBoot) {
            this.path = path;
            this.place = place;
            this.sameBoot = sameBoot;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public void checkPlace() {
            // There is no other.
        }

        @Override
        public List<String> list() {
            return List.copyOf(place.entries().keySet());
        }

        @Override
        public long length(String name) throws IOException {
            return existing(name).length;
        }

        @Override
        public DiskFile create(String name) {
            throw new UnsupportedOperationException("recovery creates nothing");
        }

        @Override
        public DiskFile open(String name, boolean writable) throws IOException {
            return new Handle(path.resolve(name), existing(name));
        }

        private File existing(String name) throws IOException {
            return switch (place.entries().get(name)) {
                case null -> throw new NoSuchFileException(path.resolve(name).toString());
                case File file -> file;
                case Folder _ -> throw new IOException(path.resolve(name) + " is not a regular file");
            };
        }

        @Override
        public void rename(String from, String to) {
            throw new UnsupportedOperationException("recovery renames nothing");
        }

        @Override
        public void delete(String name) {
            place.entries().remove(name);
        }

        @Override
        public void link(String name, DiskDirectory target, String targetName) {
            throw new UnsupportedOperationException("recovery links nothing");
        }

        @Override
        public void createDirectory(Path name) {
            throw new UnsupportedOperationException("recovery creates nothing");
        }

        @Override
        public DiskDirectory openDirectory(String name) throws IOException {
            return new Directory(path.resolve(name), inner(place, name, path.resolve(name)), sameBoot);
        }

        @Override
        public void deleteDirectory(String name) {
            throw new UnsupportedOperationException("recovery deletes no directory");
        }

        @Override
        public void force() {
            // All that is here is on the device.
        }

        @Override
        public void forceName() {
            // It is on the device.
        }

        @Override
        public DiskLock lock(String name) {
            throw new UnsupportedOperationException("recovery takes no lock");
        }

        @Override
        public byte[] lockContent(String name) {
            return place.entries().get(name) instanceof File file
                    ? file.content().toArray(ValueLayout.JAVA_BYTE)
                    : new byte[0];
        }

        @Override
        public String uptime() {
            return sameBoot ? new String(lockContent(FileNames.LOCK), StandardCharsets.US_ASCII) : "";
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private static final class Handle implements DiskFile {

        private final Path path;
        private final File file;

        Handle(Path path, File file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public Object fileKey() {
            return file;
        }

        @Override
        public long size() {
            return file.length;
        }

        @Override
        public void allocate(long size) {
            throw new UnsupportedOperationException("recovery allocates nothing");
        }

        @Override
        public void truncate(long size) {
            file.length = Math.min(file.length, size);
        }

        @Override
        public void force() {
            // All that is here is on the device.
        }

        @Override
        public MemorySegment map(long length, boolean writable, Arena arena) {
            return file.content().asSlice(0, length).asReadOnly();
        }

        @Override
        public MemorySegment mapPrivate(long length, Arena arena) {
            return arena.allocate(length, SimulatedFile.PAGE_LENGTH)
                    .copyFrom(file.content().asSlice(0, length));
        }

        @Override
        public int read(ByteBuffer target, long offset) {
            return SimulatedDisk.readFrom(file.content(), target, offset);
        }

        @Override
        public void write(ByteBuffer source, long offset) {
            MemorySegment written = MemorySegment.ofBuffer(source);
            boolean zerosInPlace = MemorySegment.mismatch(
                                    written,
                                    0,
                                    written.byteSize(),
                                    MemorySegment.ofArray(new byte[(int) written.byteSize()]),
                                    0,
                                    written.byteSize())
                            < 0
                    && offset + written.byteSize() <= file.length;
            if (!zerosInPlace) {
                throw new UnsupportedOperationException(
                        "recovery writes nothing but zeros in the place of what is there");
            }
            source.position(source.limit());
        }

        @Override
        public long transferTo(long offset, long length, WritableByteChannel target) {
            throw new UnsupportedOperationException("recovery sends nothing");
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
