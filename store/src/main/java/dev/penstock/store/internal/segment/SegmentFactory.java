package dev.penstock.store.internal.segment;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.CutShortException;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.IdleFile;
import dev.penstock.store.internal.io.OpenFiles;
import dev.penstock.store.internal.io.ReadableRange;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Creates and opens segments, and assigns their numbers.
 *
 * <p>A new segment is created and allocated, its header is written, and the file and its name are forced before
 * anything is stored in it. Acknowledged writes are thus in a file that survives a power cut. A failure on the way
 * leaves no file.
 *
 * <p>Thread-safe.
 */
public final class SegmentFactory {

    /** Blocks of most file systems. */
    private static final long STEP = 4096;
    /** A segment that was trimmed may be appended to again, and be trimmed once more. */
    private static final int MOST_TRIMS = 5;

    private final DiskDirectory directory;
    private final UUID storeId;
    private final int segmentShift;
    private final Reclaimer reclaimer;
    private final SegmentAddresses addresses;
    private final LargeMappings mappings;
    private final OpenFiles files;
    /** Number of the log's next segment; guarded by this. */
    @GuardedBy("this")
    private long nextSegment;
    /** Number of the next large value. Uploads that are given up take one too. */
    private final AtomicLong nextValue = new AtomicLong();

    public SegmentFactory(DiskDirectory directory, UUID storeId, int segmentShift, Reclaimer reclaimer) {
        this(directory, storeId, segmentShift, reclaimer, new LargeMappings(), OpenFiles.ofProcess());
    }

    /** @param files keeps few of the files of large values open */
    SegmentFactory(
            DiskDirectory directory,
            UUID storeId,
            int segmentShift,
            Reclaimer reclaimer,
            LargeMappings mappings,
            OpenFiles files) {
        this.files = files;
        this.mappings = mappings;
        this.directory = directory;
        this.storeId = storeId;
        this.segmentShift = segmentShift;
        this.reclaimer = reclaimer;
        this.addresses = new SegmentAddresses(segmentShift);
    }

    /** Where those of the segments lie that readers can find: a {@link SegmentSet} enters them. */
    public SegmentAddresses addresses() {
        return addresses;
    }

    /**
     * Says which numbers come next. Until there was a recovery nothing is made.
     *
     * @param segment number of the log's next segment; the segments after it have the numbers after it
     * @param value number of the next large value
     */
    public synchronized void startAt(long segment, long value) {
        nextSegment = segment;
        nextValue.set(value);
    }

    /** Makes the next segment of the log, all of it allocated; see {@link #create(long, long, long)}. */
    public Segment create(long logBegin, long durablePosition) throws IOException {
        return create(segmentSize(), logBegin, durablePosition);
    }

    /**
     * Makes the next segment of the log.
     *
     * @param leastSize bytes of it that must be allocated; more are where there is room
     * @param logBegin number of the segment that the log begins with: all before it are retired, durably
     * @param durablePosition all of the log below is on the device
     */
    public synchronized Segment create(long leastSize, long logBegin, long durablePosition) throws IOException {
        long size = segmentSize();
        long number = nextSegment;
        long last = Limits.lastSegment(segmentShift);
        if (number > last) {
            throw new DiskFullException("the log has used up its segment numbers, of which " + last
                    + " is the last; export the store and load it into a new one");
        }
        // What a failed attempt could not take away.
        directory.delete(FileNames.log(number));
        SegmentFile file = file(number, true);
        file.open(() -> create(
                FileNames.log(number),
                leastSize,
                size,
                length -> SegmentHeader.ofLog(storeId, number, logBegin, durablePosition, length),
                true));
        Segment segment = map(number, file, Long.MAX_VALUE);
        segment.logBegin(logBegin);
        // Only now: the log has no gaps, and it may be tried a million times before there is room.
        nextSegment = number + 1;
        return segment;
    }

    /**
     * Makes the segment of a large value, if there is space for all of it. Only its beginning is there; the rest is
     * allocated as the value's bytes arrive.
     */
    public LargeSegment createLarge(int keyLength, long valueLength) throws IOException {
        return createLarge(keyLength, valueLength, LargeSegment.fileLength(keyLength, valueLength));
    }

    /** Makes the segment of a large value of which only the beginning is there; it is allocated as it grows. */
    public LargeSegment createGrowing(int keyLength) throws IOException {
        return createLarge(keyLength, LargeSegment.LENGTH_UNKNOWN, SegmentHeader.LENGTH);
    }

    /** @param roomLength how long the file will be, as far as that is known */
    private LargeSegment createLarge(int keyLength, long valueLength, long roomLength) throws IOException {
        long number = nextValue.getAndUpdate(next -> Math.min(next, Limits.LAST_VALUE) + 1);
        if (number > Limits.LAST_VALUE) {
            throw new DiskFullException("the store has used up its numbers for large values, of which "
                    + Limits.LAST_VALUE + " is the last; export the store and load it into a new one");
        }
        // Its name is forced together with its content, when the value is.
        LargeSegment large = large(number, keyLength, valueLength, true);
        large.create(() -> withRoomFor(
                create(
                        large.name(),
                        SegmentHeader.LENGTH,
                        SegmentHeader.LENGTH,
                        length -> SegmentHeader.ofLargeValue(storeId, number),
                        false),
                roomLength));
        return large;
    }

    private LargeSegment large(long number, int keyLength, long valueLength, boolean writable) {
        return new LargeSegment(number, keyLength, valueLength, writable, this, reclaimer, mappings, files);
    }

    /** Where the file with a name lies. */
    Path path(String name) {
        return directory.path().resolve(name);
    }

    private DiskFile withRoomFor(DiskFile file, long length) throws IOException {
        try {
            file.checkRoom(length);
            return file;
        } catch (IOException e) {
            file.close();
            directory.delete(file.path().getFileName().toString());
            throw e;
        }
    }

    /** Opens a segment of the log to read it; its header has been checked. */
    public Segment open(long number) throws IOException {
        SegmentFile file = file(number, false);
        file.open(new ByName(FileNames.log(number), false));
        Segment segment = map(number, file, segmentSize());
        file.letGo();
        return segment;
    }

    private final class ByName implements IdleFile.Reopening {

        private final String name;
        private final boolean writable;

        ByName(String name, boolean writable) {
            this.name = name;
            this.writable = writable;
        }

        @Override
        public DiskFile open() throws IOException {
            return directory.open(name, writable);
        }
    }

    private SegmentFile file(long number, boolean writable) {
        return new SegmentFile(files, directory, FileNames.log(number), writable);
    }

    /**
     * Opens the last segment of the log to continue appending: whatever was cut off is allocated again, as far as there
     * is room. There is always some for the record that ends a segment. The length is durable when this returns: a file
     * that is found shorter without having been closed was cut short by someone else.
     */
    public Segment openForAppend(long number, long usedLength) throws IOException {
        SegmentFile file = file(number, true);
        file.open(new ByName(FileNames.log(number), true));
        long size = 1L << segmentShift;
        try {
            long before = file.size();
            allocate(file, Math.min(usedLength + RecordLayout.BARE_LENGTH, size), size);
            // The rest of the last block takes no more space, and is enough for the record that says how long the file
            // is.
            long blocks = Math.min((file.size() + STEP - 1) & -STEP, size);
            if (blocks > file.size()) {
                allocate(file, file.size(), blocks);
            }
            if (file.size() != before) {
                file.force();
            }
            return map(number, file, Long.MAX_VALUE);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Length in bytes of a segment of the log that is not short of space. */
    public long segmentSize() {
        return 1L << segmentShift;
    }

    /** Makes the segment of a large value that is there; its file is opened when it is needed, and not checked yet. */
    public LargeSegment openLarge(long number, int keyLength, long valueLength) {
        return large(number, keyLength, valueLength, false);
    }

    /** How many files stay open while nobody uses them. */
    public int openFileCount() {
        return files.most();
    }

    /**
     * Opens the file of a large value to read it. From when it is known which record is in the file, another file that
     * has its name is refused.
     *
     * @throws NoSuchFileException if the file of a value is gone, or belongs to another value, that another store owns
     * @throws CorruptionException if the file is gone, or is not what it was
     */
    DiskFile reopen(LargeSegment large) throws IOException {
        DiskFile file;
        try {
            file = directory.open(large.name(), false);
        } catch (NoSuchFileException gone) {
            if (large.isFollowed() || large.recordSequence() == 0) {
                throw gone;
            }
            throw new CorruptionException(large.name(), 0, "the file is missing: another program has removed it");
        }
        boolean known = false;
        try {
            if (large.recordSequence() != 0) {
                checkIdentity(large, file);
            }
            known = true;
            return file;
        } finally {
            if (!known) {
                file.close();
            }
        }
    }

    private void checkIdentity(LargeSegment large, DiskFile file) throws IOException {
        byte[] header = new byte[SegmentHeader.LENGTH];
        ByteBuffer record = ByteBuffer.allocate(RecordLayout.BARE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        file.read(ByteBuffer.wrap(header), 0);
        file.read(record, SegmentHeader.LENGTH);
        boolean ofNumber = SegmentHeader.ofLargeValue(storeId, large.number()).matches(header);
        long sequence = record.getLong(RecordLayout.SEQUENCE_OFFSET);
        if (ofNumber && sequence == large.recordSequence()) {
            return;
        }
        if (ofNumber && large.isFollowed() && sequence > large.recordSequence()) {
            throw new NoSuchFileException(
                    file.path().toString(), null, "its number was given to another value by the store that owns it");
        }
        throw new CorruptionException(
                large.name(),
                0,
                "the file is not the one that was here: it should be large value " + large.number() + " of store "
                        + storeId + " with the record of sequence " + large.recordSequence()
                        + (ofNumber ? " and has that of sequence " + sequence : ""));
    }

    /** Removes the file of a segment; who still has it open keeps its content. */
    public void delete(String name) throws IOException {
        directory.delete(name);
    }

    /** Fails the store if its directory is not where it was. */
    public void checkPlace() throws IOException {
        directory.checkPlace();
    }

    public void forceNames() throws IOException {
        directory.force();
    }

    private DiskFile create(String name, long leastSize, long size, LongFunction<SegmentHeader> header, boolean force)
            throws IOException {
        DiskFile file = directory.create(name);
        try {
            allocate(file, leastSize, size);
            file.write(ByteBuffer.wrap(header.apply(file.size()).encode()), 0);
            if (force) {
                file.force();
                directory.force();
            }
            return file;
        } catch (IOException e) {
            file.close();
            directory.delete(name);
            throw e;
        }
    }

    /** Allocates all that is requested; where there is no space, half of what is more than the least, and so on. */
    public static void allocate(DiskFile file, long leastSize, long size) throws IOException {
        for (long most = size; most > leastSize; most = leastSize + ((most - leastSize) / 2 & -STEP)) {
            try {
                file.allocate(most);
                return;
            } catch (DiskFullException tryLess) {
                // A smaller file is enough for the caller.
            }
        }
        file.allocate(leastSize);
    }

    /**
     * Maps a file, whose length may be less than it was just now: the store that writes to it cuts off the unused end
     * of a segment when it is full and when the store is closed. It does so once, and what lies below holds all
     * records.
     *
     * @param most bytes that are mapped, if the file is longer
     */
    private Segment map(long number, SegmentFile file, long most) throws IOException {
        boolean mapped = false;
        try {
            for (int attempt = 1; ; attempt++) {
                long size = Math.min(file.size(), most);
                try {
                    Segment segment = mapBytes(number, file, size);
                    mapped = true;
                    return segment;
                } catch (CutShortException trimmed) {
                    if (attempt == MOST_TRIMS || file.size() >= size) {
                        throw trimmed;
                    }
                }
            }
        } finally {
            if (!mapped) {
                file.close();
            }
        }
    }

    private Segment mapBytes(long number, SegmentFile file, long size) throws IOException {
        Arena arena = Arena.ofShared();
        boolean mapped = false;
        try {
            MemorySegment readable = mapReadably(file, size, arena);
            MemorySegment memory = readable != null ? readable : file.mapWhole(size, arena);
            Segment segment = new Segment(number, file, arena, memory, reclaimer, readable != null ? addresses : null);
            mapped = true;
            return segment;
        } finally {
            if (!mapped) {
                arena.close();
            }
        }
    }

    /** Maps a file so that its addresses can be read at any time; null where there is no way to. */
    private @Nullable MemorySegment mapReadably(SegmentFile file, long size, Arena arena) throws IOException {
        ReadableRange range = ReadableRange.reserve(1L << segmentShift);
        MemorySegment memory = null;
        try {
            memory = range == null ? null : file.mapWhole(size, range, arena);
        } finally {
            if (memory == null && range != null) {
                range.release();
            }
        }
        return memory;
    }
}
