package dev.penstock.server.shard;

import java.util.List;

/**
 * Neighbouring slots that the same nodes serve.
 *
 * @param first the first slot
 * @param last the last slot
 * @param leader the node that writes go to; where that is not known, the last one that was
 * @param replicas the other nodes that hold the keys
 * @param isServed whether the leader is known, and serves
 */
public record SlotRange(int first, int last, ClusterNode leader, List<ClusterNode> replicas, boolean isServed) {

    public SlotRange {
        replicas = List.copyOf(replicas);
        if (first < 0 || first > last || last >= Slots.COUNT) {
            throw new IllegalArgumentException("there is no range of slots from " + first + " to " + last);
        }
    }

    /** How many slots there are. */
    public int size() {
        return last - first + 1;
    }

    boolean isLedBy(ClusterNode node) {
        return leader.isSameAs(node);
    }

    boolean isReplicatedBy(ClusterNode node) {
        for (ClusterNode replica : replicas) {
            if (replica.isSameAs(node)) {
                return true;
            }
        }
        return false;
    }

    boolean hasNodesOf(SlotRange other) {
        return leader.equals(other.leader) && replicas.equals(other.replicas) && isServed == other.isServed;
    }
}
