package dev.penstock.store.transfer;

import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.internal.engine.TransferAccess;
import dev.penstock.store.internal.index.Lookahead;

/**
 * Prefetches the memory of several keys before they are read, from {@link StoreTransfer#prefetch()}. For a caller that
 * has the keys together but reads them one by one; {@link Store#getAll} does it by itself. Says nothing about the keys,
 * and is never needed: it only makes the reads that follow soon faster.
 *
 * <p>Allocates nothing; to be used again and again. One thread at a time.
 */
public final class Prefetch {

    /** How many keys are worth it at a time. */
    public static final int CAPACITY = Lookahead.CAPACITY;

    private final Store store;
    private final Lookahead lookahead;

    Prefetch(Store store) {
        this.store = store;
        this.lookahead = TransferAccess.lookahead(store);
    }

    /** Adds a key, which may be set to another afterwards; false if there are {@link #CAPACITY} already. */
    public boolean add(Key key) {
        if (lookahead.count() == CAPACITY) {
            return false;
        }
        TransferAccess.add(store, key, lookahead);
        return true;
    }

    /** Asks for the memory of the keys that were added, and forgets them. */
    public void run() {
        TransferAccess.prefetch(store, lookahead);
        lookahead.clear();
    }
}
