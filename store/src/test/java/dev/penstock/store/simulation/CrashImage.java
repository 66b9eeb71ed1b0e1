package dev.penstock.store.simulation;

import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.DiskLock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one power cut left. As a disk it is good for one recovery, which cuts files off, deletes some, and overwrites with zeros
 * what it does not look at again: so it is a look at the pages where they are, and no copy. Valid until {@link PowerCut} makes the next one.
 *
 * <p>One thread.
 */
public final class CrashImage implements Disk, DiskDirectory {

    private static final Path PATH = Path.of("image");

    private static final class File {
        final MemorySegment memory;
        long length;

        File(MemorySegment memory, long length) {
            this.memory = memory;
            this.length = length;
        }

        MemorySegment content() {
            return memory.asSlice(0, length);
        }
    }

    private final Map<String, File> files = new HashMap<>();

    void clear() {
        files.clear();
    }

    void add(String name, MemorySegment memory, long length) {
        files.put(name, new File(memory, length));
    }

    /** A disk of its own that begins with what was left. */
    public SimulatedDisk toDisk(Arena arena) {
        Map<String, MemorySegment> contents = new HashMap<>();
        files.forEach((name, file) -> contents.put(name, file.content()));
        return SimulatedDisk.holding(arena, contents);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        files.keySet().stream()
                .sorted()
                .forEach(name -> text.append(' ').append(name).append(':').append(files.get(name).length));
        return text.toString();
    }

    @Override
    public DiskDirectory openDirectory(Path path) {
        return this;
    }

    @Override
    public Path path() {
        return PATH;
    }

    @Override
    public void checkPlace() {
        // There is no other.
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
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
        return new Handle(PATH.resolve(name), existing(name));
    }

    private File existing(String name) throws NoSuchFileException {
        File file = files.get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return file;
    }

    @Override
    public void rename(String from, String to) {
        throw new UnsupportedOperationException("recovery renames nothing");
    }

    @Override
    public void delete(String name) {
        files.remove(name);
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
    public DiskDirectory openDirectory(String name) {
        throw new UnsupportedOperationException("there is one directory");
    }

    @Override
    public void deleteDirectory(String name) {
        throw new UnsupportedOperationException("there is one directory");
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
        throw new UnsupportedOperationException("who looks says whether the machine stopped");
    }

    @Override
    public String uptime() {
        return "";
    }

    @Override
    public void close() {
        // Nothing is held.
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
