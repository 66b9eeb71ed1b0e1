package dev.penstock.store;

import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.index.StripeSet;

/**
 * Reads of several keys as of one moment, from {@link Store#consistentRead()}: no write of others falls between them, and of
 * a {@link WriteBatch} they see all changes or none. For a few keys that are known beforehand it is far cheaper than a
 * {@link Snapshot}.
 *
 * <p>The reads are made without a lock, and again if a write came between. Only where writers are very busy are they made
 * while writers of these keys wait. A value that expires meanwhile may still be there for one read and not for the next.
 *
 * <p>Allocates nothing; to be used again and again. One thread at a time.
 */
public final class ConsistentRead {

    private final Engine engine;
    private final StripeSet stripes;

    ConsistentRead(Engine engine) {
        this.engine = engine;
        this.stripes = engine.directory.stripeSet();
    }

    /** Adds a key that is to be read. */
    public void add(byte[] key) {
        stripes.add(engine.directory.hash(key, 0, key.length));
    }

    /** Adds a key that is to be read; it may be set to another afterwards. */
    public void add(Key key) {
        stripes.add(engine.directory.hash(key.array(), key.offset(), key.length()));
    }

    /**
     * Makes the reads, and forgets the keys.
     *
     * @param reads reads the keys that were added, by any method of the store, and begins anew each time that it is
     *     called; what it read the last time counts. It must not write to the store and should be short
     */
    public void run(Runnable reads) {
        try {
            stripes.read(reads);
        } finally {
            stripes.clear();
        }
    }
}
