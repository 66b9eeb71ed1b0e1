package dev.penstock.server.shard;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who serves which slots, as one node knows it. Every slot has a range: clients such as Jedis refuse a map with gaps.
 * Immutable.
 */
public final class ClusterMap {

    private final long epoch;
    private final ClusterNode myself;
    private final List<ClusterNode> nodes;
    private final List<SlotRange> ranges;
    private final Map<String, List<SlotRange>> led = new HashMap<>(); // by the id of the node
    private final Map<String, List<SlotRange>> replicated = new HashMap<>();

    /**
     * Makes a map.
     *
     * @param epoch grows with every change of the map
     * @param myself the node that shows the map
     * @param nodes all nodes, {@code myself} among them
     * @param ranges in ascending order, without a gap; neighbours with equal nodes become one
     */
    public ClusterMap(long epoch, ClusterNode myself, List<ClusterNode> nodes, List<SlotRange> ranges) {
        this.epoch = epoch;
        this.myself = myself;
        this.nodes = List.copyOf(nodes);
        this.ranges = merged(ranges);
        if (!nodes.contains(myself)) {
            throw new IllegalArgumentException("the map of node " + myself.id() + " does not have it");
        }
        for (SlotRange range : this.ranges) {
            add(range, range.leader(), led);
            range.replicas().forEach(replica -> add(range, replica, replicated));
        }
    }

    private static void add(SlotRange range, ClusterNode node, Map<String, List<SlotRange>> ranges) {
        ranges.computeIfAbsent(node.id(), id -> new ArrayList<>()).add(range);
    }

    private static List<SlotRange> merged(List<SlotRange> ranges) {
        List<SlotRange> merged = new ArrayList<>();
        int next = 0;
        for (SlotRange range : ranges) {
            if (range.first() != next) {
                throw new IllegalArgumentException("a range begins at slot " + range.first() + ", not at " + next);
            }
            next = range.last() + 1;
            SlotRange before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && before.hasNodesOf(range)) {
                merged.removeLast();
                merged.add(new SlotRange(
                        before.first(), range.last(), range.leader(), range.replicas(), range.isServed()));
            } else {
                merged.add(range);
            }
        }
        if (next != Slots.COUNT) {
            throw new IllegalArgumentException("no range has slot " + next);
        }
        return List.copyOf(merged);
    }

    public long epoch() {
        return epoch;
    }

    /** The node that shows this map. */
    public ClusterNode myself() {
        return myself;
    }

    public List<ClusterNode> nodes() {
        return nodes;
    }

    /** In ascending order; every slot is in one. */
    public List<SlotRange> ranges() {
        return ranges;
    }

    /** The range that a slot is in. */
    public SlotRange range(int slot) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (ranges.get(middle).first() <= slot) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return ranges.get(low);
    }

    /** The ranges that a node leads. */
    public List<SlotRange> ledBy(ClusterNode node) {
        return Collections.unmodifiableList(led.getOrDefault(node.id(), List.of()));
    }

    /** The ranges that a node holds without leading them. */
    public List<SlotRange> replicatedBy(ClusterNode node) {
        return Collections.unmodifiableList(replicated.getOrDefault(node.id(), List.of()));
    }

    /** The node with an id. */
    public Optional<ClusterNode> node(String id) {
        return nodes.stream().filter(node -> node.id().equals(id)).findFirst();
    }
}
