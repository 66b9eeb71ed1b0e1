package dev.penstock.server.shard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The group of nodes that agree on what clients write, as one of them sees it. The numbers are of one moment, but not
 * exactly.
 *
 * @param name of the group, the same on all nodes
 * @param self the name of the node that sees it
 * @param leader the node that leads; null if nobody does, as far as is known
 * @param isLeading whether this node leads, and serves
 * @param term grows with each election
 * @param committed the position in the log of the newest entry that more than half of the nodes have
 * @param applied the position in the log of the newest entry that is executed here
 * @param waiting committed entries that wait here to be executed
 * @param hasFault whether an entry cannot be executed here at the moment, because of a full disk for example
 * @param others the other nodes
 */
public record GroupState(
        String name,
        String self,
        @Nullable ClusterNode leader,
        boolean isLeading,
        long term,
        long committed,
        long applied,
        int waiting,
        boolean hasFault,
        List<Other> others) {

    public GroupState {
        others = List.copyOf(others);
    }

    /**
     * Another node.
     *
     * @param node where it is, and whether it was heard of lately
     * @param committed the newest entry that it is known to take for committed; -1 if nothing is known
     * @param silentMillis for how long nothing was heard of it; -1 if this node does not hear of it
     */
    public record Other(ClusterNode node, long committed, long silentMillis) {

        /** The position that reports show: that of the newest entry, 0 if nothing is known. */
        public long offset() {
            return Math.max(0, committed);
        }
    }

    /** What is known of a node; null if it is not another one of the group. */
    public @Nullable Other other(ClusterNode node) {
        return others.stream()
                .filter(other -> other.node.id().equals(node.id()))
                .findFirst()
                .orElse(null);
    }

    /** How many other nodes were heard of lately. */
    public int reachableCount() {
        return (int) others.stream().filter(other -> other.node.isReachable()).count();
    }

    /**
     * Entries that the nodes are behind, at most: at the leader, those of the other nodes that are reachable; elsewhere
     * this node's own.
     */
    public long lag() {
        if (!isLeading) {
            return Math.max(0, committed - applied);
        }
        return others.stream()
                .filter(other -> other.node.isReachable() && other.committed >= 0)
                .mapToLong(other -> Math.max(0, committed - other.committed))
                .max()
                .orElse(0);
    }
}
