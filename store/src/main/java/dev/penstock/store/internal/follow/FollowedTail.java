package dev.penstock.store.internal.follow;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * The position of a follower in a log that another store appends to, and the record at it.
 *
 * <p><b>The file under the mapping changes.</b> An owner that closes truncates the last segment after its last record,
 * and the next owner extends it again. A mapping can therefore be too short, and is then replaced by a longer one.
 * Where a mapping is longer than the file, an access throws {@link InternalError}: nothing is there yet. No owner cuts
 * off records before the first hole.
 *
 * <p><b>Records that were lost</b> when the machine stopped lie after the tail until an owner cuts them off. The first
 * record of that owner has a sequence that no lost record has.
 *
 * <p>One thread at a time.
 */
final class FollowedTail {

    /** A file may be cut between the look at its length and its mapping. */
    private static final int OPEN_ATTEMPTS = 10;

    private final DiskDirectory place;
    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final Identity identity;
    private final boolean mayBeReplaced;
    private long leastSequence;
    private Segment segment;
    private long offset;
    private @Nullable RecordScanner records;
    private boolean taken;

    /** @param leastSequence no record counts, up to the first that does, whose sequence is lower */
    FollowedTail(
            DiskDirectory place,
            SegmentSet segments,
            SegmentFactory factory,
            Identity identity,
            long leastSequence,
            Segment segment,
            long offset) {
        this.place = place;
        this.segments = segments;
        this.factory = factory;
        this.identity = identity;
        this.mayBeReplaced = place.mayReplaceFiles();
        this.leastSequence = leastSequence;
        this.segment = segment;
        this.offset = offset;
    }

    /** The same place, where the segments belong to another set now. */
    FollowedTail in(SegmentSet other) {
        return new FollowedTail(place, other, factory, identity, leastSequence, segment, offset);
    }

    /** Everything below is taken. */
    long position() {
        return segments.position(segment.number(), offset);
    }

    Segment segment() {
        return segment;
    }

    /** Whether there is a sound record behind what is taken. */
    boolean next() throws IOException {
        return look() || isMappedAnew() && look();
    }

    /** The record that {@link #next} found. */
    RecordScanner record() {
        RecordScanner found = records;
        if (found == null) {
            throw new IllegalStateException("no record was found");
        }
        return found;
    }

    /** Steps after the record, which counts in the used length of its segment from here on. */
    void take() {
        offset = record().nextOffset();
        segment.usedLength(offset);
        leastSequence = 0;
        taken = true;
    }

    @SuppressWarnings("ThreadPriorityCheck") // for what it does besides
    private boolean look() {
        RecordScanner ahead = records;
        if (ahead == null || !taken) {
            long size = segment.memory().byteSize();
            ahead = new RecordScanner(
                    segment.memory(), segments.position(segment.number(), 0), identity.salt(), offset, size);
            records = ahead;
        }
        taken = false;
        try {
            if (ahead.next() && ahead.header().sequence() >= leastSequence) {
                return true;
            }
            // The error of a page that is not there may come late, at the latest on the way out of native code.
            Thread.yield();
        } catch (InternalError cutOff) {
            // Nothing is there yet.
        }
        return false;
    }

    private boolean isMappedAnew() throws IOException {
        long mapped = segment.memory().byteSize();
        boolean isLonger = mapped < segments.segmentSize() && segment.file().size() > mapped;
        if (!isLonger && !(mayBeReplaced && isAnotherFile())) {
            return false;
        }
        Segment longer = open(segment.number());
        longer.usedLength(segment.usedLength());
        longer.liveBytes().copy(segment.liveBytes());
        longer.noteExpiry(segment.earliestExpiry());
        Segment shorter = segment;
        segments.add(longer);
        segment = longer;
        records = null;
        shorter.retire();
        return true;
    }

    /**
     * Whether the file has a record here that the mapping does not show. On an overlay the first write to a file of a
     * lower layer puts a copy in its place, and what was mapped before stays as it was.
     */
    private boolean isAnotherFile() throws IOException {
        ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (DiskFile file = place.open(segment.name(), false)) {
            file.read(word, offset + RecordLayout.COMMIT_WORD_OFFSET);
        } catch (NoSuchFileException | OutOfDescriptorsException e) {
            return false;
        }
        return RecordLayout.isPublished(word.getInt(0)) && !isPublishedInMapping();
    }

    /** Asked after the file was read: of one file, the mapping is not older. */
    private boolean isPublishedInMapping() {
        MemorySegment memory = segment.memory();
        try {
            boolean published = offset + RecordLayout.BARE_LENGTH <= memory.byteSize()
                    && RecordLayout.isPublished(RecordLayout.commitWord(memory, offset));
            PageFaults.deliver();
            return published;
        } catch (InternalError cutOff) {
            return false;
        }
    }

    /**
     * Takes the record that ends its segment, and continues at the beginning of the segment that it names.
     *
     * @throws NoSuchFileException if compaction was faster; the record is not taken then
     */
    void takeRoll() throws IOException {
        Segment next = open(record().header().valueLength());
        take();
        goOnIn(next);
    }

    /**
     * Goes on at the beginning of another segment, where the record that names it was taken before.
     *
     * @throws NoSuchFileException if compaction was faster
     */
    void rollTo(long number) throws IOException {
        goOnIn(open(number));
    }

    private void goOnIn(Segment next) {
        segments.add(next);
        segment = next;
        offset = SegmentHeader.LENGTH;
        records = null;
    }

    private Segment open(long number) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return openOnce(number);
            } catch (NoSuchFileException gone) {
                throw gone;
            } catch (IOException cutMeanwhile) {
                if (attempt == OPEN_ATTEMPTS) {
                    throw cutMeanwhile;
                }
            }
        }
    }

    private Segment openOnce(long number) throws IOException {
        Segment opened = factory.open(number);
        boolean sound = false;
        try {
            byte[] header = new byte[SegmentHeader.LENGTH];
            opened.file().read(ByteBuffer.wrap(header), 0);
            sound = SegmentHeader.ofLog(header, identity.storeId(), number, identity.segmentShift())
                    .isPresent();
        } finally {
            if (!sound) {
                opened.close();
            }
        }
        if (!sound) {
            throw new CorruptionException(opened.name(), 0, "this is not the header of segment " + number);
        }
        return opened;
    }
}
