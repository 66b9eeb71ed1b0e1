package dev.penstock.store.internal.snapshot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.StripeImage;
import dev.penstock.store.internal.io.StackReserve;
import dev.penstock.store.internal.reclaim.ReaderLeases;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The records that were current at one position of the log, with leases on all files that hold them, so that they stay
 * readable while others write, remove and compact.
 *
 * <p><b>How it is taken.</b> The stripes of the key directory are copied one after the other, each under its lock, with
 * the position of the log at that moment; then writers are paused for an instant, and the target position is noted. The
 * records in between are replayed on the copy, each stripe from its own position, as opening does with a checkpoint.
 * Writers wait for the copy of one stripe at most. A CLEAR in between restarts the procedure, and so does a segment
 * that was both created and retired meanwhile: its records can no longer be replayed, and their copies do not contain
 * everything.
 *
 * <p><b>Leases.</b> A lease on the log is taken first: no segment that was then in the set is unmapped before the lease
 * ends. Large values are leased while writers are paused. Readers take separate leases, which may outlast this one.
 * They rely on the leases held here, so they are taken during a {@linkplain #beginUse use}.
 *
 * <p>Readers: any thread. {@link #take}: once. {@link #close}: any thread, also while others read.
 */
public final class PointInTime implements AutoCloseable {

    private final ReaderLeases leases;
    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Map<LargeSegment, Integer> largeLeases;
    private final int lease;
    private final long position;
    /** Uses under way, and one more until this is closed. With the last of them goes what this holds. */
    private final AtomicInteger uses = new AtomicInteger(1);

    @GuardedBy("this")
    private boolean closed;

    private PointInTime(
            ReaderLeases leases,
            KeyDirectory directory,
            SegmentSet segments,
            Map<LargeSegment, Integer> largeLeases,
            int lease,
            long position) {
        this.leases = leases;
        this.directory = directory;
        this.segments = segments;
        this.largeLeases = largeLeases;
        this.lease = lease;
        this.position = position;
    }

    /**
     * Takes what is current now.
     *
     * @param reached how far the log is published; what a stripe's lock guards lies below it for who holds that lock
     */
    public static PointInTime take(
            KeyDirectory live, SegmentSet segments, LongSupplier reached, ReaderLeases leases, long salt) {
        StackReserve.require();
        int lease = leases.openShared();
        boolean taken = false;
        try {
            for (; ; ) {
                PointInTime point = tryToTake(live, segments, reached, leases, lease, salt);
                if (point != null) {
                    taken = true;
                    return point;
                }
            }
        } finally {
            if (!taken) {
                leases.close(lease);
            }
        }
    }

    /** Null if the store was cleared meanwhile. */
    private static @Nullable PointInTime tryToTake(
            KeyDirectory live, SegmentSet segments, LongSupplier reached, ReaderLeases leases, int lease, long salt) {
        int clears = live.clearCount();
        SegmentSet pinned = new SegmentSet(segments.segmentShift());
        Pins pins = new Pins(segments, pinned);
        KeyDirectory copy = new KeyDirectory(pinned, salt);
        Map<LargeSegment, Integer> largeLeases = new HashMap<>();
        boolean taken = false;
        try {
            long[] from = new long[KeyDirectory.STRIPE_COUNT];
            copyStripes(live, copy, reached, pins, from);
            long[] position = new long[1];
            live.exclusively(() -> {
                position[0] = reached.getAsLong();
                pins.add();
                for (LargeSegment large : segments.largeSegments()) {
                    pinned.add(large);
                    largeLeases.put(large, large.holdIfOpen());
                }
            });
            if (live.clearCount() == clears
                    && isWhole(pinned, Arrays.stream(from).min().getAsLong(), position[0])) {
                replay(copy, pinned, from, position[0], salt);
                taken = true;
                return new PointInTime(leases, copy, pinned, largeLeases, lease, position[0]);
            }
            return null;
        } finally {
            if (!taken) {
                copy.close();
                largeLeases.forEach(LargeSegment::release);
            }
        }
    }

    /** The segments that were in the set at any look at it. The lease keeps all of them readable. */
    private static final class Pins {

        private final SegmentSet segments;
        private final SegmentSet pinned;
        private List<Segment> last = List.of();

        Pins(SegmentSet segments, SegmentSet pinned) {
            this.segments = segments;
            this.pinned = pinned;
        }

        @SuppressWarnings("ReferenceEquality") // the set replaces its list when it changes
        void add() {
            List<Segment> now = segments.logSegments();
            if (now != last) {
                pinned.addAll(now);
                last = now;
            }
        }
    }

    /**
     * Whether every segment exists that the log used between two positions: segments are numbered one by one.
     */
    private static boolean isWhole(SegmentSet pinned, long from, long to) {
        long first = pinned.number(from);
        long last = pinned.number(to);
        return pinned.logSegments(first, last).size() == last - first + 1;
    }

    /** With each stripe, under its lock, the segments are pinned that its copy points into. */
    private static void copyStripes(
            KeyDirectory live, KeyDirectory copy, LongSupplier reached, Pins pins, long[] from) {
        try (StripeImage image = new StripeImage()) {
            for (int stripe = 0; stripe < KeyDirectory.STRIPE_COUNT; stripe++) {
                int number = stripe;
                live.copyStripe(stripe, image, () -> {
                    pins.add();
                    from[number] = reached.getAsLong();
                });
                copy.takeStripe(stripe, image);
            }
        }
    }

    private static void replay(KeyDirectory copy, SegmentSet segments, long[] from, long to, long salt) {
        long first = Arrays.stream(from).min().getAsLong();
        for (Segment segment : segments.logSegments()) {
            long base = segments.position(segment.number(), 0);
            if (segment.number() < segments.number(first) || base >= to) {
                continue;
            }
            RecordScanner records = new RecordScanner(
                    segment.memory(),
                    base,
                    salt,
                    Math.max(first - base, SegmentHeader.LENGTH),
                    Math.min(to - base, segment.usedLength()));
            while (records.next()) {
                apply(copy, records, from);
            }
        }
    }

    private static void apply(KeyDirectory copy, RecordScanner records, long[] from) {
        RecordHeader header = records.header();
        int kind = header.kind();
        if (kind != RecordLayout.VALUE && kind != RecordLayout.REFERENCE && kind != RecordLayout.TOMBSTONE) {
            return;
        }
        long hash = copy.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        if (records.position() < from[KeyDirectory.stripe(hash)]) {
            return;
        }
        long current = copy.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        if (kind != RecordLayout.TOMBSTONE) {
            if (current == 0) {
                copy.insert(hash, records.position());
            } else {
                copy.replace(hash, current, records.position());
            }
        } else if (current != 0) {
            copy.remove(hash, current);
        }
    }

    public KeyDirectory directory() {
        return directory;
    }

    public SegmentSet segments() {
        return segments;
    }

    /** Everything that is current here lies below. */
    public long position() {
        return position;
    }

    /** The end of what belongs to this in a segment of the log. */
    public long end(Segment segment) {
        long base = segments.position(segment.number(), 0);
        return Math.clamp(position - base, 0, segment.usedLength());
    }

    /**
     * Begins a use: until it {@linkplain #endUse ends} everything stays that this holds.
     *
     * @throws StoreClosedException if this is closed
     */
    public void beginUse() {
        StackReserve.require();
        if (uses.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
            throw new StoreClosedException("the snapshot is closed");
        }
    }

    /** Takes a lease on the segments of the log, to be ended as that of a segment is. During a use. */
    public int holdLog() {
        leases.share(lease);
        return lease;
    }

    /** Ends a use. */
    public void endUse() {
        if (uses.decrementAndGet() == 0) {
            directory.close();
            largeLeases.forEach(LargeSegment::release);
            leases.close(lease);
        }
    }

    /** Ends the leases and releases the copy of the key directory, when the uses under way have ended. */
    @Override
    public synchronized void close() {
        StackReserve.require();
        if (!closed) {
            closed = true;
            endUse();
        }
    }
}
