package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;

/**
 * Decides whether records have expired, by the store's clock or before it was set back. The clock is read only for
 * records with an expiry.
 */
public final class Expiry {

    private final SegmentSet segments;
    private final InstantSource clock;
    private final ExpiryMark mark;

    /** @param mark what had expired before, whatever the clock says now */
    public Expiry(SegmentSet segments, InstantSource clock, ExpiryMark mark) {
        this.segments = segments;
        this.clock = clock;
        this.mark = mark;
    }

    /** The same at one moment, of a part of the records. */
    public Expiry at(InstantSource moment, SegmentSet part) {
        return new Expiry(part, moment, mark);
    }

    /**
     * What has expired by now, to be kept: of the records up to a sequence, or those that had expired before if the
     * clock has been set back since.
     */
    public ExpiryMark mark(long lastSequence) {
        long now = now();
        return now < mark.millis() ? mark : new ExpiryMark(now, lastSequence);
    }

    /** Milliseconds of the epoch. */
    public long now() {
        return clock.millis();
    }

    /**
     * The expiry of a record that expires so many milliseconds from now: never 0, never beyond the last millisecond.
     */
    public long after(long millis) {
        long now = now();
        long expiryMillis = now + millis;
        boolean overflows = millis > 0 && expiryMillis < now;
        return overflows ? Long.MAX_VALUE : Math.max(1, millis < 0 && expiryMillis > now ? 1 : expiryMillis);
    }

    /** The expiry of the record at a position; none if the position is 0 or the record never expires. */
    public long of(long position) {
        if (position == 0) {
            return RecordLayout.NO_EXPIRY;
        }
        MemorySegment memory = segments.requireSegment(position).memory();
        long offset = segments.offset(position);
        int commitWord = RecordLayout.commitWord(memory, offset);
        return RecordLayout.isExpiring(commitWord)
                ? RecordLayout.expiryMillis(memory, offset, commitWord)
                : RecordLayout.NO_EXPIRY;
    }

    /** Position of a record for those who ask for it: 0 if it has expired, or is 0. See {@link #hasPassed(long)}. */
    public long visible(long position) {
        return position != 0 && hasPassed(position) ? 0 : position;
    }

    /** Whether the record at a position has expired. The caller makes sure that its segment stays. */
    public boolean hasPassed(long position) {
        MemorySegment memory = segments.requireSegment(position).memory();
        long offset = segments.offset(position);
        return hasPassed(memory, offset, RecordLayout.commitWord(memory, offset));
    }

    /** Whether the record at an offset has expired. */
    public boolean hasPassed(MemorySegment memory, long offset, int commitWord) {
        return RecordLayout.isExpiring(commitWord)
                && hasPassed(
                        RecordLayout.expiryMillis(memory, offset, commitWord), RecordLayout.sequence(memory, offset));
    }

    /**
     * Whether a record has expired.
     *
     * @param expiryMillis milliseconds of the epoch
     * @param sequence of the record
     */
    public boolean hasPassed(long expiryMillis, long sequence) {
        return expiryMillis != RecordLayout.NO_EXPIRY
                && (expiryMillis <= clock.millis() || mark.covers(expiryMillis, sequence));
    }
}
