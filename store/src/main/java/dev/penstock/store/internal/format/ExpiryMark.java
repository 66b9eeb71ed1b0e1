package dev.penstock.store.internal.format;

/**
 * Records what had expired at a moment: every record up to a sequence whose expiry is not later than that moment. The
 * checkpoint keeps it, so that these records stay expired however the clock is set.
 *
 * <p>It applies to those records alone. A clock that was once far ahead does not affect records written after it was
 * corrected.
 *
 * @param millis of the epoch
 * @param sequence of the newest record at that moment
 */
public record ExpiryMark(long millis, long sequence) {

    /** Nothing has expired that is not past by the clock. */
    public static final ExpiryMark NONE = new ExpiryMark(0, 0);

    /** Whether a record had expired; its expiry is one. */
    public boolean covers(long expiryMillis, long recordSequence) {
        return expiryMillis <= millis && recordSequence <= sequence;
    }
}
