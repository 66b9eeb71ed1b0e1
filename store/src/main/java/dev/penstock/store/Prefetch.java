package dev.penstock.store;

import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.engine.ReadPath;
import dev.penstock.store.internal.index.Lookahead;

/**
 * Has the memory of several keys on its way before they are asked for, from {@link Store#prefetch()}. For whoever has the
 * keys together but reads them one by one; {@link Store#getAll} does it by itself. Says nothing about the keys, and is
 * never needed: it only makes the reads that follow soon faster.
 *
 * <p>Allocates nothing; to be used again and again. One thread at a time.
 */
public final class Prefetch {

    /** How many keys are worth it at a time. */
    public static final int CAPACITY = Lookahead.CAPACITY;

    private final Engine engine;
    private final ReadPath reads;
    private final Lookahead lookahead;

    Prefetch(Engine engine, ReadPath reads) {
        this.engine = engine;
        this.reads = reads;
        this.lookahead = engine.directory.lookahead(engine.factory.addresses());
    }

    /** Adds a key, which may be set to another afterwards; false if there are {@link #CAPACITY} already. */
    public boolean add(Key key) {
        if (lookahead.count() == CAPACITY) {
            return false;
        }
        lookahead.add(engine.directory.hash(key.array(), key.offset(), key.length()));
        return true;
    }

    /** Asks for the memory of the keys that were added, and forgets them. */
    public void run() {
        reads.prefetch(lookahead);
        lookahead.clear();
    }
}
