package dev.penstock.store;

import java.time.Instant;

/** Expiries in milliseconds of the epoch, as tests calculate with them; {@link #NO_EXPIRY} for never. */
public final class Expiries {

    public static final long NO_EXPIRY = 0;

    static final long ABSENT = -1;

    private Expiries() {}

    public static WriteOptions expiring(long expiryMillis) {
        return expiryMillis == NO_EXPIRY
                ? WriteOptions.defaults()
                : WriteOptions.defaults().expiresAt(Instant.ofEpochMilli(expiryMillis));
    }

    /** Gives a key another expiry or takes it away; whether anything was written. */
    public static boolean expire(Store store, byte[] key, long expiryMillis) {
        return expiryMillis == NO_EXPIRY
                ? store.clearExpiry(key)
                : store.setExpiry(key, Instant.ofEpochMilli(expiryMillis));
    }

    /** {@link #ABSENT} if the key is. */
    public static long expiryOf(Store store, byte[] key) {
        try (ValueView view = store.get(key)) {
            if (view == null) {
                return ABSENT;
            }
            return view.expiry() == null ? NO_EXPIRY : view.expiry().toEpochMilli();
        }
    }
}
