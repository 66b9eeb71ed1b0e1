package dev.penstock.server.shard;

import java.util.concurrent.CompletionStage;

/**
 * The log of the group that this node belongs to, as its clients' commands need it. The server calls it on the thread
 * of its event loop, so no method may block. The module {@code penstock-cluster} implements it; a server that is no
 * node of a cluster has none.
 */
public interface Proposals {

    /** What may be proposed and not settled at the same time; the server keeps the rest. */
    int MOST_UNDER_WAY = 64;

    /** Bytes of arguments of what is proposed and not settled. */
    long MOST_BYTES_UNDER_WAY = 8L << 20;

    /** Bytes of arguments that are gathered into one entry. */
    int GATHERED_BYTES = 256 << 10;

    /** Bytes of arguments of one step, which has an entry to itself if it is longer than what is gathered. */
    int MOST_STEP_BYTES = 3 << 20;

    /**
     * Appends an entry to the log. Entries are appended in the order of the calls, or not at all. The proposal is
     * settled when the entry is applied here, or when it is clear that it is not, or that nobody knows.
     */
    void propose(Proposal proposal);

    /**
     * Makes sure that reads see the latest state: the future completes, on any thread, when this node has applied all
     * that was acknowledged anywhere before the call, and led the group at a moment after the call.
     *
     * @return completes with an exception if the node does not lead; the reads are routed anew then
     */
    CompletionStage<Void> fence();

    /**
     * Whether this node's state is the latest now, so that a read which has arrived need not wait for a fence. The node
     * leads, has applied all that was acknowledged anywhere, and no other node can lead at this moment.
     *
     * @return false if that takes a fence to find out
     */
    boolean isCurrent();

    /** The term in which this node leads its group, or led it last. */
    long term();

    /** The position in the log of the newest entry that is executed here. */
    long applied();

    /** How many other nodes are known to have the log up to a position; -1 if this node does not lead. */
    int copies(long position);
}
