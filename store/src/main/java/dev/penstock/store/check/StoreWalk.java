package dev.penstock.store.check;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.Memory;
import dev.penstock.store.internal.io.PosixDisk;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.recovery.Replay;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.segment.ReadAroundAdvice;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Walks all segments of a store without changing a byte, past any damage: where a record is not sound it searches on for
 * the next that is. What is sound goes through the same {@link Replay} that opens a store, so that both agree on what is
 * current.
 *
 * <p>One thread. May run beside the store's owner; it then sees the log as far as it has come.
 */
final class StoreWalk implements AutoCloseable {

    /** What was counted in one segment. */
    static final class Tally {
        long recordCount;
        long tombstoneCount;
        boolean rolled;
        long successor;
    }

    /** Nothing is ever retired here. */
    private static final class Unscheduled implements Reclaimer.Schedule {

        @Override
        public void wakeUp() {}

        @Override
        public void lookAgainAfter(long nanos) {}
    }

    /** A stretch of a segment that holds no sound record, though one may follow. */
    record Gap(Segment segment, long offset, long length, boolean damaged, boolean atEnd, String problem) {}

    final Identity identity;
    final DiskDirectory place;
    final SegmentSet segments;
    final KeyDirectory directory;
    final Replay replay;
    final Optional<Checkpoint> checkpoint;
    /** Whether the machine runs without a break since the store was last open for writing. */
    final boolean sameBoot;

    final TreeSet<Long> largeNumbers = new TreeSet<>();
    final List<Finding> headerFindings = new ArrayList<>();
    final List<Gap> gaps = new ArrayList<>();
    final Map<Segment, Tally> tallies = new HashMap<>();
    /** What the headers that are sound say, by the number of the segment. */
    final Map<Long, SegmentHeader> headers = new HashMap<>();

    /** Records whose value did not match; only if values were asked for. */
    final List<Finding> valueFindings = new ArrayList<>();

    private final SegmentFactory factory;

    static StoreWalk open(Path path) throws IOException {
        DiskDirectory place = StoreCreation.openDirectory(new PosixDisk(), path, false);
        boolean opened = false;
        try {
            place = BackupExchange.current(place);
            StoreWalk walk = new StoreWalk(place);
            opened = true;
            return walk;
        } finally {
            if (!opened) {
                place.close();
            }
        }
    }

    /** @param place closed with the walk */
    private StoreWalk(DiskDirectory place) throws IOException {
        this.place = place;
        StoreCreation creation = new StoreCreation(place);
        if (!creation.exists()) {
            throw new NotAStoreException(place.path() + " holds no Penstock store");
        }
        this.identity = creation.read();
        this.segments = new SegmentSet(identity.segmentShift());
        this.factory = new SegmentFactory(
                place, identity.storeId(), identity.segmentShift(), new Reclaimer(new Unscheduled()));
        this.directory = new KeyDirectory(segments, identity.salt());
        this.replay = new Replay(segments, directory);
        this.checkpoint = new CheckpointFile(place).read(identity.storeId());
        this.sameBoot = DirectoryLock.isOfThisBoot(place);
        boolean opened = false;
        try {
            openSegments();
            opened = true;
        } finally {
            if (!opened) {
                closeSegments();
            }
        }
    }

    private void openSegments() throws IOException {
        TreeSet<Long> logNumbers = new TreeSet<>();
        for (String name : place.list()) {
            FileNames.segmentNumber(name, FileNames.LOG_SUFFIX).ifPresent(logNumbers::add);
            FileNames.segmentNumber(name, FileNames.LARGE_VALUE_SUFFIX).ifPresent(largeNumbers::add);
        }
        if (logNumbers.isEmpty()) {
            throw new CorruptionException(Identity.FILE_NAME, 0, "the store has no segment of its log left");
        }
        for (long number : logNumbers) {
            openSegment(number);
        }
    }

    private void openSegment(long number) throws IOException {
        byte[] header = new byte[SegmentHeader.LENGTH];
        try (DiskFile file = place.open(FileNames.log(number), false)) {
            file.read(ByteBuffer.wrap(header), 0);
        }
        if (number != StoreCreation.FIRST_SEGMENT && Arrays.equals(header, new byte[header.length])) {
            headerFindings.add(new Finding(
                    Finding.Severity.NOTICE,
                    FileNames.log(number),
                    0,
                    "the creation of the segment was cut short; the next open removes it"));
            return;
        }
        Optional<SegmentHeader> known =
                SegmentHeader.ofLog(header, identity.storeId(), number, identity.segmentShift());
        if (known.isPresent()) {
            headers.put(number, known.get());
        } else {
            headerFindings.add(new Finding(
                    Finding.Severity.CORRUPTION,
                    FileNames.log(number),
                    0,
                    "this is not the header of segment " + number + " of store " + identity.storeId()));
        }
        if (number <= Limits.lastSegment(identity.segmentShift())) {
            segments.add(factory.open(number));
        }
    }

    /** Whether the file of a segment has no header, as one has whose creation was cut short. */
    boolean isEmpty(long number) {
        return headerFindings.stream()
                .anyMatch(finding -> finding.severity() == Finding.Severity.NOTICE
                        && finding.file().equals(FileNames.log(number)));
    }

    /** Bytes to walk, large values included. */
    long totalBytes() throws IOException {
        long bytes = 0;
        for (Segment segment : segments.logSegments()) {
            bytes += segment.memory().byteSize();
        }
        for (long number : largeNumbers) {
            bytes += fileLength(FileNames.largeValue(number));
        }
        return bytes;
    }

    long fileLength(String name) throws IOException {
        return place.length(name);
    }

    /** Walks the log; returns the bytes read. */
    long walk(boolean checkValues, ProgressListener listener) throws IOException {
        long total = totalBytes();
        long done = walkOnce(checkValues, total, listener);
        boolean anyRetired = segments.logSegments().stream()
                .anyMatch(segment -> replay.retired().contains(segment.number()));
        if (anyRetired) {
            dropRetired();
            startOver();
            walkOnce(false, total, ProgressListener.NONE);
        }
        return done;
    }

    private void startOver() {
        replay.reset();
        gaps.clear();
        tallies.clear();
    }

    /** Emptied by a compaction that was stopped before it removed them: opening ignores them, so this does. */
    private void dropRetired() {
        for (Segment segment : segments.logSegments()) {
            if (replay.retired().contains(segment.number())) {
                segments.remove(segment);
                segment.close();
            }
        }
    }

    private long walkOnce(boolean checkValues, long total, ProgressListener listener) {
        long done = 0;
        // A record that replaces another has the key of that one compared, wherever it is.
        new ReadAroundAdvice(segments).give(ReadAroundAdvice.NONE);
        for (Segment segment : segments.logSegments()) {
            walkSegment(segment, checkValues);
            done += segment.memory().byteSize();
            listener.progress(done, total);
        }
        return done;
    }

    private void walkSegment(Segment segment, boolean checkValues) {
        Tally tally = new Tally();
        tallies.put(segment, tally);
        long size = segment.memory().byteSize();
        long from = SegmentHeader.LENGTH;
        while (from < size && !tally.rolled) {
            RecordScanner records = scanner(segment, from).readingAhead();
            while (!tally.rolled && records.next()) {
                count(segment, records, tally, checkValues);
            }
            long end = records.offset() + (tally.rolled ? records.length() : 0);
            segment.usedLength(end);
            if (tally.rolled || records.end() == RecordScanner.End.NONE) {
                return;
            }
            long next = nextSound(segment, end + RecordLayout.RECORD_ALIGNMENT);
            gaps.add(new Gap(
                    segment,
                    end,
                    next - end,
                    records.end() == RecordScanner.End.DAMAGED,
                    next == size,
                    records.problem()));
            from = next;
        }
    }

    private RecordScanner scanner(Segment segment, long from) {
        return new RecordScanner(
                segment.memory(),
                segments.position(segment.number(), 0),
                identity.salt(),
                from,
                segment.memory().byteSize());
    }

    private void count(Segment segment, RecordScanner records, Tally tally, boolean checkValues) {
        int kind = records.header().kind();
        replay.apply(segment, records);
        tally.recordCount++;
        if (kind == RecordLayout.TOMBSTONE) {
            tally.tombstoneCount++;
        } else if (kind == RecordLayout.ROLL) {
            tally.rolled = true;
            tally.successor = records.header().valueLength();
        }
        if (checkValues && !records.isValueSound()) {
            valueFindings.add(new Finding(
                    Finding.Severity.CORRUPTION,
                    segment.name(),
                    records.offset(),
                    "the value of a record does not match its checksum"));
        }
    }

    /** Offset of the next sound record; the end of the segment if there is none. */
    private long nextSound(Segment segment, long from) {
        long size = segment.memory().byteSize();
        long offset = from;
        while (offset + RecordLayout.BARE_LENGTH <= size) {
            if (RecordLayout.commitWord(segment.memory(), offset) != 0
                    && scanner(segment, offset).next()) {
                return offset;
            }
            offset = Memory.skipZeros(segment.memory(), offset + RecordLayout.RECORD_ALIGNMENT)
                    & -RecordLayout.RECORD_ALIGNMENT;
        }
        return size;
    }

    private void closeSegments() {
        directory.close();
        segments.logSegments().forEach(Segment::close);
    }

    @Override
    public void close() throws IOException {
        closeSegments();
        place.close();
    }
}
