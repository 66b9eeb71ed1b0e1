package dev.penstock.store.internal.checkpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.internal.checkpoint.CheckpointState.ReferenceState;
import dev.penstock.store.internal.event.CheckpointEvent;
import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.StripeImage;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.Agent;

/**
 * Writes checkpoints: in the background when the log after the last one has become long, for compaction before it
 * removes files, and when the store is closed.
 *
 * <p><b>Exact while others write.</b> The key directory is copied stripe by stripe, each under its lock. A writer of
 * the stripe's keys publishes its record, and points the directory at it, before it releases the lock. While the lock
 * is held, all records of the stripe below the published position are therefore in the copy, and all later ones lie
 * above it. That position is kept for each stripe, with the live bytes of the same moment. Opening replays the log from
 * the lowest position, and skips records below the position of their stripe. Only CLEAR concerns all stripes at once: a
 * copy that overlaps with it is discarded.
 *
 * <p><b>Large values</b> are listed after the last stripe was copied: those that a published record refers to. A value
 * missing in the list was superseded or first referred to later, which the replay will see. The directory does not
 * point at superfluous values.
 *
 * <p><b>Never for a failed store.</b> Its directory may lack a record that the log has. A failure is recorded before
 * the lock of its stripe is released, so one check after all stripes were copied is enough.
 *
 * <p><b>Crash argument.</b> The log is forced up to everything that the copy holds before the checkpoint takes the
 * place of the old one, by a rename. A file that the checkpoint in place needs, for the image or for the replay behind
 * it, is not removed: see {@link #releaseRetired}.
 *
 * <p>Thread-safe; one checkpoint at a time.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // the counting thread holds the lock
public final class Checkpointer implements Agent {

    private final CheckpointFile file;
    private final UUID storeId;
    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Log log;
    private final Runnable force;
    private final FailureLatch failure;
    private final Expiry expiry;

    private final ReentrantLock lock = new ReentrantLock();
    /** Where an open would begin to replay; 0 without a useful image. Guarded by the lock, like those below. */
    @GuardedBy("lock")
    private long replayFrom;

    @GuardedBy("lock")
    private long durablePosition;
    /** Checkpoints begun, and which of them is in place; read by any thread. */
    private volatile long begunCount;

    private volatile long inPlace;
    private volatile long writtenBytes;
    private volatile boolean requested;
    private volatile boolean deferred;

    /** Where the log was when a checkpoint could not be written; none is tried until it has grown as much again. */
    @GuardedBy("lock")
    private long failedAt;

    /**
     * @param force returns when all that was published before is durable
     * @param durablePosition what the checkpoint that was found vouches for; -1 if none was
     * @param replayFrom where its image allowed the replay to begin; 0 if it has none, or none of use
     */
    public Checkpointer(
            CheckpointFile file,
            UUID storeId,
            KeyDirectory directory,
            SegmentSet segments,
            Log log,
            Runnable force,
            FailureLatch failure,
            Expiry expiry,
            long durablePosition,
            long replayFrom) {
        this.file = file;
        this.storeId = storeId;
        this.directory = directory;
        this.segments = segments;
        this.log = log;
        this.force = force;
        this.failure = failure;
        this.expiry = expiry;
        this.durablePosition = durablePosition;
        this.replayFrom = replayFrom;
    }

    // --- when ---

    @Override
    public int doWork() {
        lock.lock();
        try {
            boolean wanted = requested;
            requested = false;
            if (failure.isSet()
                    || !wanted
                            && !CheckpointPolicy.isDue(
                                    tailLength(Math.max(replayFrom, failedAt)), directory.bytes(), deferred)) {
                return 0;
            }
            return isWritten() ? 1 : 0;
        } catch (InternalError e) {
            throw failure.set("a page of the key directory could not be supplied to a checkpoint", e);
        } finally {
            lock.unlock();
        }
    }

    /** Writes a checkpoint now; false if that was not possible. */
    public boolean write() {
        lock.lock();
        try {
            return isWritten();
        } finally {
            lock.unlock();
        }
    }

    /** Requests a checkpoint, which {@link #doWork} writes. Any thread; the caller wakes the working thread. */
    public void request() {
        requested = true;
    }

    /** How many checkpoints were begun. */
    public long begunCount() {
        return begunCount;
    }

    /** Which of them, counted from 1, is in place; 0 if none is. */
    public long inPlace() {
        return inPlace;
    }

    /** Bytes of the checkpoints that were written. */
    public long writtenBytes() {
        return writtenBytes;
    }

    /** Whether files that wait for {@link #releaseRetired} take so much room that they should go. */
    public boolean isReleaseDue(long waitingBytes) {
        return CheckpointPolicy.isDue(waitingBytes, directory.bytes(), deferred);
    }

    /**
     * Sets whether the background waits for the log to grow by much more than usual before it writes one. Any thread.
     */
    public void defer(boolean isDeferred) {
        deferred = isDeferred;
    }

    /**
     * Returns when no checkpoint in place needs a segment that is no longer in the segment set. Where there is no space
     * for a new one, the old one's image is given up: the next open takes longer.
     */
    public void releaseRetired() throws IOException {
        lock.lock();
        try {
            if (replayFrom != 0 && !isWritten()) {
                replayFrom = 0;
                dropImage();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void dropImage() throws IOException {
        try {
            replaceWithoutImage();
            durablePosition = log.durablePosition();
        } catch (IOException noRoom) {
            file.delete();
            durablePosition = -1;
        }
    }

    /** When nobody writes any more and all is forced: spares the next open the replay of the log. */
    public void close() {
        lock.lock();
        try {
            if (CheckpointPolicy.isImageWorthwhile(tailLength(0), directory.bytes())) {
                if (tailLength(replayFrom) > 0 || isExpiryDue()) {
                    isWritten();
                }
            } else if (log.durablePosition() > durablePosition || isExpiryDue()) {
                replaceWithoutImage();
            }
        } catch (IOException e) {
            warn(e);
        } finally {
            lock.unlock();
        }
    }

    private void replaceWithoutImage() throws IOException {
        long lastSequence = log.lastSequence();
        file.replaceWithoutImage(storeId, log.durablePosition(), lastSequence, expiry.mark(lastSequence));
    }

    /** Whether something has expired, and is not known to have been removed: the next open must know it. */
    private boolean isExpiryDue() {
        long now = expiry.now();
        return segments.logSegments().stream().anyMatch(segment -> segment.earliestExpiryAnyway() <= now);
    }

    /** Bytes of the log from a position on. */
    private long tailLength(long position) {
        long first = segments.number(position);
        long length = 0;
        for (Segment segment : segments.logSegments()) {
            if (segment.number() >= first) {
                length += segment.usedLength() - (segment.number() == first ? segments.offset(position) : 0);
            }
        }
        return length;
    }

    // --- how ---

    /** Writes a checkpoint with an image; false if that was not possible now. */
    @GuardedBy("lock")
    private boolean isWritten() {
        CheckpointEvent event = FlightRecording.isOn() ? CheckpointEvent.start() : null;
        long begun = ++begunCount;
        try (CheckpointWriter writer = file.begin();
                StripeImage image = new StripeImage()) {
            SegmentTally tally = new SegmentTally(segments);
            if (!copyStripes(writer, image, tally)) {
                return false;
            }
            List<ReferenceState> references = segments.largeSegments().stream()
                    .filter(LargeSegment::isReferredTo)
                    .map(large -> new ReferenceState(large.number(), large.referencePosition()))
                    .toList();
            long lastSequence = log.lastSequence();
            force.run();
            PageFaults.deliver();
            failure.checkSound();
            long durable = log.durablePosition();
            CheckpointState state = new CheckpointState(
                    tally.upTo(segments.number(durable)), references, writer.stripes(), tally.currentMark());
            long length = writer.commit(storeId, durable, lastSequence, expiry.mark(lastSequence), state);
            if (event != null) {
                event.store = file.storeName();
                event.bytes = length;
                event.durablePosition = durable;
                event.commit();
            }
            durablePosition = durable;
            replayFrom = state.replayFrom();
            failedAt = 0;
            inPlace = begun;
            writtenBytes += length;
            return true;
        } catch (IOException | StoreFullException e) {
            failedAt = log.publishedPosition();
            warn(e);
            return false;
        }
    }

    /** False if the store was cleared meanwhile. */
    private boolean copyStripes(CheckpointWriter writer, StripeImage image, SegmentTally tally) throws IOException {
        int clears = directory.clearCount();
        long[] published = new long[1];
        for (int stripe = 0; stripe < KeyDirectory.STRIPE_COUNT; stripe++) {
            int number = stripe;
            directory.copyStripe(stripe, image, () -> {
                published[0] = log.publishedPosition();
                tally.add(number);
                if (number == AppliedMark.STRIPE) {
                    tally.mark(directory.mark());
                }
            });
            if (directory.clearCount() != clears) {
                return false;
            }
            writer.add(image, published[0]);
        }
        return true;
    }

    private static void warn(Exception e) {
        StoreLog.get()
                .log(System.Logger.Level.WARNING, "no checkpoint could be written; the next open takes longer", e);
    }

    @Override
    public String roleName() {
        return "checkpointer";
    }
}
