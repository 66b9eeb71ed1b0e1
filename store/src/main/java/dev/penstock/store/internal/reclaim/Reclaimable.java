package dev.penstock.store.internal.reclaim;

/** An object that holds memory and descriptors. */
@FunctionalInterface
public interface Reclaimable {

    /** Gives them back. Runs once, on the reclaimer's thread, when nobody holds a lease any more. */
    void reclaim();
}
