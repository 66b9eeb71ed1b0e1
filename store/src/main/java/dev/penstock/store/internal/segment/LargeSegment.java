package dev.penstock.store.internal.segment;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.PageLostException;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.IdleFile;
import dev.penstock.store.internal.io.Mappings;
import dev.penstock.store.internal.io.OpenFiles;
import dev.penstock.store.internal.reclaim.LeaseCount;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The segment of one large value: a file with one record. It is mapped only when a caller needs its memory; a transfer
 * to a channel needs no mapping. Its file is open while it is needed, and some time longer (see {@link IdleFile}).
 *
 * <p>Filled by one writer, then immutable; any number of readers. The writer may learn the length last.
 */
public final class LargeSegment implements RecordFile {

    /** Length of a value that is still growing. */
    static final long LENGTH_UNKNOWN = -1;

    /** Of a lease: it keeps the file open too. */
    private static final int OPEN = 1 << 30;

    private final LeaseCount leases;
    private final LargeMappings mappings;
    private final long number;
    private final IdleFile file;
    /** Whether the file is kept open since nobody has forced what was written to it. */
    private final AtomicBoolean unforced = new AtomicBoolean();
    /** Whether the file is kept open since its name is gone; guarded by this. */
    @GuardedBy("this")
    private boolean keptForReaders;
    /** Whether the file is another store's to delete. */
    private boolean followed;

    private final int keyLength;
    private long valueLength;
    private final boolean writable;
    private boolean filled;

    @GuardedBy("this")
    private @Nullable Arena arena;

    private volatile @Nullable MemorySegment memory;
    private volatile long referencePosition;
    private long recordSequence;
    private volatile boolean committed;
    private final AtomicBoolean poisoned = new AtomicBoolean();

    /**
     * @param factory opens the file again when it was closed meanwhile
     * @param files keeps few of the files open
     */
    LargeSegment(
            long number,
            int keyLength,
            long valueLength,
            boolean writable,
            SegmentFactory factory,
            Reclaimer reclaimer,
            LargeMappings mappings,
            OpenFiles files) {
        this.mappings = mappings;
        this.filled = !writable;
        this.leases = new LeaseCount(this::close, reclaimer);
        this.number = number;
        this.file = new IdleFile(files, new Source(factory));
        this.keyLength = keyLength;
        this.valueLength = valueLength;
        this.writable = writable;
    }

    private final class Source implements IdleFile.Source {

        private final SegmentFactory factory;

        Source(SegmentFactory factory) {
            this.factory = factory;
        }

        @Override
        public Path path() {
            return factory.path(name());
        }

        @Override
        public DiskFile open() throws IOException {
            return factory.reopen(LargeSegment.this);
        }
    }

    /** Makes the file, and keeps it open until it is {@linkplain #force forced} or the segment closed. */
    void create(IdleFile.Reopening creation) throws IOException {
        file.keep(creation);
        unforced.set(true);
    }

    /** Length of the file of a large value. */
    public static long fileLength(int keyLength, long valueLength) {
        return SegmentHeader.LENGTH
                + RecordLayout.recordLength(SegmentHeader.LENGTH, commitWord(keyLength), valueLength);
    }

    private static int commitWord(int keyLength) {
        return RecordLayout.commitWord(RecordLayout.LARGE_VALUE, keyLength);
    }

    /** Commit word of the one record in it. */
    public int commitWord() {
        return commitWord(keyLength);
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public DiskFile file() {
        return file;
    }

    @Override
    public String name() {
        return FileNames.largeValue(number);
    }

    public long valueLength() {
        return valueLength;
    }

    public long fileLength() {
        return fileLength(keyLength, valueLength);
    }

    /** Offset of the value in the file, known before its length is. */
    public long valueOffset() {
        return RecordLayout.valueOffset(SegmentHeader.LENGTH, commitWord(keyLength), RecordLayout.MAX_VALUE_LENGTH);
    }

    /** Makes the file as long as the value of this length needs. */
    public void allocateAll() throws IOException {
        file.allocate(fileLength());
    }

    /** Extends the file of a growing value to hold at least this many bytes of the value. */
    public void grow(long bytes) throws IOException {
        file.allocate(valueOffset() + bytes);
    }

    /**
     * Ends the growth: the value has this length, and the file what it needs for it. Before anyone reads.
     *
     * @throws IllegalArgumentException if a value of this length does not stand at {@link #valueOffset()}
     */
    public void end(long length) throws IOException {
        if (RecordLayout.valueOffset(SegmentHeader.LENGTH, commitWord(keyLength), length) != valueOffset()) {
            throw new IllegalArgumentException("a value of " + length + " bytes is too short for " + name());
        }
        valueLength = length;
        file.allocate(fileLength());
        file.truncate(fileLength());
    }

    @Override
    public MemorySegment readableMemory() throws IOException {
        return memory().asReadOnly();
    }

    /** Notes the record that refers to this value. Under the lock of the key's stripe, or before anyone reads. */
    public void referredToBy(long position) {
        referencePosition = position;
    }

    /** Whether a published record refers to this value. */
    public boolean isReferredTo() {
        return referencePosition != 0;
    }

    /** Position of the record that refers to this value; 0 before there is one. */
    public long referencePosition() {
        return referencePosition;
    }

    /** A record that refers to this value is about to count. */
    public void commit() {
        committed = true;
    }

    /** Whether a record that refers to this value counts, or may count: the file must stay then, whatever happens. */
    public boolean isCommitted() {
        return committed;
    }

    /** Notes the sequence of the record in here, by which its file is known from others; before anyone reads. */
    public void recordSequence(long sequence) {
        recordSequence = sequence;
    }

    /** No reference to this value has a sequence below this one; 0 while it is not known. */
    public long recordSequence() {
        return recordSequence;
    }

    /** Says that the file is another store's, which may delete it at any time; before anyone reads. */
    public void follow() {
        followed = true;
    }

    boolean isFollowed() {
        return followed;
    }

    public void force() throws IOException {
        file.force();
        file.relax();
        letGo();
    }

    /**
     * Has the file stay open until the last lease ends, as its name is about to go; false if that cannot be. The
     * segment is retired.
     */
    public synchronized boolean keepForReaders() {
        if (!keptForReaders) {
            keptForReaders = file.tryToKeep();
        }
        return keptForReaders;
    }

    private void letGo() {
        if (unforced.getAndSet(false)) {
            file.letGo();
        }
    }

    /** The whole file, mapped on first use. The caller holds a lease, or is the writer. */
    @Override
    public MemorySegment memory() throws IOException {
        MemorySegment mapped = memory;
        if (mapped == null) {
            mappings.trim();
            mapped = map(fileLength());
        }
        return mapped;
    }

    /**
     * Maps the first bytes of the file for its writer, which must not use a shorter mapping after it asked for a longer
     * one.
     *
     * @param length the least length of the mapping in bytes, at most that of the file
     */
    public MemorySegment memoryToFill(long length) throws IOException {
        MemorySegment mapped = memory;
        if (mapped == null || mapped.byteSize() < length) {
            mappings.trim();
            mapped = remap(length);
        }
        return mapped;
    }

    private synchronized MemorySegment remap(long length) throws IOException {
        memory = null;
        unmap();
        return map(length);
    }

    /** The writer needs the memory no more: it may be unmapped while nobody holds a lease. */
    public synchronized void filled() {
        filled = true;
        if (memory != null && memory.byteSize() < fileLength()) {
            memory = null;
            unmap();
        } else if (memory != null) {
            mappings.add(this);
        }
    }

    private synchronized MemorySegment map(long length) throws IOException {
        MemorySegment mapped = memory;
        if (mapped == null) {
            refuseLoss();
            mappings.check();
            Arena fresh = Arena.ofShared();
            try {
                mapped = file.map(length, writable && !filled, fresh);
                memory = mapped;
                arena = fresh;
            } finally {
                if (arena == null) {
                    fresh.close();
                }
            }
            if (filled) {
                mappings.add(this);
            }
        }
        return mapped;
    }

    /** A file that has become too short is neither made longer nor served. */
    private void refuseLoss() throws IOException {
        long length = file.size();
        if (filled && length < fileLength()) {
            poison();
            throw new PageLostException(
                    name(),
                    length,
                    "the file was cut short: it is " + length + " bytes long and should have " + fileLength(),
                    null);
        }
    }

    /**
     * Unmaps the file if no lease is held. A reader takes its lease first and then looks for the memory; this method
     * hides the memory first and then looks at the leases. So at least one sees the other: the reader maps anew, or the
     * memory stays.
     */
    synchronized void unmapIfIdle() {
        MemorySegment mapped = memory;
        if (mapped == null) {
            return;
        }
        memory = null;
        if (leases.isHeld()) {
            memory = mapped;
            return;
        }
        unmap();
    }

    @GuardedBy("this")
    private void unmap() {
        if (arena != null) {
            mappings.remove(this);
            Mappings.close(arena);
            arena = null;
        }
    }

    @Override
    public boolean poison() {
        return !poisoned.getAndSet(true);
    }

    @Override
    public boolean isPoisoned() {
        return poisoned.get();
    }

    /** See {@link LeaseCount#hold}. */
    public int hold() {
        return leases.hold();
    }

    @Override
    public int acquire() {
        return leases.acquire();
    }

    /**
     * Makes of a lease one that keeps the file open. It does so where the file may be deleted by others; elsewhere the
     * lease keeps the file's name, and the file is kept open if it is open.
     *
     * @throws java.nio.file.NoSuchFileException if the file is gone already; the lease is as it was
     */
    public int keepOpen(int lease) throws IOException {
        if (followed) {
            file.keep();
            return lease | OPEN;
        }
        return file.keepIfOpen() ? lease | OPEN : lease;
    }

    /** The same as {@link #hold}; the lease keeps the file open if it is open and few are. */
    public int holdIfOpen() {
        int lease = leases.hold();
        return file.keepIfOpen() ? lease | OPEN : lease;
    }

    /** Whether anyone holds a lease. Once the segment is retired, nobody begins to. */
    public boolean isHeld() {
        return leases.isHeld();
    }

    @Override
    public void release(int lease) {
        if ((lease & OPEN) != 0) {
            file.letGo();
        }
        leases.release(lease & ~OPEN);
    }

    /** No new lease from here on; unmapped and closed in the background when those that are open have ended. */
    public void retire() {
        leases.retire();
    }

    /** Unmaps and closes the file. */
    public synchronized void close() {
        unmap();
        letGo();
        if (keptForReaders) {
            keptForReaders = false;
            file.letGo();
        }
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
