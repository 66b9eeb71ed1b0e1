package dev.penstock.store.internal.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The tail of the log: where the next record goes.
 *
 * <p><b>Many writers.</b> A writer claims its stretch under a short lock, fills it, stores the commit word and then
 * publishes. A long record is filled without the lock, while others fill theirs; a short one under it, because to wait
 * for a writer that was preempted in the middle of a hundred bytes takes longer than to copy them. Records are
 * published in the order of their claims: publishing returns only when this record and all before it are complete.
 * Acknowledged records are therefore always an unbroken stretch of the log, and a crash of the process can lose only
 * records that were not acknowledged.
 *
 * <p><b>A claim is always filled</b>, with padding if its writer fails, because recovery stops at the first hole. If
 * not even that succeeds, the claim is broken off: the store fails, and no writer waits for the claim. Writers ask for
 * the {@linkplain dev.penstock.store.internal.io.StackReserve stack} that this takes before they claim.
 *
 * <p><b>Nothing is undone after the commit.</b> A writer claims, fills and publishes, and then does what follows from
 * the record, such as pointing the key directory at it. Any exception on the way goes to {@link #giveUp}. Before the
 * commit word, the claim becomes padding, and the write has not happened. After it, the record counts for recovery, so
 * the store fails instead. A failed store accepts no claims: its tail may not be where this object believes it is.
 *
 * <p><b>Marks.</b> The first record after a force is preceded by a {@link RecordLayout#MARK} that says how far the log
 * was durable. It costs no additional force, and lets recovery distinguish damage to durable records from a torn tail.
 *
 * <p><b>Huge pages.</b> The {@link TailUsage} of the previous segment decides how the kernel prepares the next one. A
 * segment with huge pages that is forced too often for them is sealed early.
 *
 * <p><b>A full disk.</b> A record is refused if it would leave too little allocated space behind it; how much depends
 * on the kind of record. Removals and compaction therefore still have space when writes that add data do not.
 *
 * <p>Thread-safe.
 */
public final class Log {

    /**
     * At most this many records are appended beyond the durable position. The same number of sequences is skipped after
     * a power cut, since any of them may have been seen.
     */
    public static final long MAX_UNFORCED_RECORDS = 1L << 32;

    /** Half as many of the shortest records: the other half is for what is under way. */
    private static final long MAX_UNFORCED_BYTES = MAX_UNFORCED_RECORDS / 2 * RecordLayout.BARE_LENGTH;

    /** One of so many files that may stay open is that of a segment with something in it that is not durable. */
    private static final int FILES_PER_UNFORCED_SEGMENT = 4;

    private static final long FILLED_UNDER_LOCK_LENGTH = 4096;

    private final SegmentSet segments;
    private final long salt;
    private final FailureLatch failure;
    private final Runnable tailMoved;

    private final ReentrantLock tailLock = new ReentrantLock();

    @GuardedBy("tailLock")
    private final RecordHeader systemHeader = new RecordHeader();

    @GuardedBy("tailLock")
    private final TailUsage use;

    @GuardedBy("tailLock")
    private Segment active;

    @GuardedBy("tailLock")
    private long tailOffset;

    @GuardedBy("tailLock")
    private long claimedPosition;

    @GuardedBy("tailLock")
    private long lastSequence;

    @GuardedBy("tailLock")
    private long appendedBytes;

    @GuardedBy("tailLock")
    private long storedBytes;

    @GuardedBy("tailLock")
    private long markedPosition;

    @GuardedBy("tailLock")
    private long notifyAtOffset;
    /**
     * Whether the tail and its state are being changed: if that is interrupted, it is unknown where the tail is.
     */
    @GuardedBy("tailLock")
    private boolean tailMoves;
    /** Whether the last record says that the log was closed. */
    @GuardedBy("tailLock")
    private boolean closed;

    @GuardedBy("tailLock")
    private long mostUnforcedBytes = MAX_UNFORCED_BYTES;

    @GuardedBy("tailLock")
    private @Nullable Runnable force;

    private final long mostUnforcedSegments;
    /** Segments that are full and not trimmed yet. Added to under the lock, and emptied by the agent without it. */
    private final Queue<Segment> sealed = new ConcurrentLinkedQueue<>();

    private final NextSegment next;
    /** What was active when the store was opened. */
    private final Segment first;

    private final PublicationOrder published;
    private volatile long durablePosition;

    /**
     * @param active the segment to append to, already in the set
     * @param tailOffset end of the last record in it
     * @param lastSequence sequence of the newest record
     * @param tailMoved called under the log's lock when the tail has come as far as {@link #notifyAt} asked
     */
    public Log(
            SegmentSet segments,
            SegmentFactory factory,
            long salt,
            FailureLatch failure,
            Segment active,
            long tailOffset,
            long lastSequence,
            long durablePosition,
            Runnable tailMoved) {
        this.segments = segments;
        this.next = new NextSegment(factory, segments, this);
        this.mostUnforcedSegments = Math.max(1, factory.openFileCount() / FILES_PER_UNFORCED_SEGMENT);
        this.use = new TailUsage(segments.segmentSize());
        this.salt = salt;
        this.failure = failure;
        this.first = active;
        this.active = active;
        this.tailOffset = tailOffset;
        this.lastSequence = lastSequence;
        this.tailMoved = tailMoved;
        this.claimedPosition = segments.position(active.number(), tailOffset);
        this.published = new PublicationOrder(claimedPosition, failure);
        this.durablePosition = durablePosition;
        this.markedPosition = durablePosition;
    }

    // --- appending ---

    /**
     * Claims room for a record at the tail. The caller fills it, {@linkplain #publish publishes} it, does what follows
     * from that and {@linkplain Claim#finish finishes} the claim; if any of this fails it calls {@link #giveUp}.
     *
     * @throws DiskFullException if a new segment is needed and there is no space for one, or if the format has no
     *     numbers left for the record; nothing is claimed then
     */
    public void claim(Claim claim, int commitWord, long valueLength) throws IOException {
        tailLock.lock();
        boolean claimed = false;
        try {
            failure.checkSound();
            SpaceReserve reserve = SpaceReserve.of(commitWord);
            checkNumbers(reserve, 1);
            makeMark(reserve);
            long length = RecordLayout.recordLength(tailOffset, commitWord, valueLength);
            if (!fits(length) || !leavesEnough(length, reserve)) {
                makeRoom(length, RecordLayout.recordLength(SegmentHeader.LENGTH, commitWord, valueLength), reserve);
                length = RecordLayout.recordLength(tailOffset, commitWord, valueLength);
            }
            take(claim, length, 1);
            if (RecordLayout.kind(commitWord) == RecordLayout.TOMBSTONE) {
                active.noteTombstone(length);
            }
            claimed = true;
        } catch (RuntimeException | Error e) {
            claim.finish();
            failIfTailMoves(e);
            throw e;
        } finally {
            if (!claimed || !claim.holdsLock) {
                tailLock.unlock();
            }
        }
    }

    /** How long several records are that lie one behind the other. */
    @FunctionalInterface
    public interface LogStretch {

        /** Length in bytes of a stretch that begins at an offset. */
        long lengthAt(long offset);
    }

    /**
     * Claims room for several records at once; see {@link #claim}. The claim's sequence is that of the first, or the
     * last one that was given if they take none.
     *
     * @param stretch at the beginning of a segment it leaves room for a {@link RecordLayout#ROLL}
     * @param recordCount number of sequences they take; each is stored in a record, so that recovery finds it after a
     *     kill
     * @param removalsOnly whether none of them adds anything
     */
    public void claimStretch(Claim claim, LogStretch stretch, int recordCount, boolean removalsOnly)
            throws IOException {
        tailLock.lock();
        boolean claimed = false;
        try {
            failure.checkSound();
            SpaceReserve reserve =
                    claim.isCopy ? SpaceReserve.COMPACTION : removalsOnly ? SpaceReserve.TOMBSTONES : SpaceReserve.DATA;
            checkNumbers(reserve, recordCount);
            makeMark(reserve);
            long length = stretch.lengthAt(tailOffset);
            if (!fits(length) || !leavesEnough(length, reserve)) {
                makeRoom(length, stretch.lengthAt(SegmentHeader.LENGTH), reserve);
                length = stretch.lengthAt(tailOffset);
            }
            take(claim, length, recordCount);
            claimed = true;
        } catch (RuntimeException | Error e) {
            claim.finish();
            failIfTailMoves(e);
            throw e;
        } finally {
            if (!claimed || !claim.holdsLock) {
                tailLock.unlock();
            }
        }
    }

    /**
     * An error left the tail between two records: the store fails. Nobody claims what lies after; see {@link #claim}.
     */
    @GuardedBy("tailLock")
    private void failIfTailMoves(Throwable cause) {
        if (tailMoves) {
            failure.set(cause);
            throw failure.set(
                    "the end of the log in " + active.name() + " at offset " + tailOffset + " could not be written",
                    cause);
        }
    }

    @GuardedBy("tailLock")
    private void checkNumbers(SpaceReserve reserve, int recordCount) throws DiskFullException {
        reserve.checkNumbers(active.number(), segments.segmentShift(), lastSequence + recordCount);
    }

    @GuardedBy("tailLock")
    private void take(Claim claim, long length, int recordCount) {
        tailMoves = true;
        claim.begin();
        claim.segment = active;
        claim.offset = tailOffset;
        claim.position = segments.position(active.number(), tailOffset);
        claim.length = length;
        claim.sequence = lastSequence + Math.min(recordCount, 1);
        claim.lastSequence = lastSequence + recordCount;
        claim.follows = claimedPosition;
        claim.holdsLock = length <= FILLED_UNDER_LOCK_LENGTH;
        if (claim.isCopy) {
            use.copied(length);
        } else {
            use.stored(length);
            storedBytes += length;
        }
        lastSequence += recordCount;
        advance(length);
        claimedPosition = claim.position + length;
        tailMoves = false;
    }

    /**
     * Publishes a filled claim and returns when it and every claim before it are published. What could not be read or
     * stored while it was filled is an error here, before anything counts.
     *
     * @throws StoreFailedException if a claim before it can never be published; nobody knows then whether this one
     *     counts
     */
    public void publish(Claim claim, int commitWord) {
        PageFaults.deliver();
        claim.commit();
        RecordLayout.publish(claim.segment.memory(), claim.offset, commitWord);
        written(claim);
    }

    /**
     * The same for a claim that carries no large value, and that is in the file but for one byte of its commit word:
     * writes that.
     *
     * @throws IOException if the byte could not be written, and is not there: the claim can be given up
     */
    public void publish(Claim claim, ByteBuffer kindByte) throws IOException {
        PageFaults.deliver();
        claim.commit();
        try {
            claim.segment.file().write(kindByte, claim.offset + RecordLayout.KIND_OFFSET);
        } catch (IOException e) {
            if (!RecordLayout.isPublished(RecordLayout.commitWord(claim.segment.memory(), claim.offset))) {
                claim.withdraw();
            }
            throw e;
        }
        written(claim);
    }

    private void written(Claim claim) {
        long end = claim.position + claim.length;
        boolean isNext = published.position() == claim.follows;
        if (isNext) {
            published.upTo(end);
        }
        releaseLock(claim);
        if (!isNext) {
            published.await(claim.follows);
            published.upTo(end);
        }
    }

    private void releaseLock(Claim claim) {
        if (claim.holdsLock) {
            tailLock.unlock();
            claim.holdsLock = false;
        }
    }

    /**
     * Ends a claim whose writer met an error. Before the commit the claim becomes padding, and the write has not
     * happened; afterwards nothing is undone, and the store fails.
     *
     * @param header scratch memory
     * @throws StoreFailedException if the record may count, or the padding cannot be written
     */
    public void giveUp(Claim claim, RecordHeader header, Throwable cause) {
        // No switch: its table is a class, and an error for want of stack or memory leaves none to load it.
        if (claim.state == Claim.State.CLAIMED) {
            pad(claim, header);
        } else if (claim.state == Claim.State.COMMITTED) {
            breakOff(claim, cause);
            throw failed(claim, "a record was stored and what follows from it was not done", cause);
        }
    }

    private void pad(Claim claim, RecordHeader header) {
        try {
            claim.carryNothing();
            writeBare(claim.segment, claim.offset, header, RecordLayout.PADDING, claim.lastSequence, claim.length);
            publish(claim, RecordLayout.commitWord(RecordLayout.PADDING, 0));
            claim.finish();
        } catch (RuntimeException | Error e) {
            breakOff(claim, e);
            throw failed(claim, "the end of the log could not be written", e);
        }
    }

    /**
     * Fails the store, and lets go the writers that wait for a claim which is never published, and the lock. Before
     * anything else is done about an error, and with little stack and no memory, as there may be no more.
     */
    private void breakOff(Claim claim, Throwable cause) {
        failure.set(cause);
        claim.finish();
        if (published.position() < claim.position + claim.length) {
            published.breakOff();
        }
        releaseLock(claim);
    }

    private StoreFailedException failed(Claim claim, String what, Throwable cause) {
        return failure.set(what + " (" + claim.segment.name() + " at offset " + claim.offset + ")", cause);
    }

    @GuardedBy("tailLock")
    private void makeMark(SpaceReserve reserve) throws IOException {
        if (durablePosition <= markedPosition) {
            return;
        }
        use.forced();
        if (!fits(RecordLayout.BARE_LENGTH) || isOverForced() && isNextPrepared()) {
            roll(reserve, SegmentHeader.LENGTH + 2 * RecordLayout.BARE_LENGTH, use.isCopiedTo());
        }
        appendMark(durablePosition);
    }

    /** Room for the record that ends a segment is never given away. */
    @GuardedBy("tailLock")
    private boolean fits(long length) {
        return length + RecordLayout.BARE_LENGTH <= unused();
    }

    @GuardedBy("tailLock")
    private boolean isOverForced() {
        return active.hasHugePages() && !use.isForcedSeldom();
    }

    /** Whether the next segment is there; if not, asks for it. */
    @GuardedBy("tailLock")
    private boolean isNextPrepared() {
        if (!next.isMade()) {
            tailMoved.run();
        }
        return next.isMade();
    }

    /** Bytes of the active segment after the tail. */
    @GuardedBy("tailLock")
    private long unused() {
        return active.memory().byteSize() - tailOffset;
    }

    @GuardedBy("tailLock")
    private boolean leavesEnough(long length, SpaceReserve reserve) {
        return next.isMade() || unused() - length >= reserve.reservedBytes(segments.segmentSize(), next.isRoomShort());
    }

    /**
     * Sees to it that a record fits and leaves enough behind it.
     *
     * @param lengthFirst its length at the beginning of a segment
     */
    @GuardedBy("tailLock")
    private void makeRoom(long length, long lengthFirst, SpaceReserve reserve) throws IOException {
        boolean rolls = !fits(length) || reserve.mayGoToShortSegment();
        if (rolls) {
            long left = reserve.reservedBytes(segments.segmentSize(), true);
            roll(reserve, SegmentHeader.LENGTH + lengthFirst + RecordLayout.BARE_LENGTH + left, use.isCopiedTo());
        }
        if (!leavesEnough(rolls ? lengthFirst : length, reserve)) {
            next.makeLate();
        }
    }

    /**
     * @param leastLength of the next segment, where the record at hand may go to a short one
     * @param copiesFollow whether the next segment is compaction's
     */
    @GuardedBy("tailLock")
    private void roll(SpaceReserve reserve, long leastLength, boolean copiesFollow) throws IOException {
        reserve.checkNumbers(active.number() + 1, segments.segmentShift(), lastSequence);
        long unforcedSegments = active.number() - segments.number(durablePosition);
        if (segments.position(active.number(), tailOffset) - durablePosition > mostUnforcedBytes
                || unforcedSegments >= mostUnforcedSegments) {
            if (force != null) {
                force.run();
            }
        }
        Segment fresh =
                reserve.mayGoToShortSegment() ? next.take(Math.min(leastLength, segments.segmentSize())) : next.take();
        tailMoves = true;
        use.next(fresh, copiesFollow);
        segments.add(fresh);
        appendSystemRecord(RecordLayout.ROLL, fresh.number());
        sealed.add(active);
        active = fresh;
        tailOffset = SegmentHeader.LENGTH;
        notifyAtOffset = 0;
        tailMoves = false;
    }

    @GuardedBy("tailLock")
    private void appendMark(long durable) {
        tailMoves = true;
        appendSystemRecord(RecordLayout.MARK, durable);
        markedPosition = durable;
        tailMoves = false;
    }

    @GuardedBy("tailLock")
    private void appendSystemRecord(int kind, long argument) {
        writeBare(active, tailOffset, systemHeader, kind, lastSequence, argument);
        PageFaults.deliver();
        RecordLayout.publish(active.memory(), tailOffset, RecordLayout.commitWord(kind, 0));
        advance(RecordLayout.BARE_LENGTH);
    }

    private void writeBare(Segment segment, long offset, RecordHeader header, int kind, long sequence, long argument) {
        int salted = Checksum.salt(salt, segments.position(segment.number(), offset));
        header.encodeBare(kind, sequence, argument, salted);
        header.store(segment.memory(), offset);
    }

    /** Every record passes here: after one, the log is open again, whatever its last record said before. */
    @GuardedBy("tailLock")
    private void advance(long length) {
        closed = false;
        appendedBytes += length;
        tailOffset += length;
        active.usedLength(tailOffset);
        if (tailOffset >= notifyAtOffset) {
            notifyAtOffset = Long.MAX_VALUE;
            tailMoved.run();
        }
    }

    /**
     * Says how the log is made durable, which is done when too much of it is not. Before anyone writes.
     *
     * @param action returns when all that is published is durable; it may be run under the log's lock
     */
    public void forceBy(Runnable action) {
        tailLock.lock();
        try {
            force = action;
        } finally {
            tailLock.unlock();
        }
    }

    /** Lowers the amount of data after which the log is forced; for tests. */
    public void mostUnforcedBytes(long bytes) {
        tailLock.lock();
        try {
            mostUnforcedBytes = bytes;
        } finally {
            tailLock.unlock();
        }
    }

    /**
     * Records in the log that a process has opened it. Called before any write.
     *
     * @param sequence no record that is appended from here on has a sequence as low as this; that is durable on return
     */
    public void open(long sequence) throws IOException {
        tailLock.lock();
        try {
            lastSequence = Math.max(lastSequence, sequence);
            if (!fits(RecordLayout.BARE_LENGTH)) {
                roll(SpaceReserve.SYSTEM, SegmentHeader.LENGTH + 2 * RecordLayout.BARE_LENGTH, false);
            }
            appendSystemRecord(RecordLayout.OPENED, active.memory().byteSize());
            for (Segment segment : segments.logSegments(first.number(), active.number())) {
                segment.file().force();
            }
        } finally {
            tailLock.unlock();
        }
    }

    /** Whether nothing fits into what is left of the active segment but the record that ends it. */
    public boolean isFull() {
        tailLock.lock();
        try {
            return !fits(RecordLayout.BARE_LENGTH);
        } finally {
            tailLock.unlock();
        }
    }

    /** The last record says that the log was closed; {@link #close} need not append another. */
    public void endsClosed() {
        tailLock.lock();
        try {
            closed = true;
        } finally {
            tailLock.unlock();
        }
    }

    private boolean isClosed() {
        tailLock.lock();
        try {
            return closed;
        } finally {
            tailLock.unlock();
        }
    }

    /**
     * Records in the log that it ends here, after the last write: nobody appends any more. False if there is no space
     * for the record; then the end of the file must stay.
     */
    public boolean close() throws IOException {
        if (!isClosed()) {
            try {
                appendSystem(RecordLayout.CLOSED, 0);
            } catch (DiskFullException noRoom) {
                return false;
            }
        }
        endsClosed();
        return true;
    }

    /** No record that is appended from here on has a sequence as low as this. */
    public void passSequence(long sequence) {
        tailLock.lock();
        try {
            lastSequence = Math.max(lastSequence, sequence);
        } finally {
            tailLock.unlock();
        }
    }

    // --- what is where ---

    /** Everything below is complete and acknowledged, or about to be. */
    public long publishedPosition() {
        return published.position();
    }

    /** Everything below is known to be on the device. */
    public long durablePosition() {
        return durablePosition;
    }

    /** Everything below the position has been forced. */
    public void durable(long position) {
        durablePosition = position;
    }

    public long lastSequence() {
        tailLock.lock();
        try {
            return lastSequence;
        } finally {
            tailLock.unlock();
        }
    }

    /** Bytes of all records since the log was opened, its own and those that compaction copied included. */
    public long appendedBytes() {
        tailLock.lock();
        try {
            return appendedBytes;
        } finally {
            tailLock.unlock();
        }
    }

    /**
     * Bytes of those records that their writers stored through the mapping: copies of compaction are written to the
     * file.
     */
    public long storedBytes() {
        tailLock.lock();
        try {
            return storedBytes;
        } finally {
            tailLock.unlock();
        }
    }

    // --- ahead of the tail, called by the agent ---

    /** The segment that is appended to; its used length is the offset of the tail. */
    public Segment active() {
        tailLock.lock();
        try {
            return active;
        } finally {
            tailLock.unlock();
        }
    }

    /** Registers a listener for the moment when the tail of a segment reaches an offset. */
    public void notifyAt(Segment segment, long offset) {
        tailLock.lock();
        try {
            if (segment == active) {
                notifyAtOffset = offset;
                if (tailOffset >= offset) {
                    notifyAtOffset = Long.MAX_VALUE;
                    tailMoved.run();
                }
            }
        } finally {
            tailLock.unlock();
        }
    }

    /**
     * Whether the next segment should exist: the active one may end soon, or there is no other reserve for a full disk.
     * A store that never gets far needs no second one.
     */
    public boolean isNextDue() {
        tailLock.lock();
        try {
            return active != first || unused() < segments.segmentSize() / 16 * 15 || isOverForced();
        } finally {
            tailLock.unlock();
        }
    }

    /** Creates the segment after the active one, so that no writer waits for it and there is a reserve. */
    public void prepareNext() throws IOException {
        next.make();
    }

    /** Whether the last attempt to create the next segment failed for lack of space. */
    public boolean isRoomShort() {
        return next.isRoomShort();
    }

    /**
     * Frees the unused space of sealed segments whose end is durable by now; returns their number. Cut off earlier, a
     * segment could lose the record that ends it to a power cut, and would look as if someone had cut it short.
     *
     * @throws OutOfDescriptorsException if one could not be opened; it is tried again
     */
    public int trimSealed() throws IOException {
        int count = 0;
        for (Segment oldest = sealed.peek(); oldest != null && isDurable(oldest); oldest = sealed.peek()) {
            boolean again = false;
            try {
                oldest.trim();
            } catch (OutOfDescriptorsException e) {
                again = true;
                throw e;
            } finally {
                if (!again) {
                    sealed.remove();
                }
            }
            count++;
        }
        return count;
    }

    private boolean isDurable(Segment segment) {
        return segments.position(segment.number(), segment.usedLength()) <= durablePosition;
    }

    // --- ends ---

    /**
     * Begins a new segment for compaction's copies, so that everything before now lies in sealed ones, and waits until
     * those are complete. Returns the number of the new one.
     */
    public long rollNow() throws IOException {
        long claimed;
        long number;
        tailLock.lock();
        try {
            failure.checkSound();
            if (tailOffset > SegmentHeader.LENGTH) {
                // Never into a short one: compaction has more use for the room than for the seal.
                roll(SpaceReserve.DATA, segments.segmentSize(), true);
            }
            claimed = claimedPosition;
            number = active.number();
        } catch (RuntimeException | Error e) {
            failIfTailMoves(e);
            throw e;
        } finally {
            tailLock.unlock();
        }
        published.await(claimed);
        return number;
    }

    /** Appends a record of the log's own, after everything claimed so far, and returns its position. */
    public long appendSystem(int kind, long argument) throws IOException {
        return appendSystem(kind, argument, () -> {});
    }

    /**
     * The same, and does what follows from the record.
     *
     * @param consequence run when the record is published; if it throws the store fails
     */
    public long appendSystem(int kind, long argument, Runnable consequence) throws IOException {
        Claim claim = new Claim();
        RecordHeader header = new RecordHeader();
        claim(claim, RecordLayout.commitWord(kind, 0), argument);
        try {
            writeBare(claim.segment, claim.offset, header, kind, claim.sequence, argument);
            publish(claim, RecordLayout.commitWord(kind, 0));
            consequence.run();
            claim.finish();
            return claim.position;
        } catch (RuntimeException | Error e) {
            giveUp(claim, header, e);
            throw e;
        }
    }

    /** Takes away the segment that was prepared and never used; null if there is none. */
    public @Nullable Segment takePrepared() {
        return next.takeUnused();
    }
}
