package dev.penstock.store.internal.format;

/**
 * What had expired at a moment: every record up to a sequence whose expiry is not later than that moment. Kept in the
 * checkpoint, so that it has expired for good, however the clock is set.
 *
 * <p>It is said of those records alone. A clock that was wrong once, and far ahead, has no hold on what is written when
 * it is right again.
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
