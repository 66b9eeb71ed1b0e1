package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.FormatVersionException;
import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.Memory;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Brings a store's memory back from its files: opens the segments, replays the log, and decides where the log ends.
 *
 * <p><b>Where the log ends.</b> At the first place that holds no sound record. If a mark further on, or an unbroken
 * uptime of the machine, proves that something sound was there, that is corruption: opening fails, names the place and
 * changes nothing. Otherwise it is the trace of a crash, and was never acknowledged as durable: it is cut off.
 *
 * <p><b>What is checked.</b> Every header with its key. Values only above the durable position and only after the machine
 * itself may have stopped: below it the device has vouched for them, and a crash of the process alone loses no page.
 *
 * <p>One thread, before anyone else sees the store.
 */
public final class Recovery {

    private static final System.Logger LOGGER = System.getLogger("dev.penstock.store");
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final Disk disk;
    private final Path path;
    private final Identity identity;
    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final KeyDirectory directory;
    private final Replay replay;
    private final boolean readOnly;
    private final boolean sameBoot;
    /** Files of large values by number, and whether a current reference names them. */
    private final Map<Long, Boolean> largeFiles = new HashMap<>();

    private final TreeMap<Long, Long> missingSuccessors = new TreeMap<>();
    private long knownDurable;
    private long replayFrom;
    private long highestNumber = StoreCreation.FIRST_SEGMENT;
    private Segment tail;
    private long tailOffset;
    private RecordScanner.End end;
    private String problem;

    /**
     * @param readOnly whether files must stay as they are
     * @param sameBoot whether the machine has not stopped since the store was last open for writing
     */
    public Recovery(
            Disk disk,
            Path path,
            Identity identity,
            SegmentSet segments,
            SegmentFactory factory,
            KeyDirectory directory,
            boolean readOnly,
            boolean sameBoot) {
        this.disk = disk;
        this.path = path;
        this.identity = identity;
        this.segments = segments;
        this.factory = factory;
        this.directory = directory;
        this.replay = new Replay(segments, directory);
        this.readOnly = readOnly;
        this.sameBoot = sameBoot;
    }

    /** Runs once. On an exception the caller closes what is in the segment set. */
    public Recovered run() throws IOException {
        openSegments();
        beginFromCheckpoint();
        replayUpTo(NO_LIMIT);
        if (dropRetired()) {
            // They held records whose tombstones may be gone: what they said must not count.
            replayAllUpTo(NO_LIMIT);
        }
        for (long unsound = firstUnsoundValue(); unsound != NO_LIMIT; unsound = firstUnsoundValue()) {
            replayAllUpTo(unsound);
            end = RecordScanner.End.DAMAGED;
            problem = "value checksum does not match";
        }
        refuseCorruption();
        openReferenced();
        long tornBytes = tornBytes();
        if (!readOnly) {
            cutTail();
            sweep();
        }
        factory.reserveNumbersBelow(highestNumber + 1);
        if (tornBytes > 0) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "{0}: {1} a torn tail of {2} bytes of {3} at offset {4} ({5})",
                    path,
                    readOnly ? "ignored" : "cut off",
                    tornBytes,
                    tail.name(),
                    tailOffset,
                    problem);
        }
        return new Recovered(
                tail.number(),
                tailOffset,
                replay.lastSequence(),
                replay.durablePosition(),
                replay.recordCount(),
                tornBytes);
    }

    // --- files ---

    private void openSegments() throws IOException {
        List<Long> logNumbers = new ArrayList<>();
        for (String name : disk.list(path)) {
            FileNames.segmentNumber(name, FileNames.LOG_SUFFIX).ifPresent(logNumbers::add);
            OptionalLong large = FileNames.segmentNumber(name, FileNames.LARGE_VALUE_SUFFIX);
            if (large.isPresent()) {
                largeFiles.put(large.getAsLong(), false);
                highestNumber = Math.max(highestNumber, large.getAsLong());
            }
        }
        logNumbers.sort(null);
        for (int i = 0; i < logNumbers.size(); i++) {
            long number = logNumbers.get(i);
            highestNumber = Math.max(highestNumber, number);
            if (isHeaderSound(number, i == logNumbers.size() - 1)) {
                segments.add(factory.open(number));
            }
        }
        if (segments.logSegments().isEmpty()) {
            throw new CorruptionException(Identity.FILE_NAME, 0, "the store has no segment of its log left");
        }
    }

    /** False for a last segment whose creation was cut short; any other bad header is corruption. */
    private boolean isHeaderSound(long number, boolean last) throws IOException {
        String name = FileNames.log(number);
        byte[] bytes = new byte[SegmentHeader.LENGTH];
        int length;
        try (DiskFile file = disk.open(path.resolve(name), false)) {
            length = file.read(ByteBuffer.wrap(bytes), 0);
        }
        if (new SegmentHeader(identity.storeId(), SegmentHeader.LOG, number).matches(bytes)) {
            return true;
        }
        if (SegmentHeader.isNewer(bytes)) {
            throw new FormatVersionException(path.resolve(name) + " was written by a newer version of Penstock");
        }
        if (last && number != StoreCreation.FIRST_SEGMENT && Arrays.equals(bytes, new byte[bytes.length])) {
            if (!readOnly) {
                factory.delete(name);
            }
            return false;
        }
        throw new CorruptionException(
                name,
                0,
                length < SegmentHeader.LENGTH
                        ? "the file is cut short inside its header"
                        : "this is not the header of segment " + number + " of store " + identity.storeId());
    }

    // --- the checkpoint ---

    private void beginFromCheckpoint() throws IOException {
        CheckpointFile file = new CheckpointFile(disk, path);
        Optional<Checkpoint> header = file.read(identity.storeId());
        if (header.isEmpty()) {
            return;
        }
        knownDurable = header.get().durablePosition();
        replay.durable(knownDurable);
        Optional<CheckpointState> state = file.readState(identity.storeId(), directory);
        if (state.isEmpty()) {
            return;
        }
        if (!isComplete(state.get())) {
            directory.clear();
            return;
        }
        for (CheckpointState.SegmentState known : state.get().segments()) {
            Segment segment = segments.segment(segments.position(known.number(), 0));
            segment.usedLength(known.usedLength());
            segment.addLiveBytes(known.liveBytes());
            segment.noteExpiry(known.earliestExpiry());
        }
        dropUnknown(state.get());
        replay.begin(state.get(), header.get().lastSequence());
        replayFrom = knownDurable;
    }

    /** Whether all is there that the checkpoint's directory points into. A compaction since may have emptied some of it. */
    private boolean isComplete(CheckpointState state) {
        for (CheckpointState.SegmentState known : state.segments()) {
            Segment segment = segments.segment(segments.position(known.number(), 0));
            if (segment == null) {
                return false;
            }
            if (segment.memory().byteSize() < known.usedLength()) {
                throw new CorruptionException(segment.name(), segment.memory().byteSize(), "the file is cut short");
            }
        }
        return true;
    }

    /** An older segment that the checkpoint does not know was emptied before it, and its removal was not durable. */
    private void dropUnknown(CheckpointState state) throws IOException {
        Set<Long> known = new HashSet<>();
        state.segments().forEach(segment -> known.add(segment.number()));
        for (Segment segment : segments.logSegments()) {
            if (segment.number() < segments.number(knownDurable) && !known.contains(segment.number())) {
                drop(segment);
            }
        }
    }

    private void drop(Segment segment) throws IOException {
        segments.remove(segment);
        segment.close();
        if (!readOnly) {
            factory.delete(segment.name());
        }
    }

    // --- replay ---

    /** Replays everything below a position, whatever the checkpoint says. */
    private void replayAllUpTo(long limit) {
        replay.reset();
        replay.durable(knownDurable);
        replayFrom = 0;
        replayUpTo(limit);
    }

    /** Replays what the checkpoint does not cover, below a position; leaves where and why it stopped. */
    private void replayUpTo(long limit) {
        missingSuccessors.clear();
        List<Segment> log = segments.logSegments();
        for (int i = 0; i < log.size(); i++) {
            Segment segment = log.get(i);
            if (segment.number() < segments.number(replayFrom)) {
                continue;
            }
            boolean rolled = replaySegment(
                    segment, limit, i + 1 < log.size() ? log.get(i + 1).number() : NO_LIMIT);
            if (!rolled || i == log.size() - 1) {
                return;
            }
        }
    }

    /** Whether the segment ends by leading on to the next one. */
    private boolean replaySegment(Segment segment, long limit, long nextNumber) {
        long base = segments.position(segment.number(), 0);
        long until = Math.clamp(limit - base, 0, segment.memory().byteSize());
        long from = Math.max(replayFrom - base, SegmentHeader.LENGTH);
        RecordScanner records = new RecordScanner(segment.memory(), base, identity.salt(), from, until);
        boolean rolled = false;
        while (!rolled && records.next()) {
            replay.apply(segment, records);
            if (records.header().kind() == RecordLayout.ROLL) {
                rolled = true;
                long successor = records.header().valueLength();
                if (successor != nextNumber) {
                    missingSuccessors.put(segment.number(), successor);
                }
            }
        }
        tail = segment;
        tailOffset = records.offset() + (rolled ? records.length() : 0);
        end = rolled ? RecordScanner.End.NONE : records.end();
        problem = records.problem();
        segment.usedLength(tailOffset);
        return rolled;
    }

    /** Removes segments that compaction had emptied when the process stopped; whether there were any. */
    private boolean dropRetired() throws IOException {
        boolean found = false;
        for (Segment segment : segments.logSegments()) {
            if (replay.retired().contains(segment.number())) {
                found = true;
                drop(segment);
            }
        }
        return found;
    }

    /** Position of the first record above the durable position whose value is not what was written. */
    private long firstUnsoundValue() throws IOException {
        if (sameBoot) {
            return NO_LIMIT;
        }
        long durable = replay.durablePosition();
        long batch = 0;
        long batchEnd = 0;
        for (Segment segment : segments.logSegments()) {
            if (segment.number() < segments.number(durable) || segment.number() > tail.number()) {
                continue;
            }
            long from = segment.number() == segments.number(durable)
                    ? Math.max(segments.offset(durable), SegmentHeader.LENGTH)
                    : SegmentHeader.LENGTH;
            RecordScanner records = new RecordScanner(
                    segment.memory(),
                    segments.position(segment.number(), 0),
                    identity.salt(),
                    from,
                    segment.usedLength());
            while (records.next()) {
                if (records.header().kind() == RecordLayout.BATCH) {
                    batch = records.position();
                    batchEnd = batch + records.length() + records.header().valueLength();
                }
                if (!records.isValueSound() || !isReferenceSound(records)) {
                    return records.position() < batchEnd ? batch : records.position();
                }
            }
        }
        return NO_LIMIT;
    }

    /** A reference that is current must lead to its value, whole. */
    private boolean isReferenceSound(RecordScanner records) throws IOException {
        HeaderImage header = records.header();
        if (header.kind() != RecordLayout.REFERENCE
                || !Long.valueOf(records.position()).equals(replay.references().get(header.referencedSegment()))) {
            return true;
        }
        return new LargeValueCheck(disk, path, identity, segments)
                .problem(header.referencedSegment(), header.keyLength(), header.valueLength(), true)
                .isEmpty();
    }

    // --- the end of the log ---

    private void refuseCorruption() {
        refuseMissingSegment();
        if (readOnly && end == RecordScanner.End.EMPTY) {
            // The store may be open for writing, and its log longer by now.
            return;
        }
        searchMarksBeyondTail();
        boolean damagedInThisBoot = sameBoot && end == RecordScanner.End.DAMAGED;
        if (replay.durablePosition() > tailPosition() || damagedInThisBoot) {
            throw new CorruptionException(
                    tail.name(), tailOffset, end == RecordScanner.End.NONE ? "the file is cut short" : problem);
        }
    }

    private void refuseMissingSegment() {
        for (Map.Entry<Long, Long> entry : missingSuccessors.entrySet()) {
            long successor = entry.getValue();
            boolean wasNeeded = segments.position(successor, 0) < replay.durablePosition()
                    || lastSegment().number() > successor;
            if (!replay.retired().contains(successor) && wasNeeded) {
                throw new CorruptionException(
                        FileNames.log(successor),
                        0,
                        "the file is missing; " + FileNames.log(entry.getKey()) + " leads on to it");
            }
        }
    }

    /** Nothing can be walked past damage; but a mark is recognised wherever it lies. */
    private void searchMarksBeyondTail() {
        HeaderImage header = new HeaderImage();
        int mark = RecordLayout.commitWord(RecordLayout.MARK, 0);
        for (Segment segment : segments.logSegments()) {
            if (segment.number() < tail.number()) {
                continue;
            }
            long base = segments.position(segment.number(), 0);
            long from = segment == tail ? tailOffset : SegmentHeader.LENGTH;
            MemorySegment memory = segment.memory();
            long offset = nextNonZero(memory, from);
            while (offset + RecordLayout.BARE_LENGTH <= memory.byteSize()) {
                if (RecordLayout.commitWord(memory, offset) == mark) {
                    header.load(memory, offset, mark);
                    if (header.isSound(Checksum.salt(identity.salt(), base + offset))) {
                        replay.durable(header.valueLength());
                    }
                }
                offset = nextNonZero(memory, offset + RecordLayout.RECORD_ALIGNMENT);
            }
        }
    }

    /** Where a record might be next: most of what lies behind the tail was allocated and never written. */
    private static long nextNonZero(MemorySegment memory, long offset) {
        return Memory.skipZeros(memory, offset) & -RecordLayout.RECORD_ALIGNMENT;
    }

    private Segment lastSegment() {
        List<Segment> log = segments.logSegments();
        return log.get(log.size() - 1);
    }

    private long tailPosition() {
        return segments.position(tail.number(), tailOffset);
    }

    private long tornBytes() {
        if (end != RecordScanner.End.DAMAGED) {
            return 0;
        }
        MemorySegment memory = tail.memory();
        long last = memory.byteSize();
        while (last > tailOffset && memory.get(ValueLayout.JAVA_BYTE, last - 1) == 0) {
            last--;
        }
        return last - tailOffset;
    }

    private void cutTail() throws IOException {
        for (Segment segment : segments.logSegments()) {
            if (segment.number() > tail.number()) {
                segments.remove(segment);
                segment.close();
                factory.delete(segment.name());
            } else {
                trim(segment);
            }
        }
    }

    private void trim(Segment segment) throws IOException {
        try (DiskFile file = disk.open(segment.file().path(), true)) {
            if (file.size() > segment.usedLength()) {
                file.truncate(segment.usedLength());
                file.force();
            }
        }
    }

    // --- large values ---

    private void openReferenced() throws IOException {
        LargeValueCheck check = new LargeValueCheck(disk, path, identity, segments);
        for (Map.Entry<Long, Long> entry : replay.references().entrySet()) {
            long number = entry.getKey();
            long position = entry.getValue();
            MemorySegment memory = segments.segment(position).memory();
            long offset = segments.offset(position);
            int keyLength = RecordLayout.keyLength(RecordLayout.commitWord(memory, offset));
            long valueLength = RecordLayout.valueLength(memory, offset);
            String damage = check.problem(number, keyLength, valueLength, false);
            if (!damage.isEmpty()) {
                throw new CorruptionException(FileNames.largeValue(number), 0, damage);
            }
            largeFiles.put(number, true);
            LargeSegment large = factory.openLarge(number, keyLength, valueLength);
            large.referredToBy(position);
            segments.add(large);
        }
    }

    /** Uploads cut short, large values removed just before the stop, and files on their way to a name. */
    private void sweep() throws IOException {
        for (Map.Entry<Long, Boolean> file : largeFiles.entrySet()) {
            if (!file.getValue()) {
                factory.delete(FileNames.largeValue(file.getKey()));
            }
        }
        for (String name : disk.list(path)) {
            if (name.endsWith(FileNames.TEMPORARY_SUFFIX)) {
                factory.delete(name);
            }
        }
    }
}
