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
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * A disk in memory that tells what the process sees from what the device holds.
 *
 * <p>A force of a file puts its pages and its length on the device, and not its name. A force of a directory puts its
 * names there: neither the content of the files, nor the names in inner directories, nor the directory's own name. That
 * is what POSIX promises and no more. Between the forces {@link PowerCut} may take any mixture. A test that wants a
 * version of a page kept calls {@link #capture} while the page has it.
 *
 * <p>One thread.
 */
public final class SimulatedDisk implements Disk {

    /** All of one length, so that a seed means the same whatever ran before. */
    private static final AtomicLong BOOTS = new AtomicLong(1_000_000_000);

    private final Arena arena;
    /** Another one after each power cut. */
    private final long boot;

    private final SimulatedDirectory root;
    private int fileSystems = 1;
    private boolean cuttingWrites;

    /**
     * @param arena where the files live
     * @param directories that are there from the beginning, with their parents
     */
    public SimulatedDisk(Arena arena, Path... directories) {
        this(arena, BOOTS.incrementAndGet(), new SimulatedDirectory(null, 0));
        for (Path directory : directories) {
            make(directory, 0);
        }
    }

    private SimulatedDisk(Arena arena, long boot, SimulatedDirectory root) {
        this.arena = arena;
        this.boot = boot;
        this.root = root;
    }

    /** Begins another file system at a directory, which is made if it is missing. */
    public void mount(Path directory) {
        make(directory, fileSystems++);
    }

    private void make(Path path, int fileSystem) {
        SimulatedDirectory place = root;
        Path absolute = path.toAbsolutePath();
        for (Path each : absolute) {
            int own = each.equals(absolute.getFileName()) && fileSystem > 0 ? fileSystem : place.fileSystem;
            SimulatedNode made = new SimulatedDirectory(place, own);
            SimulatedNode known = place.names.putIfAbsent(each.toString(), made);
            place.force();
            place = (SimulatedDirectory) (known == null ? made : known);
        }
    }

    /** A disk that holds what a power cut left, all of it on the device. */
    static SimulatedDisk holding(Arena arena, CrashImage.Folder left) {
        SimulatedDisk disk = new SimulatedDisk(arena);
        disk.fill(disk.root, left, new IdentityHashMap<>());
        return disk;
    }

    private void fill(SimulatedDirectory directory, CrashImage.Folder left, Map<CrashImage.File, SimulatedFile> known) {
        left.entries().forEach((name, entry) -> {
            SimulatedNode node = switch (entry) {
                case CrashImage.File file ->
                    known.computeIfAbsent(file, each -> SimulatedFile.durable(arena, each.content()));
                case CrashImage.Folder folder -> {
                    SimulatedDirectory inner = new SimulatedDirectory(directory, folder.fileSystem());
                    fill(inner, folder, known);
                    yield inner;
                }
            };
            directory.names.put(name, node);
        });
        directory.force();
    }

    /**
     * A disk of its own that is like this one in everything: what the process sees, what is on the device, and between.
     */
    public SimulatedDisk copy(Arena copies) {
        return new SimulatedDisk(copies, boot, copy(root, null, copies, new IdentityHashMap<>()));
    }

    private static SimulatedDirectory copy(
            SimulatedDirectory original,
            SimulatedDirectory parent,
            Arena copies,
            Map<SimulatedNode, SimulatedNode> copied) {
        SimulatedDirectory copy = new SimulatedDirectory(parent, original.fileSystem);
        copied.put(original, copy);
        UnaryOperator<SimulatedNode> copying = node -> {
            SimulatedNode known = copied.get(node);
            if (known == null) {
                known = switch (node) {
                    case SimulatedFile file -> new SimulatedFile(copies, file);
                    case SimulatedDirectory inner -> copy(inner, copy, copies, copied);
                };
                copied.put(node, known);
            }
            return known;
        };
        original.names.forEach((name, node) -> copy.names.put(name, copying.apply(node)));
        original.durableNames.forEach((name, node) -> copy.durableNames.put(name, copying.apply(node)));
        for (NameChange change : original.changes) {
            copy.changes.add(
                    change instanceof NameChange.Create(String name, SimulatedNode node)
                            ? new NameChange.Create(name, copying.apply(node))
                            : change);
        }
        return copy;
    }

    /** Keeps a version of every page that changed since the last call. */
    public void capture() {
        capture(root);
    }

    private static void capture(SimulatedDirectory directory) {
        for (SimulatedNode node : directory.names.values()) {
            switch (node) {
                case SimulatedFile file -> file.capture();
                case SimulatedDirectory inner -> capture(inner);
            }
        }
    }

    /** The next write ends halfway with an error. */
    public void cutNextWrite() {
        cuttingWrites = true;
    }

    SimulatedDirectory root() {
        return root;
    }

    // --- the directories ---

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
        SimulatedDirectory place = root;
        for (Path each : path.toAbsolutePath()) {
            place = inner(place, each.toString(), path);
        }
        return new Directory(path, place);
    }

    private static SimulatedDirectory inner(SimulatedDirectory place, String name, Path path) throws IOException {
        return switch (place.names.get(name)) {
            case null -> throw new NoSuchFileException(path.toString());
            case SimulatedFile _ -> throw new NotDirectoryException(path.toString());
            case SimulatedDirectory inner -> inner;
        };
    }

    private final class Directory implements DiskDirectory {

        private final Path path;
        private final SimulatedDirectory place;

        Directory(Path path, SimulatedDirectory place) {
            this.path = path;
            this.place = place;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public void checkPlace() {
            // Nobody moves it.
        }

        @Override
        public List<String> list() {
            return List.copyOf(place.names.keySet());
        }

        @Override
        public long length(String name) throws IOException {
            return existing(name).length();
        }

        @Override
        public DiskFile create(String name) throws IOException {
            SimulatedFile file = new SimulatedFile(arena);
            add(name, file);
            return new Handle(path.resolve(name), file);
        }

        private void add(String name, SimulatedNode node) throws FileAlreadyExistsException {
            if (place.names.containsKey(name)) {
                throw new FileAlreadyExistsException(path.resolve(name).toString());
            }
            place.change(new NameChange.Create(name, node));
        }

        @Override
        public DiskFile open(String name, boolean writable) throws IOException {
            return new Handle(path.resolve(name), existing(name));
        }

        @Override
        public void rename(String from, String to) throws IOException {
            SimulatedNode node = place.names.get(from);
            if (node == null) {
                throw new NoSuchFileException(path.resolve(from).toString());
            }
            if (node != place.names.get(to)) {
                place.change(new NameChange.Rename(from, to));
            }
        }

        @Override
        public void delete(String name) throws IOException {
            if (place.names.get(name) instanceof SimulatedDirectory) {
                throw new IOException(path.resolve(name) + " is a directory");
            }
            if (place.names.containsKey(name)) {
                place.change(new NameChange.Delete(name));
            }
        }

        @Override
        public void link(String name, DiskDirectory target, String targetName) throws IOException {
            SimulatedFile file = existing(name);
            if (!(target instanceof Directory other) || other.place.fileSystem != place.fileSystem) {
                throw new IOException(target.path() + " is on another file system than " + path);
            }
            other.add(targetName, file);
        }

        @Override
        public void createDirectory(Path name) throws IOException {
            add(name.toString(), new SimulatedDirectory(place, place.fileSystem));
        }

        @Override
        public DiskDirectory openDirectory(String name) throws IOException {
            return new Directory(path.resolve(name), inner(place, name, path.resolve(name)));
        }

        @Override
        public void deleteDirectory(String name) throws IOException {
            if (place.names.containsKey(name)) {
                SimulatedDirectory inner = inner(place, name, path.resolve(name));
                if (!inner.names.isEmpty()) {
                    throw new IOException(path.resolve(name) + " is not empty");
                }
                place.change(new NameChange.Delete(name));
            }
        }

        @Override
        public void force() {
            place.force();
        }

        @Override
        public void forceName() {
            if (place.parent != null) {
                place.parent.force();
            }
        }

        @Override
        public DiskLock lock(String name) throws IOException {
            if (place.locked) {
                throw new StoreLockedException(path + " is already open in this process");
            }
            DiskFile file = place.names.containsKey(name) ? open(name, true) : create(name);
            place.locked = true;
            return new Lock(place, file);
        }

        @Override
        public byte[] lockContent(String name) throws IOException {
            return place.names.containsKey(name) ? contentOf(open(name, false)) : new byte[0];
        }

        @Override
        public String uptime() {
            return "boot " + boot;
        }

        private SimulatedFile existing(String name) throws IOException {
            return switch (place.names.get(name)) {
                case null -> throw new NoSuchFileException(path.resolve(name).toString());
                case SimulatedFile file -> file;
                case SimulatedDirectory _ -> throw new IOException(path.resolve(name) + " is not a regular file");
            };
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

    private static final class Lock implements DiskLock {

        private final SimulatedDirectory place;
        private final DiskFile file;

        Lock(SimulatedDirectory place, DiskFile file) {
            this.place = place;
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
        public void force() throws IOException {
            file.force();
        }

        @Override
        public void checkPlace() {
            // Nobody takes it away.
        }

        @Override
        public void close() {
            place.locked = false;
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
        public Object fileKey() throws IOException {
            return open();
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
