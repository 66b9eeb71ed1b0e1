package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.checkpoint.StoredImage;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.format.ValueReference;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.ReadAdvice;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Restores a store's state from its files: opens the segments, replays the log, and decides where the log ends.
 *
 * <p><b>Where the log ends.</b> At the first place that holds no sound record. If a mark further on, or an unbroken
 * uptime of the machine, proves that something sound was there, that is corruption: opening fails, names the place and
 * changes nothing. Otherwise it is the trace of a crash, and was never acknowledged as durable: it is cut off.
 *
 * <p><b>What is checked.</b> Every header with its key. Values only above the durable position and only after the
 * machine itself may have stopped: values below it are on the device, and a crash of the process alone loses no page.
 *
 * <p><b>Beside an owner.</b> A reader recovers too, and changes nothing. Records that were lost when the machine
 * stopped stay in the file until an owner cuts them off; {@link Replayed#leastSequence} distinguishes them. If the log
 * continues where it ended, an owner has already recovered it: then nothing is lost, and a missing value was
 * superseded.
 *
 * <p>One thread, before anyone else sees the store.
 */
public final class Recovery {

    private final DiskDirectory place;
    private final Identity identity;
    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final KeyDirectory directory;
    private final Replay replay;
    private final LogReplay log;
    private final SegmentFiles files;
    private final LogExtent extent;
    private final boolean readOnly;
    private final boolean sameBoot;

    /** What the checkpoint vouches for; -1 if there is none. */
    private long checkpointed = -1;

    private ExpiryMark expired = ExpiryMark.NONE;

    private @Nullable ImageReplay image;
    /** Where the image let the replay begin. */
    private long imageFrom;
    /** Whether the log ends at a value that was lost. */
    private boolean endsAtLoss;

    /** Keys whose large value was gone when it was to be opened, and the value's number. */
    private final Map<ByteBuffer, Long> unresolved = new HashMap<>();

    /**
     * @param readOnly whether files must stay as they are
     * @param sameBoot whether the machine has not stopped since the store was last open for writing
     */
    public Recovery(
            DiskDirectory place,
            Identity identity,
            SegmentSet segments,
            SegmentFactory factory,
            KeyDirectory directory,
            boolean readOnly,
            boolean sameBoot) {
        this.place = place;
        this.identity = identity;
        this.segments = segments;
        this.factory = factory;
        this.directory = directory;
        this.replay = new Replay(segments, directory);
        this.log = new LogReplay(segments, replay, identity.salt());
        this.files = new SegmentFiles(place, identity, segments, factory);
        this.extent = new LogExtent(segments, identity.salt());
        this.readOnly = readOnly;
        this.sameBoot = sameBoot;
    }

    /** Runs once. On an exception the caller closes what is in the segment set. */
    public Recovered run() throws IOException {
        files.open();
        replayLog();
        refuseCorruption();
        openReferenced();
        long tornBytes = tornBytes();
        boolean closed = extent.isClosedAt(log.tail(), log.tailOffset());
        if (readOnly) {
            files.forgetBehind(log.tail());
        } else {
            files.cutBehind(log.tail(), replay.durablePosition());
            files.sweep(replay.durablePosition());
        }
        factory.startAt(log.tail().number() + 1, replay.lastValue() + 1);
        image = null; // what it says of each large value is in memory twice
        if (tornBytes > 0) {
            StoreLog.get()
                    .log(
                            System.Logger.Level.WARNING,
                            "{0}: {1} a torn tail of {2} bytes of {3} at offset {4} ({5})",
                            place.path(),
                            readOnly ? "ignored" : "cut off",
                            tornBytes,
                            log.tail().name(),
                            log.tailOffset(),
                            log.problem());
        }
        return new Recovered(
                log.tail().number(),
                log.tailOffset(),
                replay.lastSequence(),
                openingSequence(),
                closed,
                replay.durablePosition(),
                replay.recordCount(),
                tornBytes,
                checkpointed,
                expired,
                imageFrom);
    }

    /**
     * The sequence that an owner must pass before it writes. After the machine has stopped, that is more than whatever
     * may have been shown to a client and was lost: a version that a client has seen never comes to stand for anything
     * else.
     */
    private long openingSequence() {
        long last = replay.lastSequence();
        return sameBoot
                ? last
                : Math.min(last, Limits.LAST_SEQUENCE - Log.MAX_UNFORCED_RECORDS) + Log.MAX_UNFORCED_RECORDS;
    }

    // --- following an owner, in a read-only store ---

    /** Where {@link #run} came to. */
    public Replayed replayed() {
        return new Replayed(
                place,
                identity,
                factory,
                leastSequence(),
                log.tail(),
                log.tailOffset(),
                log.successor(),
                replay,
                referencedValues(),
                Map.copyOf(unresolved));
    }

    /**
     * What lies at the tail counts if its sequence is as high: that is what an owner which cuts off what was lost
     * begins with.
     */
    private long leastSequence() {
        return endsAtLoss ? openingSequence() : 0;
    }

    /** The same again, to other memory. An owner may have recovered the store meanwhile. */
    public Recovery again(SegmentSet otherSegments, KeyDirectory otherDirectory) throws IOException {
        boolean stillSameBoot = sameBoot || DirectoryLock.isOfThisBoot(place);
        return new Recovery(place, identity, otherSegments, factory, otherDirectory, readOnly, stillSameBoot);
    }

    // --- replay ---

    private void replayLog() throws IOException {
        CheckpointFile checkpoint = new CheckpointFile(place);
        Optional<StoredImage> found = checkpoint.openImage(identity.storeId(), identity.segmentShift());
        try {
            Optional<CheckpointHeader> header =
                    found.isPresent() ? Optional.of(found.get().header()) : checkpoint.read(identity.storeId());
            checkpointed = header.isPresent() ? header.get().durablePosition() : -1;
            expired = header.isPresent() ? header.get().expired() : ExpiryMark.NONE;
            if (found.isPresent()) {
                image = new ImageReplay(
                        found.get(), segments, directory, replay, log, files.durablePosition(), identity.salt());
                imageFrom = found.get().state().replayFrom();
            }
            replayUpTo(LogReplay.NO_LIMIT);
            OptionalLong unsound = firstUnsoundValue();
            while (readOnly && unsound.isPresent() && hasGoneOn()) {
                if (isUnchanged(unsound.getAsLong())) {
                    return;
                }
                replayUpTo(LogReplay.NO_LIMIT);
                unsound = firstUnsoundValue();
            }
            for (; unsound.isPresent(); unsound = firstUnsoundValue()) {
                replayUpTo(unsound.getAsLong());
                log.endIsDamaged("value checksum does not match");
                endsAtLoss = true;
            }
        } finally {
            if (found.isPresent()) {
                found.get().close();
            }
        }
    }

    /**
     * Replays everything below a position: what the checkpoint's image does not cover, or all if there is none of use.
     */
    private void replayUpTo(long limit) throws IOException {
        if (image != null) {
            if (image.run(limit)) {
                dropRetired();
                return;
            }
            StoreLog.get()
                    .log(
                            System.Logger.Level.INFO,
                            "{0}: the checkpoint is of no use, replaying the whole log",
                            place.path());
            image = null;
            imageFrom = 0;
        }
        replayAll(limit);
        if (dropRetired()) {
            // They held records whose tombstones may be gone: what they said must not count.
            replayAll(limit);
        }
    }

    private void replayAll(long limit) {
        replay.reset();
        replay.durable(Math.max(checkpointed, files.durablePosition()));
        // A record that replaces another has the key of that one compared, wherever it is.
        new ReadAdvice(segments).give(ReadAdvice.NONE);
        log.run(0, limit);
    }

    /** Removes segments that compaction had emptied when the process stopped; whether there were any. */
    private boolean dropRetired() throws IOException {
        boolean found = false;
        long first = files.header(log.tail()).firstSegment();
        for (Segment segment : segments.logSegments()) {
            if (LogExtent.isRetired(segment, replay.retired(), first)) {
                found = true;
                if (!readOnly && segment.number() >= segments.number(replay.durablePosition())) {
                    // Nobody forces it from here on, and while its name may come back it must lead to the next.
                    segment.file().force();
                }
                files.drop(segment);
            }
        }
        return found;
    }

    /** Where the log ends since a value was not forced, and is not what was written. */
    private OptionalLong firstUnsoundValue() throws IOException {
        return sameBoot
                ? OptionalLong.empty()
                : new UnforcedValues(place, identity, segments, replay)
                        .firstUnsound(replay.durablePosition(), log.tail());
    }

    /** Whether there is more behind what was replayed. */
    private boolean hasGoneOn() throws IOException {
        if (log.tail().file().size() > log.tail().memory().byteSize()) {
            throw new IOException(place.path().resolve(log.tail().name()) + " has become longer meanwhile");
        }
        return log.successor() != 0
                ? isThereNow(log.successor())
                : recordAt(log.tail(), log.tailOffset()).next();
    }

    /** Whether an owner that has cut off what was lost has not been here yet. */
    private boolean isUnchanged(long position) {
        RecordScanner record = recordAt(segments.requireSegment(position), segments.offset(position));
        return record.next() && record.header().sequence() <= replay.lastSequence();
    }

    private RecordScanner recordAt(Segment segment, long offset) {
        return new RecordScanner(
                segment.memory(),
                segments.position(segment.number(), 0),
                identity.salt(),
                offset,
                segment.memory().byteSize());
    }

    // --- the end of the log ---

    private void refuseCorruption() throws IOException {
        refuseCutOffTail();
        refuseMissingSegment();
        if (readOnly && log.end() == RecordScanner.End.EMPTY && replay.durablePosition() <= log.tailPosition()) {
            // The store may be open for writing, and its log longer by now.
            return;
        }
        searchMarksBeyondTail();
        boolean damagedInThisBoot = sameBoot && log.end() == RecordScanner.End.DAMAGED;
        if (replay.durablePosition() > log.tailPosition() || damagedInThisBoot) {
            throw new CorruptionException(log.tail().name(), log.tailOffset(), whyTooShort());
        }
    }

    private String whyTooShort() {
        if (extent.isClosedAt(log.tail(), log.tailOffset())) {
            return "the log was closed here, and " + CheckpointHeader.FILE_NAME
                    + " says that it goes on: files are missing or cut"
                    + " short, or " + CheckpointHeader.FILE_NAME
                    + " is that of another copy of the store; restore the store from a"
                    + " backup, or remove " + CheckpointHeader.FILE_NAME + " if it is not this store's";
        }
        return log.end() == RecordScanner.End.NONE ? "the file is cut short" : log.problem();
    }

    private void refuseMissingSegment() throws IOException {
        Segment tail = log.tail();
        // What the image covers was all there when it was made, and what it points into is there still.
        long first = image == null ? files.header(tail).firstSegment() : segments.number(imageFrom);
        OptionalLong missing = LogExtent.missing(
                segments.logSegments(image == null ? 0 : first, tail.number()), replay.retired(), first);
        if (missing.isPresent()) {
            long number = missing.getAsLong();
            throw new CorruptionException(
                    FileNames.log(number),
                    0,
                    files.whyMissing(number) + "; the log goes from " + FileNames.log(first) + " to " + tail.name());
        }
        long successor = log.successor();
        if (successor != 0 && !(readOnly && isThereNow(successor))) {
            throw new CorruptionException(
                    FileNames.log(successor), 0, files.whyMissing(successor) + "; " + tail.name() + " leads to it");
        }
    }

    /** The store may be open for writing, and its log longer than it was when the files were listed. */
    private boolean isThereNow(long number) throws IOException {
        return place.list().contains(FileNames.log(number));
    }

    private void refuseCutOffTail() {
        Segment tail = log.tail();
        long length = tail.memory().byteSize();
        if (log.successor() == 0 && !extent.isClosedAt(tail, log.tailOffset())) {
            long least = extent.leastLength(tail, files.header(tail).fileLength());
            if (length < least && extent.isClosedAt(tail, length)) {
                throw new CorruptionException(tail.name(), log.tailOffset(), log.problem());
            }
            if (length < least) {
                throw new CorruptionException(
                        tail.name(), length, "the file is cut short: it had at least " + least + " bytes");
            }
        }
    }

    /** Nothing can be walked past damage; but a mark is recognised wherever it lies. */
    private void searchMarksBeyondTail() {
        RecordHeader header = new RecordHeader();
        int mark = RecordLayout.commitWord(RecordLayout.MARK, 0);
        for (Segment segment : segments.logSegments()) {
            if (segment.number() < log.tail().number()) {
                continue;
            }
            long base = segments.position(segment.number(), 0);
            long from = segment == log.tail() ? log.tailOffset() : SegmentHeader.LENGTH;
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

    /** Where a record might be next: most of what lies after the tail was allocated and never written. */
    private static long nextNonZero(MemorySegment memory, long offset) {
        return NativeMemory.skipZeros(memory, offset) & -RecordLayout.RECORD_ALIGNMENT;
    }

    private long tornBytes() {
        if (log.end() != RecordScanner.End.DAMAGED) {
            return 0;
        }
        return NativeMemory.endOfContent(log.tail().memory(), log.tailOffset()) - log.tailOffset();
    }

    // --- large values ---

    private void openReferenced() throws IOException {
        LargeValueCheck check = new LargeValueCheck(place, identity);
        for (Map.Entry<Long, Long> entry : replay.references().entrySet()) {
            long position = entry.getValue();
            ValueReference reference = check.reference(segments, position, entry.getKey());
            if (readOnly) {
                openBesideOwner(reference, position);
                continue;
            }
            LargeSegment large = factory.openLarge(reference.number(), reference.keyLength(), reference.valueLength());
            large.referredToBy(position);
            segments.add(large);
            String damage = check.problem(large, reference);
            if (!damage.isEmpty()) {
                throw new CorruptionException(large.name(), 0, damage);
            }
        }
    }

    private void openBesideOwner(ValueReference reference, long position) throws IOException {
        LargeSegment large = referencedValues().open(reference);
        if (large == null) {
            Segment segment = segments.requireSegment(position);
            unresolved.put(ByteBuffer.wrap(segment.key(segments.offset(position))), reference.number());
        } else {
            large.referredToBy(position);
            segments.add(large);
        }
    }

    private ReferencedValues referencedValues() {
        return new ReferencedValues(factory, new LargeValueCheck(place, identity));
    }
}
