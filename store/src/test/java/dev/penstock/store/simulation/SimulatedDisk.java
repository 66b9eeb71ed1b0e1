package dev.penstock.store.simulation;

import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A disk in memory, one directory, that tells what the process sees from what the device holds.
 *
 * <p>A force of a file puts its pages and its length on the device, and not its name; a force of the directory puts the
 * names there, and no content. That is what POSIX promises and no more. Between the forces {@link PowerCut} may take any
 * mixture. Whoever wants a version of a page kept calls {@link #capture} while the page has it.
 *
 * <p>One thread.
 */
public final class SimulatedDisk implements Disk {

    private final Arena arena;
    private final Map<String, SimulatedFile> names = new TreeMap<>();
    private final Map<String, SimulatedFile> durableNames = new TreeMap<>();
    private final List<NameChange> nameChanges = new ArrayList<>();
    private boolean cuttingWrites;

    /** @param arena where the files live */
    public SimulatedDisk(Arena arena) {
        this.arena = arena;
    }

    /** A disk that holds what a power cut left, all of it on the device. */
    static SimulatedDisk holding(Arena arena, Map<String, MemorySegment> files) {
        SimulatedDisk disk = new SimulatedDisk(arena);
        files.forEach((name, content) -> disk.names.put(name, SimulatedFile.durable(arena, content)));
        disk.durableNames.putAll(disk.names);
        return disk;
    }

    /** A disk of its own that is like this one in everything: what the process sees, what is on the device, and between. */
    public SimulatedDisk copy(Arena copies) {
        SimulatedDisk disk = new SimulatedDisk(copies);
        Map<SimulatedFile, SimulatedFile> copied = new HashMap<>();
        UnaryOperator<SimulatedFile> copying =
                file -> copied.computeIfAbsent(file, original -> new SimulatedFile(copies, original));
        names.forEach((name, file) -> disk.names.put(name, copying.apply(file)));
        durableNames.forEach((name, file) -> disk.durableNames.put(name, copying.apply(file)));
        for (NameChange change : nameChanges) {
            disk.nameChanges.add(
                    change instanceof NameChange.Create(String name, SimulatedFile file)
                            ? new NameChange.Create(name, copying.apply(file))
                            : change);
        }
        return disk;
    }

    /** Keeps a version of every page that changed since the last call. */
    public void capture() {
        names.values().forEach(SimulatedFile::capture);
    }

    /** The next write ends halfway with an error. */
    public void cutNextWrite() {
        cuttingWrites = true;
    }

    Map<String, SimulatedFile> durableNames() {
        return durableNames;
    }

    List<NameChange> nameChanges() {
        return nameChanges;
    }

    // --- the directory ---

    @Override
    public void createDirectory(Path directory) {
        // There is one, and it is there.
    }

    @Override
    public List<String> list(Path directory) {
        return List.copyOf(names.keySet());
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        SimulatedFile file = new SimulatedFile(arena);
        if (names.putIfAbsent(name(path), file) != null) {
            throw new FileAlreadyExistsException(path.toString());
        }
        nameChanges.add(new NameChange.Create(name(path), file));
        return new Handle(path, file);
    }

    @Override
    public DiskFile open(Path path, boolean writable) throws IOException {
        return new Handle(path, existing(path));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        existing(from);
        change(new NameChange.Rename(name(from), name(to)));
    }

    @Override
    public void delete(Path path) {
        if (names.containsKey(name(path))) {
            change(new NameChange.Delete(name(path)));
        }
    }

    private void change(NameChange change) {
        change.applyTo(names);
        nameChanges.add(change);
    }

    @Override
    public void forceDirectory(Path directory) {
        nameChanges.clear();
        durableNames.clear();
        durableNames.putAll(names);
    }

    private SimulatedFile existing(Path path) throws NoSuchFileException {
        SimulatedFile file = names.get(name(path));
        if (file == null) {
            throw new NoSuchFileException(path.toString());
        }
        return file;
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    // --- a file ---

    private final class Handle implements DiskFile {

        private final Path path;
        private final SimulatedFile file;
        private boolean closed;

        Handle(Path path, SimulatedFile file) {
            this.path = path;
            this.file = file;
        }

        private SimulatedFile open() throws ClosedChannelException {
            if (closed) {
                throw new ClosedChannelException();
            }
            return file;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long size() throws IOException {
            return open().length();
        }

        @Override
        public void allocate(long size) throws IOException {
            open().allocate(size);
        }

        @Override
        public void truncate(long size) throws IOException {
            open().truncate(size);
        }

        @Override
        public void force() throws IOException {
            open().capture();
            file.force();
        }

        @Override
        public MemorySegment map(long length, boolean writable, Arena mapping) throws IOException {
            return open().map(length, writable);
        }

        @Override
        public MemorySegment mapPrivate(long length, Arena mapping) throws IOException {
            return mapping.allocate(length, SimulatedFile.PAGE_LENGTH)
                    .copyFrom(open().content().asSlice(0, length));
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            return readFrom(open().content(), target, offset);
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            MemorySegment all = MemorySegment.ofBuffer(source);
            if (cuttingWrites) {
                cuttingWrites = false;
                open().write(all.asSlice(0, all.byteSize() / 2), offset);
                throw new IOException("written in part");
            }
            open().write(all, offset);
            source.position(source.limit());
        }

        @Override
        public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
            return target.write(open().content().asSlice(offset, length).asByteBuffer());
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Reads into the buffer until it is full or the content ends. */
    static int readFrom(MemorySegment content, ByteBuffer target, long offset) {
        int count = Math.clamp(content.byteSize() - offset, 0, target.remaining());
        if (count > 0) {
            MemorySegment.copy(content, offset, MemorySegment.ofBuffer(target), 0, count);
        }
        target.position(target.position() + count);
        return count;
    }
}
