package dev.penstock.store.internal.io;

import dev.penstock.store.StoreException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A file that is opened when it is needed and may be closed while it is unused, since there may be very many. Reopening
 * it checks that it is still the same file. Mappings outlive the closing.
 *
 * <p><b>Use.</b> Each call, and each caller that {@linkplain #keep keeps} the file open, counts as a user. Only a file
 * without users is closed, and the count says so at once: a user either finds the file open, and it stays open, or
 * opens it.
 *
 * <p><b>Written files.</b> The kernel may drop a write-back error once a file is closed, so writers keep the file open
 * until it is forced.
 *
 * <p>Thread-safe.
 */
public final class IdleFile implements DiskFile {

    /** Opens the file, and refuses another one that has its name by now. */
    public interface Reopening {

        DiskFile open() throws IOException;
    }

    /** Which file it is. */
    public interface Source extends Reopening {

        /** Created on demand: a path takes as much memory as the rest of a closed file's state. */
        Path path();
    }

    /** In place of the count of users: the file is not open. */
    private static final int SHUT = -1;

    private static final VarHandle FILE;

    static {
        try {
            FILE = MethodHandles.lookup().findVarHandle(IdleFile.class, "file", DiskFile.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final OpenFiles files;
    private final Source source;
    private final AtomicInteger users = new AtomicInteger(SHUT);
    /** Not null while there are users. Null once it is shut: very many files are. */
    private volatile @Nullable DiskFile file;

    private volatile boolean recent;
    private volatile boolean closed;

    /** A file that is not open yet. */
    public IdleFile(OpenFiles files, Source source) {
        this.files = files;
        this.source = source;
    }

    // --- users ---

    private DiskFile use() throws IOException {
        for (; ; ) {
            if (closed) {
                throw new ClosedChannelException();
            }
            DiskFile inUse = useIfOpen();
            if (inUse != null) {
                return inUse;
            }
            inUse = open(source);
            if (inUse != null) {
                return inUse;
            }
        }
    }

    private @Nullable DiskFile useIfOpen() {
        for (int count = users.get(); count != SHUT; count = users.get()) {
            if (users.compareAndSet(count, count + 1)) {
                if (!recent) {
                    recent = true;
                }
                return Objects.requireNonNull(file);
            }
        }
        return null;
    }

    /** Null if another thread has opened it. */
    private synchronized @Nullable DiskFile open(Reopening how) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (users.get() != SHUT) {
            return null;
        }
        files.makeRoom();
        DiskFile opened;
        try {
            opened = how.open();
        } catch (OutOfDescriptorsException e) {
            if (!files.closeIdle()) {
                throw e;
            }
            opened = how.open();
        }
        file = opened;
        recent = true;
        users.set(1);
        files.add(this);
        return opened;
    }

    private void release() {
        users.decrementAndGet();
    }

    /**
     * Has the file stay open until it is let go.
     *
     * @throws OutOfDescriptorsException if too many are kept open
     */
    public void keep() throws IOException {
        keep(source);
    }

    /** The same for a file that is opened in another way the first time. */
    public void keep(Reopening first) throws IOException {
        files.keep(source);
        boolean kept = false;
        try {
            pin(first);
            kept = true;
        } finally {
            if (!kept) {
                files.letGo();
            }
        }
    }

    /**
     * Has the file stay open however many are kept, until it is {@linkplain #unpin unpinned}. For the few that the log
     * needs.
     *
     * @param first how it is opened if it is not open
     */
    public void pin(Reopening first) throws IOException {
        if (open(first) == null) {
            use();
        }
    }

    /** Ends what {@link #pin} began, once. */
    public void unpin() {
        release();
    }

    /** Keeps the file open if it is open and the limit allows it; returns whether it does. */
    public boolean keepIfOpen() {
        if (!files.tryToKeep()) {
            return false;
        }
        if (!closed && useIfOpen() != null) {
            return true;
        }
        files.letGo();
        return false;
    }

    /**
     * Opens the file if need be and keeps it open, unless that fails or the limit is reached; returns whether it does.
     */
    public boolean tryToKeep() {
        if (!files.tryToKeep()) {
            return false;
        }
        boolean kept = false;
        try {
            use();
            kept = true;
        } catch (IOException | StoreException e) {
            StoreLog.get().log(System.Logger.Level.DEBUG, "opening " + path(), e);
        } finally {
            if (!kept) {
                files.letGo();
            }
        }
        return kept;
    }

    /** Ends what {@link #keep} began, once. */
    public void letGo() {
        release();
        files.letGo();
    }

    // --- for the open files ---

    /** Whether it was used since this was asked last. */
    boolean isRecent() {
        boolean was = recent;
        recent = false;
        return was;
    }

    /** Closes the file unless it has users. Called under the lock of the open files. */
    boolean closeIfIdle() {
        DiskFile idle = file;
        if (idle == null || !users.compareAndSet(0, SHUT)) {
            return false;
        }
        FILE.compareAndSet(this, idle, null); // not one that was opened meanwhile
        try {
            idle.close();
        } catch (IOException e) {
            // Whatever was written to it has been forced.
            StoreLog.get().log(System.Logger.Level.DEBUG, "closing " + path(), e);
        }
        return true;
    }

    // --- the file ---

    @Override
    public Path path() {
        return source.path();
    }

    @Override
    public Object fileKey() throws IOException {
        DiskFile open = use();
        try {
            return open.fileKey();
        } finally {
            release();
        }
    }

    @Override
    public long size() throws IOException {
        DiskFile open = use();
        try {
            return open.size();
        } finally {
            release();
        }
    }

    @Override
    public void allocate(long size) throws IOException {
        DiskFile open = use();
        try {
            open.allocate(size);
        } finally {
            release();
        }
    }

    @Override
    public void checkRoom(long size) throws IOException {
        DiskFile open = use();
        try {
            open.checkRoom(size);
        } finally {
            release();
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        DiskFile open = use();
        try {
            open.truncate(size);
        } finally {
            release();
        }
    }

    @Override
    public void trim(long size) throws IOException {
        DiskFile open = use();
        try {
            open.trim(size);
        } finally {
            release();
        }
    }

    @Override
    public void force() throws IOException {
        DiskFile open = use();
        try {
            open.force();
        } finally {
            release();
        }
    }

    @Override
    public void relax() throws IOException {
        DiskFile open = useIfOpen();
        if (open != null) {
            try {
                open.relax();
            } finally {
                release();
            }
        }
    }

    @Override
    public MemorySegment map(long length, boolean writable, Arena arena) throws IOException {
        DiskFile open = use();
        try {
            return open.map(length, writable, arena);
        } finally {
            release();
        }
    }

    @Override
    public @Nullable MemorySegment map(long length, boolean writable, ReadableRange range, Arena arena)
            throws IOException {
        DiskFile open = use();
        try {
            return open.map(length, writable, range, arena);
        } finally {
            release();
        }
    }

    @Override
    public @Nullable MemorySegment mapPrivate(long length, Arena arena) throws IOException {
        DiskFile open = use();
        try {
            return open.mapPrivate(length, arena);
        } finally {
            release();
        }
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        DiskFile open = use();
        try {
            return open.read(target, offset);
        } finally {
            release();
        }
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        DiskFile open = use();
        try {
            open.write(source, offset);
        } finally {
            release();
        }
    }

    @Override
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        DiskFile open = use();
        try {
            return open.transferTo(offset, length, target);
        } finally {
            release();
        }
    }

    @Override
    public long readUncached(ByteBuffer target, long offset) throws IOException {
        DiskFile open = use();
        try {
            return open.readUncached(target, offset);
        } finally {
            release();
        }
    }

    @Override
    public long spliceTo(long offset, long length, Pipe target) throws IOException {
        DiskFile open = use();
        try {
            return open.spliceTo(offset, length, target);
        } finally {
            release();
        }
    }

    @Override
    public long spliceFrom(Pipe source, long offset, long length) throws IOException {
        DiskFile open = use();
        try {
            return open.spliceFrom(source, offset, length);
        } finally {
            release();
        }
    }

    /** For good. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        files.remove(this);
        DiskFile last = file;
        if (last != null) {
            last.close();
        }
    }
}
