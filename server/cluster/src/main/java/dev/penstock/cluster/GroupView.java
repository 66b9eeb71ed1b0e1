package dev.penstock.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.SlotRange;
import dev.penstock.server.shard.Slots;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who serves the slots, as this node knows it: one range, all nodes, and the one that leads. While nobody leads, the
 * last one that did is shown, since clients refuse a map with gaps; and requests wait.
 *
 * <p>Thread-safe. The lock is held while a map is made.
 */
final class GroupView {

    private final ClusterMember self;
    private final List<ClusterMember> members;
    private final MapRouter router;
    private volatile ClusterMap map;

    @GuardedBy("this")
    private String lastLeader;

    GroupView(ClusterOptions options) {
        this.self = options.self();
        this.members = options.members();
        this.lastLeader = members.getFirst().id();
        this.map = make(0, lastLeader, false);
        this.router = new MapRouter(() -> map, options.longestWait());
    }

    MapRouter router() {
        return router;
    }

    ClusterMap map() {
        return map;
    }

    /**
     * Shows who leads; requests that wait are routed again if that is news.
     *
     * @param leader null if that is not known
     * @param isServing whether the leader takes requests, as far as is known
     */
    void show(@Nullable String leader, boolean isServing, long term) {
        if (change(leader, isServing, term)) {
            router.mapChanged();
        }
    }

    private synchronized boolean change(@Nullable String leader, boolean isServing, long term) {
        SlotRange range = map.ranges().getFirst();
        boolean isServed = leader != null && isServing;
        String shown = leader == null ? lastLeader : leader;
        if (shown.equals(lastLeader) && range.isServed() == isServed && map.epoch() == term) {
            return false;
        }
        lastLeader = shown;
        map = make(term, shown, isServed);
        return true;
    }

    private ClusterMap make(long term, String leaderId, boolean isServed) {
        List<ClusterNode> nodes = new ArrayList<>();
        List<ClusterNode> replicas = new ArrayList<>();
        ClusterNode leader = null;
        for (ClusterMember member : members) {
            ClusterNode node = member.toNode();
            nodes.add(node);
            if (member.id().equals(leaderId)) {
                leader = node;
            } else {
                replicas.add(node);
            }
        }
        if (leader == null) {
            throw new IllegalArgumentException("node " + leaderId + " leads, and is not among the members");
        }
        SlotRange all = new SlotRange(0, Slots.COUNT - 1, leader, replicas, isServed);
        return new ClusterMap(term, self.toNode(), nodes, List.of(all));
    }
}
