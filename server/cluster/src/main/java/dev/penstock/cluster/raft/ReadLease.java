package dev.penstock.cluster.raft;

/**
 * How long a leader may answer for reads without a message: from the time at which it appended an entry that a majority
 * then took, in the term in which it leads.
 *
 * <p>No other node leads meanwhile. A node that is elected has that entry, as each majority that votes has a member
 * with it. So it has heard of this leader after the lease began, and stands for election an election timeout later at
 * the earliest, which is twice as long as a lease. Only a node that was told to take over does not wait: no lease holds
 * any more in a term in which this node has tried to hand the lead on.
 *
 * <p>Clocks of nodes need not agree, but seconds have to be about equally long, and those of a paused machine have to
 * count. Thread-safe.
 */
final class ReadLease {

    private record Held(long term, long sinceNanos) {}

    private final long nanos;
    private volatile Held held = new Held(-1, 0);
    private volatile long endedTerm = -1;

    /** @param nanos how long a lease lasts; 0 for no leases */
    ReadLease(long nanos) {
        this.nanos = nanos;
    }

    /** This node has appended an entry in that term and at that time, and has led ever since; the entry is applied. */
    synchronized void extend(long term, long appendedNanos) {
        Held now = held;
        if (term > now.term || term == now.term && appendedNanos - now.sinceNanos > 0) {
            held = new Held(term, appendedNanos);
        }
    }

    /** No lease holds in that term any more. */
    synchronized void end(long term) {
        endedTerm = Math.max(term, endedTerm);
    }

    /** @param term that of the node at present, which leads */
    boolean holds(long term, long nowNanos) {
        Held now = held;
        return now.term == term && term > endedTerm && nowNanos - now.sinceNanos < nanos;
    }

    /** Whether a lease that holds does so for less than half of its time. */
    boolean isEnding(long nowNanos) {
        return nowNanos - held.sinceNanos > nanos / 2;
    }
}
