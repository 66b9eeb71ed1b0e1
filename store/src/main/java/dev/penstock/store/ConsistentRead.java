package dev.penstock.store;

import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.index.StripeSet;

/**
 * Reads of several keys as of one moment, from {@link Store#consistentRead()}: no other write takes effect between
 * them, and they see all changes of a {@link WriteBatch} or none. For a few known keys this is far cheaper than a
 * {@link Snapshot}.
 *
 * <p>The reads take no lock and are repeated if a write interfered. Only if writers interfere persistently do they run
 * while writers of these keys wait. A value that expires in between may be present in one read and absent in the next.
 *
 * <p>Reusable; allocates nothing. One thread at a time.
 */
public final class ConsistentRead {

    private final Engine engine;
    private final StripeSet stripes;

    ConsistentRead(Engine engine) {
        this.engine = engine;
        this.stripes = engine.directory.stripeSet();
    }

    /**
     * Adds a key to read.
     *
     * @param key the key, which may be reused afterwards
     */
    public void add(byte[] key) {
        stripes.add(engine.directory.hash(key, 0, key.length));
    }

    /**
     * Adds a key to read.
     *
     * @param key the key, which may be reused afterwards
     */
    public void add(Key key) {
        stripes.add(engine.directory.hash(key.array(), key.offset(), key.length()));
    }

    /**
     * Runs the reads, then forgets the keys.
     *
     * @param reads reads the added keys, by any method of the store. It may be called several times; only the results
     *     of the last call count. It must not write to the store and should be short
     * @throws IllegalStateException if the reads use this object, to run it or to add a key
     */
    public void run(Runnable reads) {
        stripes.read(reads);
    }
}
