package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.StallEvent;
import dev.penstock.store.internal.io.DiskFullException;
import java.io.IOException;

/**
 * The segment that will follow the active one. It is made ahead, so that writers need not wait, and because its room is the
 * store's reserve when the disk is full (see {@link Room}).
 *
 * <p>Thread-safe. Whoever asks while it is being made waits.
 */
final class NextSegment {

    private final SegmentFactory factory;
    private volatile Segment made;
    private volatile boolean roomShort;

    NextSegment(SegmentFactory factory) {
        this.factory = factory;
    }

    boolean isMade() {
        return made != null;
    }

    /** Whether there was no room when one was to be made the last time. */
    boolean isRoomShort() {
        return roomShort;
    }

    /**
     * Has it made if it is not there.
     *
     * @throws DiskFullException if there is no room for it
     */
    synchronized void make() throws IOException {
        if (made == null) {
            made = create();
        }
    }

    /** Like {@link #make}, while a writer waits. */
    synchronized void makeLate() throws IOException {
        if (made == null) {
            StallEvent stall = FlightRecording.isOn() ? StallEvent.start() : null;
            made = create();
            if (stall != null) {
                stall.cause = "the next segment was not made yet";
                stall.commit();
            }
        }
    }

    /** Hands it over; it is made now if it is not there. */
    synchronized Segment take() throws IOException {
        makeLate();
        return takeUnused();
    }

    /** Hands it over; where there is no room for all of it, one that is at least so long. */
    synchronized Segment take(long leastLength) throws IOException {
        try {
            return take();
        } catch (DiskFullException noRoomForAll) {
            return factory.createShort(leastLength);
        }
    }

    /** Hands it over if it is there; null if not. */
    synchronized Segment takeUnused() {
        Segment taken = made;
        made = null;
        return taken;
    }

    private Segment create() throws IOException {
        try {
            Segment fresh = factory.create();
            roomShort = false;
            return fresh;
        } catch (DiskFullException full) {
            roomShort = true;
            throw full;
        }
    }
}
