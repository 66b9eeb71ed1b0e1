package dev.penstock.store.internal.reclaim;

/** An object that stays valid while a lease on it is held. */
public interface Leased {

    /** What {@link #acquire} gives when it is too late. */
    int NO_LEASE = -1;

    /** Takes a lease; {@link #NO_LEASE} if this is retired, and the caller must look up anew where its record is. */
    int acquire();

    /** Ends a lease, once, on any thread. */
    void release(int lease);
}
