package dev.penstock.store.internal.segment;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.Mappings;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.reclaim.ReaderLeases;
import dev.penstock.store.internal.reclaim.Reclaimable;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One segment of the log: a file that is mapped once as a whole, in a separate arena. Bytes are written once, except
 * the one that publishes a stretch of copies; a sealed segment never changes.
 *
 * <p>Single appender at a time for each byte range (the log's writers claim theirs), any number of readers.
 */
public final class Segment implements RecordFile {

    /** The earliest expiry where there is none. */
    public static final long NEVER = Long.MAX_VALUE;

    private final Reclaimer reclaimer;
    private final ReaderLeases leases;
    private final @Nullable SegmentAddresses addresses;
    private final long number;
    private final SegmentFile file;
    private final Arena arena;
    private final MemorySegment memory;
    private final MemorySegment readableMemory;
    private final ByteBuffer buffer;
    private final LiveBytes liveBytes = new LiveBytes();
    private final AtomicLong tombstoneBytes = new AtomicLong();
    private volatile long earliestExpiry = NEVER;

    @GuardedBy("this")
    private long expiryBeforeWalk = NEVER;

    private volatile long logBegin;
    private volatile boolean retired;
    private final AtomicBoolean poisoned = new AtomicBoolean();
    private volatile boolean hugePages;
    private boolean readsAround = true;
    private volatile boolean closed;
    private final AtomicLong usedLength = new AtomicLong(SegmentHeader.LENGTH);

    /** @param addresses where readers can find it until it is closed; null if its memory cannot be read after that */
    Segment(
            long number,
            SegmentFile file,
            Arena arena,
            MemorySegment memory,
            Reclaimer reclaimer,
            @Nullable SegmentAddresses addresses) {
        this.addresses = addresses;
        this.reclaimer = reclaimer;
        this.leases = reclaimer.leases();
        this.number = number;
        this.file = file;
        this.arena = arena;
        this.memory = memory;
        this.readableMemory = memory.asReadOnly();
        this.buffer = memory.asByteBuffer();
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
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public MemorySegment readableMemory() {
        return readableMemory;
    }

    /** The same memory as a buffer, for copies to buffers: its limits are absolute, its position is never moved. */
    public ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public String name() {
        return file.path().getFileName().toString();
    }

    /** Length of the file with its name in bytes, or of the mapping if there is none; needs no descriptor. */
    long lengthOnDisk() throws IOException {
        return file.lengthByName();
    }

    /** Kind of the record at an offset. */
    public int kind(long offset) {
        return RecordLayout.kind(RecordLayout.commitWord(memory, offset));
    }

    /** Whether the record at an offset says when it expires. */
    public boolean isExpiring(long offset) {
        return RecordLayout.isExpiring(RecordLayout.commitWord(memory, offset));
    }

    /** A copy of the key of the record at an offset. */
    public byte[] key(long offset) {
        byte[] key = new byte[RecordLayout.keyLength(RecordLayout.commitWord(memory, offset))];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset + RecordLayout.KEY_OFFSET, key, 0, key.length);
        return key;
    }

    /** Length in bytes of the record at an offset. */
    public long recordLength(long offset) {
        int commitWord = RecordLayout.commitWord(memory, offset);
        return RecordLayout.recordLength(offset, commitWord, RecordLayout.valueLength(memory, offset));
    }

    /** Number of the segment that the reference at an offset names. */
    public long referencedSegment(long offset) {
        return RecordLayout.referencedSegment(memory, offset, RecordLayout.commitWord(memory, offset));
    }

    /** Notes what the header says: with which segment the log began when this one was made. */
    public void logBegin(long number) {
        logBegin = number;
    }

    /** Number of the segment that the log began with when this one was made; 0 if nobody has read the header. */
    public long logBegin() {
        return logBegin;
    }

    /** Bytes of records in here that are current. */
    public LiveBytes liveBytes() {
        return liveBytes;
    }

    /** Notes that there is a tombstone in here. */
    public void noteTombstone(long length) {
        tombstoneBytes.getAndAdd(length);
    }

    /**
     * Bytes of tombstones in here, as far as this process knows: it has not seen those that a checkpoint spared it, and
     * does not count those in batches. They are dead bytes that compaction may have to keep.
     */
    public long tombstoneBytes() {
        return tombstoneBytes.get();
    }

    /** Notes that a record in here expires, in milliseconds of the epoch. Any thread. */
    public synchronized void noteExpiry(long expiryMillis) {
        earliestExpiry = Math.min(earliestExpiry, expiryMillis);
    }

    /** No current record in here expires before this, in milliseconds of the epoch. */
    public long earliestExpiry() {
        return earliestExpiry;
    }

    /** Forgets the noted expiry. The caller examines all records next, and notes it anew. */
    public synchronized void beginExpiryWalk() {
        expiryBeforeWalk = earliestExpiry;
        earliestExpiry = NEVER;
    }

    /** All records were looked at. */
    public synchronized void endExpiryWalk() {
        expiryBeforeWalk = NEVER;
    }

    /** The same as {@link #earliestExpiry}, also if a walk that is under way never comes to its end. */
    public synchronized long earliestExpiryAnyway() {
        return Math.min(earliestExpiry, expiryBeforeWalk);
    }

    /** Bytes up to the end of the last record; final once the segment is sealed. */
    public long usedLength() {
        return usedLength.get();
    }

    /** In order with what was written before, which is all that anyone asks for, and takes no fence on each append. */
    public void usedLength(long length) {
        usedLength.setRelease(length);
    }

    /** Has the kernel put huge pages behind what is still to be appended. Called before anything is. */
    public void useHugePages() {
        NativeMemory.adviseHugePages(memory);
        hugePages = true;
    }

    /** Whether {@link #useHugePages} was called. */
    public boolean hasHugePages() {
        return hugePages;
    }

    /** Sets whether a page fault also reads the pages around it, or just that page. One thread at a time. */
    public void readAround(boolean around) {
        int lease = around == readsAround ? NO_LEASE : acquire();
        if (lease != NO_LEASE) {
            try {
                NativeMemory.adviseReadAround(memory, around);
                readsAround = around;
            } finally {
                release(lease);
            }
        }
    }

    /** Frees the allocated space after the last record of a sealed segment, unless it is retired already. */
    public void trim() throws IOException {
        int lease = acquire();
        if (lease != NO_LEASE) {
            try {
                if (hugePages) {
                    // What was dropped under memory pressure and is needed again must not come back two megabytes at a
                    // time.
                    NativeMemory.adviseSmallPages(memory);
                }
                file.trim(usedLength.get());
            } finally {
                release(lease);
            }
        }
    }

    /** All of it is on the device, and nothing is appended any more: its file need not stay open. */
    public void forced() {
        file.letGo();
    }

    @Override
    public boolean poison() {
        return !poisoned.getAndSet(true);
    }

    @Override
    public boolean isPoisoned() {
        return poisoned.get();
    }

    @Override
    public int acquire() {
        int lease = leases.open();
        if (!retired) {
            return lease;
        }
        leases.close(lease);
        return NO_LEASE;
    }

    @Override
    public void release(int lease) {
        leases.close(lease);
    }

    /** No new lease from here on; unmapped and closed in the background when those that are open have ended. */
    public void retire() {
        retired = true;
        reclaimer.retire(new Closing());
    }

    private final class Closing implements Reclaimable {

        @Override
        public void reclaim() {
            close();
        }
    }

    /** Whether its addresses can be read even when it is closed. */
    boolean isReadableAlways() {
        return addresses != null;
    }

    /** Whether it is unmapped, so that the room of its file is released if that was deleted. */
    public boolean isClosed() {
        return closed;
    }

    /** Unmaps and closes the file. A reader that is late gets an exception from the memory segment. */
    public void close() {
        if (addresses != null) {
            addresses.remove(this);
        }
        boolean unmapped = Mappings.close(arena);
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closed = unmapped;
    }
}
