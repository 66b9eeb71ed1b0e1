package dev.penstock.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.GroupState;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.SlotRange;
import dev.penstock.server.shard.Slots;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who serves the slots, as this node knows it: one range, all nodes, and the one that leads. While nobody leads, the
 * last one that did is shown, since clients refuse a map with gaps; and requests wait.
 *
 * <p>Thread-safe. The lock is held while a map is made.
 */
final class GroupView {

    private static final Logger LOG = System.getLogger(GroupView.class.getName());

    private final ClusterMember self;
    private final List<ClusterMember> members;
    private final MapRouter router;
    private final ClusterListener listener;
    private volatile ClusterMap map;

    @GuardedBy("this")
    private String lastLeader;

    /** The last term in which a leader was told of. */
    @GuardedBy("this")
    private long toldTerm = -1;

    /** The ids of the members that were not heard of lately. */
    @GuardedBy("this")
    private Set<String> unreachable = Set.of();

    /** @param group what the node knows of its group, for reports; any thread asks it */
    GroupView(ClusterOptions options, Supplier<@Nullable GroupState> group) {
        this.self = options.self();
        this.members = options.members();
        this.listener = options.listener();
        this.lastLeader = members.getFirst().id();
        this.map = make(0, lastLeader, false, unreachable);
        this.router = new MapRouter(() -> map, options.longestWait(), group);
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
            tell();
        }
    }

    /** Once for each term: a term has one leader. */
    private void tell() {
        ClusterMap now = map;
        SlotRange range = now.ranges().getFirst();
        if (range.isServed() && isNews(now.epoch())) {
            try {
                listener.onLeader(id(range.leader()), now.epoch());
            } catch (RuntimeException e) {
                // The node follows the lead all the same, and its clients get their replies.
                LOG.log(Level.WARNING, "the listener of the cluster failed", e);
            }
        }
    }

    private synchronized boolean isNews(long term) {
        boolean isNews = term > toldTerm;
        toldTerm = Math.max(term, toldTerm);
        return isNews;
    }

    private String id(ClusterNode node) {
        return members.stream()
                .filter(member -> member.toNode(true).id().equals(node.id()))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private synchronized boolean change(@Nullable String leader, boolean isServing, long term) {
        SlotRange range = map.ranges().getFirst();
        boolean isServed = leader != null && isServing;
        String shown = leader == null ? lastLeader : leader;
        if (shown.equals(lastLeader) && range.isServed() == isServed && map.epoch() == term) {
            return false;
        }
        lastLeader = shown;
        map = make(term, shown, isServed, unreachable);
        return true;
    }

    /** Shows which members, by their ids, were not heard of lately. */
    synchronized void showUnreachable(Set<String> ids) {
        if (!ids.equals(unreachable)) {
            unreachable = Set.copyOf(ids);
            map = make(map.epoch(), lastLeader, map.ranges().getFirst().isServed(), unreachable);
        }
    }

    /** A member as the newest map has it. */
    ClusterNode node(ClusterMember member) {
        return map.node(member.toNode(true).id()).orElseThrow();
    }

    private ClusterMap make(long term, String leaderId, boolean isServed, Set<String> silent) {
        List<ClusterNode> nodes = new ArrayList<>();
        List<ClusterNode> replicas = new ArrayList<>();
        ClusterNode leader = null;
        for (ClusterMember member : members) {
            ClusterNode node = member.toNode(!silent.contains(member.id()));
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
        return new ClusterMap(term, self.toNode(true), nodes, List.of(all));
    }
}
