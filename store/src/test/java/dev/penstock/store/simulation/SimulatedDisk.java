package dev.penstock.store.simulation;

import dev.penstock.store.StoreLockedException;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.DiskLock;
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
import java.util.concurrent.atomic.AtomicLong;
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

    private static final AtomicLong BOOTS = new AtomicLong();

    private final Arena arena;
    /** Another one after each power cut. */
    private final long boot;

    private boolean locked;
    private final Map<String, SimulatedFile> names = new TreeMap<>();
    private final Map<String, SimulatedFile> durableNames = new TreeMap<>();
    private final List<NameChange> nameChanges = new ArrayList<>();
    private boolean cuttingWrites;

    /** @param arena where the files live */
    public SimulatedDisk(Arena arena) {
        this(arena, BOOTS.incrementAndGet());
    }

    private SimulatedDisk(Arena arena, long boot) {
        this.arena = arena;
        this.boot = boot;
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
        SimulatedDisk disk = new SimulatedDisk(copies, boot);
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
    public DiskDirectory openDirectory(Path path) {
        return new Directory(path);
    }

    private void change(NameChange change) {
        change.applyTo(names);
        nameChanges.add(change);
    }

    private final class Directory implements DiskDirectory {

        private final Path path;

        Directory(Path path) {
            this.path = path;
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
            return List.copyOf(names.keySet());
        }

        @Override
        public long length(String name) throws IOException {
            return existing(name).length();
        }

        @Override
        public DiskFile create(String name) throws IOException {
            SimulatedFile file = new SimulatedFile(arena);
            if (names.putIfAbsent(name, file) != null) {
                throw new FileAlreadyExistsException(name);
            }
            nameChanges.add(new NameChange.Create(name, file));
            return new Handle(path.resolve(name), file);
        }

        @Override
        public DiskFile open(String name, boolean writable) throws IOException {
            return new Handle(path.resolve(name), existing(name));
        }

        @Override
        public void rename(String from, String to) throws IOException {
            existing(from);
            change(new NameChange.Rename(from, to));
        }

        @Override
        public void delete(String name) {
            if (names.containsKey(name)) {
                change(new NameChange.Delete(name));
            }
        }

        @Override
        public void link(String name, DiskDirectory target, String targetName) {
            throw new UnsupportedOperationException("there is one name for each file");
        }

        @Override
        public void createDirectory(Path name) {
            throw new UnsupportedOperationException("there is one directory");
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
            nameChanges.clear();
            durableNames.clear();
            durableNames.putAll(names);
        }

        @Override
        public void forceName() {
            // It was there before all else.
        }

        @Override
        public DiskLock lock(String name) throws IOException {
            if (locked) {
                throw new StoreLockedException(path + " is already open in this process");
            }
            DiskFile file = names.containsKey(name) ? open(name, true) : create(name);
            locked = true;
            return new Lock(file);
        }

        @Override
        public byte[] lockContent(String name) throws IOException {
            return names.containsKey(name) ? contentOf(open(name, false)) : new byte[0];
        }

        @Override
        public String uptime() {
            return "boot " + boot;
        }

        private SimulatedFile existing(String name) throws NoSuchFileException {
            SimulatedFile file = names.get(name);
            if (file == null) {
                throw new NoSuchFileException(name);
            }
            return file;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private static byte[] contentOf(DiskFile file) throws IOException {
        byte[] content = new byte[(int) file.size()];
        file.read(ByteBuffer.wrap(content), 0);
        return content;
    }

    private final class Lock implements DiskLock {

        private final DiskFile file;

        Lock(DiskFile file) {
            this.file = file;
        }

        @Override
        public byte[] content() throws IOException {
            return contentOf(file);
        }

        @Override
        public void content(byte[] content) throws IOException {
            file.write(ByteBuffer.wrap(content), 0);
            file.truncate(content.length);
        }

        @Override
        public void checkPlace() {
            // Nobody takes it away.
        }

        @Override
        public void close() {
            locked = false;
        }
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
