package dev.penstock.cluster;

/** Is told who leads the cluster, by one of its nodes. */
@FunctionalInterface
public interface ClusterListener {

    /**
     * A node leads and serves, as far as the node that tells this knows.
     *
     * @param leader the id of the node that leads
     * @param term grows with each election
     */
    void onLeader(String leader, long term);
}
