package dev.penstock.tools.load;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A source that holds one entry at a time in fields, which {@link #next} sets. One thread. */
public abstract class EntryReader implements EntrySource {

    /** The entry's key, as far as it has been read. */
    protected byte[] key = {};

    /** The entry's value; null before the first entry. */
    protected @Nullable IncomingValue value;

    /** When the entry expires. */
    protected long expiryMillis = NO_EXPIRY;

    @Override
    public final byte[] key() {
        return key;
    }

    @Override
    public final IncomingValue value() {
        if (value == null) {
            throw new IllegalStateException("no entry was read");
        }
        return value;
    }

    @Override
    public final long expiryMillis() {
        return expiryMillis;
    }

    /** Names the entry by its key. A source that knows a line or an offset overrides this. */
    @Override
    public BadEntryException bad(IllegalArgumentException problem) {
        return BadEntryException.ofKey(key, String.valueOf(problem.getMessage()), problem);
    }

    /** Drops a value that was not stored. */
    protected final void dropValue() throws IOException {
        if (value != null) {
            value.close();
            value = null;
        }
    }

    /** Drops the value that was not stored. A source with more to close extends this. */
    @Override
    public void close() throws IOException {
        dropValue();
    }
}
