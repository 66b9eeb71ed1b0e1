package dev.penstock.store.repair;

import dev.penstock.store.check.FindingCode;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The files of a damaged store, opened to be read as far as they can be. What cannot be opened is a {@link Loss}.
 *
 * <p>One thread.
 */
final class DamagedFiles implements AutoCloseable {

    /** Nothing is ever retired here. */
    private static final class Unscheduled implements Reclaimer.Schedule {

        @Override
        public void wakeUp() {}

        @Override
        public void lookAgainAfter(long nanos) {}
    }

    final DiskDirectory place;
    final Identity identity;
    final SegmentSet segments;
    /** The headers of segments that are sound, by number. */
    final NavigableMap<Long, SegmentHeader> headers = new TreeMap<>();

    /** Numbers of segments whose files are there and are of no use. */
    final Set<Long> unusable = new HashSet<>();

    final NavigableSet<Long> valueNumbers = new TreeSet<>();
    /** Empty if the checkpoint is missing or damaged. */
    final Optional<CheckpointHeader> checkpoint;
    /** Whether the machine runs without a break since the store was last open for writing. */
    final boolean sameBoot;

    final List<Loss> losses = new ArrayList<>();

    private final SegmentFactory factory;

    /** @param place is closed with this */
    DamagedFiles(DiskDirectory place, Identity identity) throws IOException {
        this.place = place;
        this.identity = identity;
        this.segments = new SegmentSet(identity.segmentShift());
        this.factory = new SegmentFactory(
                place, identity.storeId(), identity.segmentShift(), new Reclaimer(new Unscheduled()));
        this.sameBoot = isSameBoot(place);
        this.checkpoint = readCheckpoint();
        boolean opened = false;
        try {
            openAll();
            opened = true;
        } finally {
            if (!opened) {
                closeSegments();
            }
        }
    }

    private static boolean isSameBoot(DiskDirectory place) {
        try {
            return DirectoryLock.isOfThisBoot(place);
        } catch (IOException unreadable) {
            return false;
        }
    }

    private Optional<CheckpointHeader> readCheckpoint() {
        try {
            return new CheckpointFile(place).read(identity.storeId());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private void openAll() throws IOException {
        checkStoreFile();
        if (checkpoint.isEmpty()) {
            lose(
                    FindingCode.CHECKPOINT_UNUSABLE,
                    CheckpointHeader.FILE_NAME,
                    0,
                    "the checkpoint is missing or damaged");
        }
        NavigableSet<Long> logNumbers = new TreeSet<>();
        for (String name : place.list()) {
            FileNames.segmentNumber(name, FileNames.LOG_SUFFIX).ifPresent(logNumbers::add);
            FileNames.segmentNumber(name, FileNames.LARGE_VALUE_SUFFIX).ifPresent(valueNumbers::add);
        }
        for (long number : logNumbers) {
            try {
                open(number);
            } catch (IOException e) {
                lose(FindingCode.SEGMENT_MISSING, FileNames.log(number), 0, "the file cannot be read: " + e);
                unusable.add(number);
            }
        }
    }

    private void checkStoreFile() throws IOException {
        byte[] bytes = new byte[Identity.LENGTH];
        if (place.list().contains(Identity.FILE_NAME)) {
            try (DiskFile file = place.open(Identity.FILE_NAME, false)) {
                file.read(ByteBuffer.wrap(bytes), 0);
            } catch (IOException unreadable) {
                Arrays.fill(bytes, (byte) 0);
            }
        }
        if (!Arrays.equals(bytes, identity.encode())) {
            lose(
                    FindingCode.STORE_FILE_DAMAGED,
                    Identity.FILE_NAME,
                    0,
                    "the file is missing or damaged; the other files say that this is store " + identity.storeId()
                            + " with segments of " + (1L << identity.segmentShift()) + " bytes");
        }
    }

    private void open(long number) throws IOException {
        String name = FileNames.log(number);
        byte[] bytes = new byte[SegmentHeader.LENGTH];
        long size;
        try (DiskFile file = place.open(name, false)) {
            size = file.size();
            file.read(ByteBuffer.wrap(bytes), 0);
        }
        Optional<UUID> owner = SegmentHeader.storeIdIn(bytes);
        if (number > Limits.lastSegment(identity.segmentShift())
                || owner.isPresent() && !owner.get().equals(identity.storeId())) {
            lose(FindingCode.FOREIGN_FILE, name, 0, "the file is no segment of store " + identity.storeId());
            return;
        }
        Optional<SegmentHeader> header =
                SegmentHeader.ofLog(bytes, identity.storeId(), number, identity.segmentShift());
        header.ifPresent(sound -> headers.put(number, sound));
        if (size < SegmentHeader.LENGTH + RecordLayout.BARE_LENGTH) {
            lose(FindingCode.SEGMENT_CUT_SHORT, name, size, "the file has " + size + " bytes, too few for a record");
            unusable.add(number);
            return;
        }
        Segment segment = factory.open(number);
        if (header.isEmpty()
                && NativeMemory.skipZeros(segment.memory(), 0)
                        == segment.memory().byteSize()) {
            lose(FindingCode.SEGMENT_UNFINISHED, name, 0, "the file is empty");
            segment.close();
            return;
        }
        if (header.isEmpty()) {
            lose(
                    FindingCode.SEGMENT_HEADER_DAMAGED,
                    name,
                    0,
                    "this is not the header of segment " + number + "; its records do not need it");
        }
        segments.add(segment);
    }

    private void lose(FindingCode code, String file, long offset, String problem) {
        losses.add(new Loss(code, file, offset, 0, null, problem));
    }

    /** Closes a segment that counts for nothing. */
    void drop(Segment segment) {
        segments.remove(segment);
        segment.close();
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
