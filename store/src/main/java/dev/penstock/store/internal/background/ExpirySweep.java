package dev.penstock.store.internal.background;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.internal.event.ExpirySweepEvent;
import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.reclaim.Leased;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/**
 * Removes the keys whose records have expired, so that their bytes count as dead and compaction can free them. Readers
 * do not need it: an expired record is absent to them.
 *
 * <p>Each segment knows a time before which none of its records expires, so the sweep walks only segments with expired
 * records. It walks in short slices, with pauses between them that are {@value #REST_FACTOR} times as long: the sweep
 * uses at most that fraction of a processor, however many keys expire at once.
 *
 * <p>A key is removed by a tombstone like any other, since an older record of it may stand before the expired one.
 *
 * <p>Thread-safe; one at a time.
 */
public final class ExpirySweep implements Agent {

    private static final int REST_FACTOR = 20;
    private static final int RECORDS_PER_LOOK_AT_THE_TIME = 64;
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    /** While there is something that will expire. It is not computed when, because the clock may be set. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SegmentSet segments;
    private final Writer writer;
    private final Expiry expiry;
    private final FailureLatch failure;
    private final long salt;
    private final AgentThread thread;

    private volatile boolean scheduled;

    @GuardedBy("this")
    private long restUntilNanos = System.nanoTime();

    @GuardedBy("this")
    private @Nullable Segment walked;

    @GuardedBy("this")
    private long walkedTo;

    private final AtomicLong removedCount = new AtomicLong();

    @GuardedBy("this")
    private long lastWalkedNumber;

    /** @param thread the one that runs this */
    public ExpirySweep(
            SegmentSet segments, Writer writer, Expiry expiry, FailureLatch failure, long salt, AgentThread thread) {
        this.segments = segments;
        this.writer = writer;
        this.expiry = expiry;
        this.failure = failure;
        this.salt = salt;
        this.thread = thread;
    }

    @Override
    public synchronized int doWork() throws IOException {
        if (failure.isSet()) {
            return 0;
        }
        scheduled = false;
        long start = System.nanoTime();
        if (start - restUntilNanos >= 0) {
            boolean more = sweepSlice(start + SLICE_NANOS);
            restUntilNanos = more ? start + (System.nanoTime() - start) * REST_FACTOR : start + LOOK_AGAIN_NANOS;
        }
        if (walked != null || anyExpires()) {
            scheduled = true;
            thread.lookAgainAfter(Math.max(1, restUntilNanos - System.nanoTime()));
        }
        return 0;
    }

    /** A record that expires was published, and its segment knows. */
    public void expiryNoted() {
        if (!scheduled) {
            scheduled = true;
            thread.wakeUp();
        }
    }

    /** Removes everything that has expired, without a rest. */
    public synchronized void sweepAll() throws IOException {
        sweep(System.nanoTime() + Long.MAX_VALUE / 2);
    }

    @GuardedBy("this")
    private boolean sweepSlice(long untilNanos) throws IOException {
        try {
            return sweep(untilNanos);
        } catch (StoreClosedException justNow) {
            return false;
        } catch (DiskFullException noRoomForTombstones) {
            Segment cutShort = walked;
            if (cutShort != null) {
                // What was not looked at may have expired.
                cutShort.noteExpiry(expiry.now());
                cutShort.endExpiryWalk();
                walked = null;
            }
            return false;
        }
    }

    /** Removes the keys that expired before a time. Returns whether there is more to do. */
    @GuardedBy("this")
    private boolean sweep(long untilNanos) throws IOException {
        for (Segment segment = walked != null ? walked : begin(); segment != null; segment = begin()) {
            if (!walkOn(segment, untilNanos)) {
                return true;
            }
            segment.endExpiryWalk();
            walked = null;
        }
        return false;
    }

    /** Begins to walk the next segment that is due; null if none is. */
    @GuardedBy("this")
    private @Nullable Segment begin() {
        long now = expiry.now();
        Segment next = null;
        for (Segment segment : segments.logSegments()) {
            // In turn, so that a segment where something expires all the time does not keep the others waiting.
            boolean due = segment.earliestExpiry() <= now && !segment.isPoisoned();
            if (due && (next == null || next.number() <= lastWalkedNumber && segment.number() > lastWalkedNumber)) {
                next = segment;
            }
        }
        if (next == null) {
            return null;
        }
        next.beginExpiryWalk();
        walked = next;
        lastWalkedNumber = next.number();
        walkedTo = SegmentHeader.LENGTH;
        return next;
    }

    /** Whether the walk of the segment came to its end. */
    @GuardedBy("this")
    private boolean walkOn(Segment segment, long untilNanos) throws IOException {
        int lease = segment.acquire();
        if (lease == Leased.NO_LEASE) {
            return true;
        }
        ExpirySweepEvent event = FlightRecording.isOn() ? ExpirySweepEvent.start() : null;
        long before = removedCount.get();
        try {
            RecordScanner records = new RecordScanner(
                            segment.memory(),
                            segments.position(segment.number(), 0),
                            salt,
                            walkedTo,
                            segment.usedLength())
                    .readingAhead();
            int count = 0;
            while (isReadable(segment, records)) {
                look(segment, records.header());
                if (++count % RECORDS_PER_LOOK_AT_THE_TIME == 0 && System.nanoTime() - untilNanos > 0) {
                    walkedTo = records.offset() + records.length();
                    return false;
                }
            }
            if (records.end() == RecordScanner.End.EMPTY) {
                // An incomplete record: what follows it is not known yet.
                segment.noteExpiry(expiry.now() + 1);
            }
            return true;
        } finally {
            segment.release(lease);
            if (event != null) {
                event.segment = segment.name();
                event.keys = removedCount.get() - before;
                event.commit();
            }
        }
    }

    /**
     * Steps to the next record. A page that is lost ends the walk, like damage: what lies after it cannot be found.
     */
    private boolean isReadable(Segment segment, RecordScanner records) {
        try {
            boolean more = records.next();
            PageFaults.deliver();
            return more;
        } catch (InternalError lost) {
            segment.poison();
            return false;
        }
    }

    private void look(Segment segment, RecordHeader header) throws IOException {
        long expiryMillis = header.expiryMillis();
        if (expiryMillis == RecordLayout.NO_EXPIRY) {
            return;
        }
        if (expiry.hasPassed(expiryMillis, header.sequence())) {
            removedCount.getAndAdd(isRemoved(header) ? 1 : 0);
        } else {
            // If it is not current any more the segment is walked once in vain, when its time has come.
            segment.noteExpiry(expiryMillis);
        }
    }

    /** A key whose current record cannot be read stays; readers get the error. */
    private boolean isRemoved(RecordHeader header) throws IOException {
        try {
            boolean removed = writer.removeExpired(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
            PageFaults.deliver();
            return removed;
        } catch (CorruptionException | InternalError unreadable) {
            return false;
        }
    }

    /** Keys removed so far. */
    public long removedCount() {
        return removedCount.get();
    }

    private boolean anyExpires() {
        for (Segment segment : segments.logSegments()) {
            if (segment.earliestExpiry() != Segment.NEVER) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String roleName() {
        return "expiry-sweep";
    }
}
