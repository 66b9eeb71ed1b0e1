package dev.penstock.cluster.raft;

/** What Ratis does to a node that it cannot go on with. */
public final class ClosedByRatis {

    private ClosedByRatis() {}

    public static void close(RaftNode node) {
        node.closeServer();
    }
}
