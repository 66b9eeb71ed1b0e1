package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.IdleFile;
import dev.penstock.store.internal.io.OpenFiles;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.Pipe;
import dev.penstock.store.internal.io.ReadableRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The file of a segment of the log. It is open from its creation until all of it is forced. A sealed segment needs no
 * descriptor, because it is mapped; its file is opened when its bytes are sent, and closed when other files need the
 * descriptor.
 *
 * <p>The mapping keeps the file in existence, and its file key from being reused. A file that is opened again and has
 * the same key is therefore the same file. If it has lost its name, or no descriptor is left, the mapping is read
 * instead.
 *
 * <p>Thread-safe.
 */
final class SegmentFile implements DiskFile {

    private final DiskDirectory directory;
    private final String name;
    private final boolean writable;
    private final IdleFile file;
    /** Whether the file is kept open. */
    private final AtomicBoolean kept = new AtomicBoolean();
    /** Set before the file can be opened a second time. */
    @SuppressWarnings("NullAway.Init")
    private volatile Object key;

    private volatile MemorySegment memory = MemorySegment.NULL;

    /** A file that is not open yet. */
    SegmentFile(OpenFiles files, DiskDirectory directory, String name, boolean writable) {
        this.directory = directory;
        this.name = name;
        this.writable = writable;
        this.file = new IdleFile(files, new IdleFile.Source() {
            @Override
            public Path path() {
                return directory.path().resolve(name);
            }

            @Override
            public DiskFile open() throws IOException {
                return reopen();
            }
        });
    }

    /** Opens the file for the first time, and keeps it open until it is {@linkplain #letGo let go} or closed. */
    void open(IdleFile.Reopening first) throws IOException {
        file.pin(first);
        kept.set(true);
        key = file.fileKey();
    }

    /** Maps the file, once. */
    MemorySegment mapWhole(long length, Arena arena) throws IOException {
        memory = file.map(length, writable, arena);
        return memory;
    }

    /** The same into a range; null where this cannot be done. */
    @Nullable
    MemorySegment mapWhole(long length, ReadableRange range, Arena arena) throws IOException {
        MemorySegment mapped = file.map(length, writable, range, arena);
        if (mapped != null) {
            memory = mapped;
        }
        return mapped;
    }

    /** The file need not stay open: it is mapped, and all that was written to it is forced. */
    void letGo() {
        if (kept.getAndSet(false)) {
            file.unpin();
        }
    }

    private DiskFile reopen() throws IOException {
        DiskFile opened = directory.open(name, writable);
        boolean same = false;
        try {
            if (!isSame(opened)) {
                throw new NoSuchFileException(path().toString(), null, "another file has its name");
            }
            same = true;
            return opened;
        } finally {
            if (!same) {
                opened.close();
            }
        }
    }

    private boolean isSame(DiskFile opened) throws IOException {
        return opened.fileKey().equals(key);
    }

    // --- what the mapping can stand in for ---

    @Override
    public long size() throws IOException {
        try {
            return file.size();
        } catch (NoSuchFileException | OutOfDescriptorsException e) {
            return memory.byteSize();
        }
    }

    /** Length of the file with this name, which may be closed and stays so. */
    long lengthByName() throws IOException {
        try {
            return directory.length(name);
        } catch (NoSuchFileException e) {
            return memory.byteSize();
        }
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        try {
            return file.read(target, offset);
        } catch (NoSuchFileException | OutOfDescriptorsException e) {
            MemorySegment part = part(offset, target.remaining());
            MemorySegment.copy(part, 0, MemorySegment.ofBuffer(target), 0, part.byteSize());
            PageFaults.deliver();
            target.position(target.position() + (int) part.byteSize());
            return (int) part.byteSize();
        }
    }

    @Override
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        try {
            return file.transferTo(offset, length, target);
        } catch (NoSuchFileException | OutOfDescriptorsException e) {
            return CallersCode.writeMapped(
                    target, part(offset, Math.min(length, Integer.MAX_VALUE)).asByteBuffer());
        }
    }

    private MemorySegment part(long offset, long most) {
        MemorySegment mapped = memory;
        long from = Math.min(offset, mapped.byteSize());
        return mapped.asSlice(from, Math.min(most, mapped.byteSize() - from));
    }

    @Override
    public long readUncached(ByteBuffer target, long offset) throws IOException {
        try {
            return file.readUncached(target, offset);
        } catch (NoSuchFileException | OutOfDescriptorsException e) {
            return UNSUPPORTED;
        }
    }

    @Override
    public long spliceTo(long offset, long length, Pipe target) throws IOException {
        try {
            return file.spliceTo(offset, length, target);
        } catch (NoSuchFileException | OutOfDescriptorsException e) {
            return UNSUPPORTED;
        }
    }

    // --- what only the file can do ---

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Object fileKey() {
        return key;
    }

    @Override
    public void allocate(long size) throws IOException {
        file.allocate(size);
    }

    @Override
    public void truncate(long size) throws IOException {
        file.truncate(size);
    }

    @Override
    public void trim(long size) throws IOException {
        file.trim(size);
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    @Override
    public MemorySegment map(long length, boolean writing, Arena arena) throws IOException {
        return file.map(length, writing, arena);
    }

    @Override
    public @Nullable MemorySegment mapPrivate(long length, Arena arena) throws IOException {
        return file.mapPrivate(length, arena);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        file.write(source, offset);
    }

    @Override
    public void close() throws IOException {
        letGo();
        file.close();
    }
}
