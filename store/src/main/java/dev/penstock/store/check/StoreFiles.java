package dev.penstock.store.check;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.recovery.OpenRetry;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of a store, opened without changing a byte: its identity, the headers of the log's segments, which are
 * mapped, and the header of the checkpoint. A segment whose header is damaged is there all the same, as long as its
 * number is a possible one.
 *
 * <p>One thread. May be used beside the store's owner.
 */
final class StoreFiles implements AutoCloseable {

    /** Nothing is ever retired here. */
    private static final class Unscheduled implements Reclaimer.Schedule {

        @Override
        public void wakeUp() {}

        @Override
        public void lookAgainAfter(long nanos) {}
    }

    final Identity identity;
    final DiskDirectory place;
    final SegmentSet segments;
    final Optional<CheckpointHeader> checkpoint;
    /** Whether the machine runs without a break since the store was last open for writing. */
    final boolean sameBoot;

    final TreeSet<Long> largeNumbers = new TreeSet<>();
    final List<Finding> headerFindings = new ArrayList<>();

    /** What the headers that are sound say, by the number of the segment. */
    final NavigableMap<Long, SegmentHeader> headers = new TreeMap<>();

    private final SegmentFactory factory;

    static StoreFiles open(Disk disk, Path path) throws IOException {
        DiskDirectory place = StoreCreation.openDirectory(disk, path, false);
        boolean opened = false;
        try {
            place = BackupExchange.current(place);
            StoreFiles files = open(place);
            opened = true;
            return files;
        } finally {
            if (!opened) {
                place.close();
            }
        }
    }

    /** An owner may remove a file between the listing and the opening. */
    private static StoreFiles open(DiskDirectory place) throws IOException {
        return OpenRetry.retry(place, () -> new StoreFiles(place));
    }

    /** @param place closed with this */
    private StoreFiles(DiskDirectory place) throws IOException {
        this.place = place;
        StoreCreation creation = new StoreCreation(place);
        if (!creation.exists()) {
            throw new NotAStoreException(place.path() + " holds no Penstock store");
        }
        this.identity = creation.read();
        this.segments = new SegmentSet(identity.segmentShift());
        this.factory = new SegmentFactory(
                place, identity.storeId(), identity.segmentShift(), new Reclaimer(new Unscheduled()));
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
        if (segments.logSegments().isEmpty()) {
            throw new CorruptionException(
                    FileNames.log(logNumbers.first()), 0, "no file of the log has a header: all of it is lost");
        }
    }

    private void openSegment(long number) throws IOException {
        byte[] header = new byte[SegmentHeader.LENGTH];
        try (DiskFile file = place.open(FileNames.log(number), false)) {
            file.read(ByteBuffer.wrap(header), 0);
        }
        if (number != StoreCreation.FIRST_SEGMENT && Arrays.equals(header, new byte[header.length])) {
            headerFindings.add(new Finding(
                    FindingCode.SEGMENT_UNFINISHED,
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
                    FindingCode.SEGMENT_HEADER_DAMAGED,
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

    /** Length of a file in bytes; 0 if the owner has removed it meanwhile. */
    long fileLength(String name) throws IOException {
        try {
            return place.length(name);
        } catch (NoSuchFileException removed) {
            return 0;
        }
    }

    /** All of the log below was on the device, as the headers and the checkpoint say. */
    long durablePosition() {
        return Math.max(
                headers.values().stream()
                        .mapToLong(SegmentHeader::durablePosition)
                        .max()
                        .orElse(0),
                checkpoint.map(CheckpointHeader::durablePosition).orElse(0L));
    }

    private void closeSegments() {
        segments.logSegments().forEach(Segment::close);
    }

    @Override
    public void close() throws IOException {
        closeSegments();
        place.close();
    }
}
