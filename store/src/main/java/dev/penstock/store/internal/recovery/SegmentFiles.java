package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.FormatVersionException;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The segment files of a store that is being opened: opens the existing ones, and removes files that nothing refers to.
 */
final class SegmentFiles {

    private static final long ZEROS_LENGTH = 256 << 10;

    private final DiskDirectory directory;
    private final Identity identity;
    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final Set<Long> largeNumbers = new HashSet<>();
    private final List<String> temporaries = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final Map<Long, SegmentHeader> headers = new HashMap<>();

    SegmentFiles(DiskDirectory directory, Identity identity, SegmentSet segments, SegmentFactory factory) {
        this.directory = directory;
        this.identity = identity;
        this.segments = segments;
        this.factory = factory;
    }

    /** Opens all segments of the log. */
    void open() throws IOException {
        List<Long> logNumbers = new ArrayList<>();
        for (String name : directory.list()) {
            OptionalLong log = FileNames.segmentNumber(name, FileNames.LOG_SUFFIX);
            if (log.isPresent()) {
                logNumbers.add(log.getAsLong());
            }
            OptionalLong large = FileNames.segmentNumber(name, FileNames.LARGE_VALUE_SUFFIX);
            if (large.isPresent()) {
                largeNumbers.add(large.getAsLong());
            }
            if (name.endsWith(FileNames.TEMPORARY_SUFFIX)) {
                temporaries.add(name);
            }
        }
        logNumbers.sort(null);
        List<Segment> opened = new ArrayList<>();
        try {
            for (long number : logNumbers) {
                open(number, opened);
            }
        } finally {
            segments.addAll(opened);
        }
        if (segments.logSegments().isEmpty()) {
            throw new CorruptionException(Identity.FILE_NAME, 0, "the store has no segment of its log left");
        }
    }

    private void open(long number, List<Segment> opened) throws IOException {
        String name = FileNames.log(number);
        byte[] bytes = new byte[SegmentHeader.LENGTH];
        int length;
        try (DiskFile file = directory.open(name, false)) {
            length = file.read(ByteBuffer.wrap(bytes), 0);
        }
        if (number != StoreCreation.FIRST_SEGMENT && Arrays.equals(bytes, new byte[bytes.length])) {
            // Its creation was cut short, or it was put here empty. If the log leads to it, that is found out later.
            dropped.add(name);
            return;
        }
        if (SegmentHeader.isNewer(bytes)) {
            throw new FormatVersionException(
                    directory.path().resolve(name) + " was written by a newer version of Penstock");
        }
        if (number > Limits.lastSegment(identity.segmentShift())) {
            throw new CorruptionException(
                    name, 0, "no segment of this store can have this number; move the file to another directory");
        }
        Optional<SegmentHeader> header =
                SegmentHeader.ofLog(bytes, identity.storeId(), number, identity.segmentShift());
        if (header.isEmpty()) {
            throw new CorruptionException(
                    name,
                    0,
                    length < SegmentHeader.LENGTH
                            ? "the file is cut short inside its header"
                            : "this is not the header of segment " + number + " of store " + identity.storeId());
        }
        headers.put(number, header.get());
        Segment segment = factory.open(number);
        segment.logBegin(header.get().firstSegment());
        opened.add(segment);
    }

    /** What the header of a segment says. */
    SegmentHeader header(Segment segment) {
        return Objects.requireNonNull(headers.get(segment.number()), segment.name());
    }

    /** All of the log below was on the device when the newest segment was made. */
    long durablePosition() {
        long most = 0;
        for (SegmentHeader header : headers.values()) {
            most = Math.max(most, header.durablePosition());
        }
        return most;
    }

    /** Why there is no segment of a number: its file has no header, or it is not there. */
    String whyMissing(long number) {
        return dropped.contains(FileNames.log(number)) ? "the file is empty" : "the file is missing";
    }

    /** Forgets a segment that nothing refers to; {@link #sweep} removes its file. */
    void drop(Segment segment) {
        segments.remove(segment);
        segment.close();
        dropped.add(segment.name());
    }

    /** Forgets what lies after the end of the log: an owner may give its numbers to other files. */
    void forgetBehind(Segment tail) {
        for (Segment segment : segments.logSegments()) {
            if (segment.number() > tail.number()) {
                segments.remove(segment);
                segment.close();
            }
        }
    }

    /**
     * Removes what lies after the end of the log, and releases what sealed segments do not use. As long as a segment
     * is not durable, with the large values that it refers to, the log may still come to end in it: then it must have
     * its length.
     */
    void cutBehind(Segment tail, long durablePosition) throws IOException {
        for (Segment segment : segments.logSegments()) {
            if (segment.number() > tail.number()) {
                segments.remove(segment);
                segment.close();
                factory.delete(segment.name());
            } else if (segment.number() == tail.number()) {
                wipe(segment);
            } else if (segments.position(segment.number(), segment.usedLength()) <= durablePosition) {
                trim(segment);
            }
        }
    }

    private void trim(Segment segment) throws IOException {
        if (segment.file().size() > segment.usedLength()) {
            try (DiskFile file = directory.open(segment.name(), true)) {
                file.trim(segment.usedLength());
            }
        }
    }

    /**
     * Overwrites with zeros what lies after the end of the log. The file keeps its length, which says that it is
     * whole.
     */
    private void wipe(Segment tail) throws IOException {
        long end = NativeMemory.endOfContent(tail.memory(), tail.usedLength());
        if (end == tail.usedLength() && tail.file().size() <= segments.segmentSize()) {
            return;
        }
        try (DiskFile file = directory.open(tail.name(), true)) {
            for (long at = tail.usedLength(); at < end; at += ZEROS_LENGTH) {
                file.write(ByteBuffer.allocate((int) Math.min(ZEROS_LENGTH, end - at)), at);
            }
            if (file.size() > segments.segmentSize()) {
                file.truncate(segments.segmentSize());
            }
            file.force();
        }
    }

    /**
     * Removes segments that count for nothing, uploads cut short, large values removed just before the stop, and files
     * on their way to a name. After a crash of the process alone, the records that say so may still be on their way to
     * the device: they are forced first.
     */
    void sweep(long durablePosition) throws IOException {
        List<String> names = new ArrayList<>(dropped);
        for (long number : largeNumbers) {
            if (segments.large(number) == null) {
                names.add(FileNames.largeValue(number));
            }
        }
        if (!names.isEmpty()) {
            force(durablePosition);
        }
        names.addAll(temporaries);
        for (String name : names) {
            factory.delete(name);
        }
        // An earlier process may have died before the files it created, renamed or deleted were durable. The numbers
        // of deleted files are used again: none of those files may come back.
        factory.forceNames();
    }

    private void force(long durablePosition) throws IOException {
        for (LargeSegment large : segments.largeSegments()) {
            if (large.referencePosition() >= durablePosition) {
                large.force();
            }
        }
        factory.forceNames();
        for (Segment segment : segments.logSegments()) {
            if (segment.number() >= segments.number(durablePosition)) {
                segment.file().force();
            }
        }
    }
}
