package dev.penstock.cluster.raft;

/** What a pause of more than a minute does to a node. */
public final class LongPause {

    private LongPause() {}

    public static void of(RaftNode node) {
        node.closeServer();
    }
}
