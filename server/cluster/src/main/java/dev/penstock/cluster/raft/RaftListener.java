package dev.penstock.cluster.raft;

/** Is told what happens to a replica, on a thread of the node that nothing else waits for. */
public interface RaftListener {

    /** Another replica leads, as far as this one knows, or the same one in another term. */
    default void onLeader(String leader, long term) {}

    /** This replica leads and takes entries. */
    default void onReady(long term) {}

    /** An entry cannot be applied; it is tried again until it can. A leader hands the lead on meanwhile. */
    default void onFault(Throwable cause) {}

    /** What could not be applied is. */
    default void onRecovery() {}

    /**
     * The log of the others no longer has the entries that this replica needs: it takes no part any more until its
     * files are replaced.
     */
    default void onTooFarBehind() {}

    /**
     * The node has stopped, by no call of {@link RaftNode#close}. Its folders are free: another node may be started on
     * them.
     *
     * @param cause what has ended it: a store or a log that cannot be written, or what Ratis has closed itself for
     */
    default void onStopped(Throwable cause) {}
}
