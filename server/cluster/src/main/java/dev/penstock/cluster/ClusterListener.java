package dev.penstock.cluster;

/** Receives each change of leader, as one node of the cluster sees it. */
@FunctionalInterface
public interface ClusterListener {

    /**
     * A node has become the leader, and serves.
     *
     * @param leader the id of the node that leads
     * @param term grows with each election
     */
    void onLeader(String leader, long term);
}
