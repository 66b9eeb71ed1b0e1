package dev.penstock.store.internal.log;

import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.StallEvent;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The segment that will follow the active one. It is created ahead, so that writers do not wait, and because its space
 * is the store's reserve on a full disk (see {@link SpaceReserve}).
 *
 * <p>Thread-safe. A caller that asks for the segment while it is being made waits.
 */
final class NextSegment {

    private final SegmentFactory factory;
    private final SegmentSet segments;
    private final Log log;
    private volatile @Nullable Segment made;
    private volatile boolean roomShort;

    /** @param segments of the log */
    NextSegment(SegmentFactory factory, SegmentSet segments, Log log) {
        this.factory = factory;
        this.segments = segments;
        this.log = log;
    }

    boolean isMade() {
        return made != null;
    }

    /** Whether the disk had no space when a segment was last to be made. */
    boolean isRoomShort() {
        return roomShort;
    }

    /**
     * Creates it if it does not exist.
     *
     * @throws DiskFullException if there is no space for it
     */
    synchronized void make() throws IOException {
        if (made == null) {
            made = create();
        }
    }

    /** Like {@link #make}, while a writer waits. */
    synchronized void makeLate() throws IOException {
        madeAtLast();
    }

    private Segment madeAtLast() throws IOException {
        Segment ready = made;
        if (ready == null) {
            StallEvent stall = FlightRecording.isOn() ? StallEvent.start() : null;
            ready = create();
            made = ready;
            if (stall != null) {
                stall.cause = "the next segment was not made yet";
                stall.commit();
            }
        }
        return ready;
    }

    /** Hands it over; it is made now if it is not there. */
    synchronized Segment take() throws IOException {
        Segment taken = madeAtLast();
        made = null;
        return taken;
    }

    /** Returns the segment; if there is no space for a full one, a segment of at least this length. */
    synchronized Segment take(long leastLength) throws IOException {
        try {
            return take();
        } catch (DiskFullException noRoomForAll) {
            return create(leastLength);
        }
    }

    /** Hands it over if it is there; null if not. */
    synchronized @Nullable Segment takeUnused() {
        Segment taken = made;
        made = null;
        return taken;
    }

    private Segment create(long leastLength) throws IOException {
        return factory.create(leastLength, segments.oldestNumber(), log.durablePosition());
    }

    private Segment create() throws IOException {
        try {
            Segment fresh = create(factory.segmentSize());
            roomShort = false;
            return fresh;
        } catch (DiskFullException full) {
            roomShort = true;
            throw full;
        }
    }
}
