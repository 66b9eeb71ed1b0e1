package dev.penstock.server.report;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.GroupState;
import dev.penstock.server.shard.SlotRange;
import dev.penstock.server.shard.Slots;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A map of the cluster in the forms in which the subcommands of CLUSTER return it. A node that leads any slot is shown
 * as a master with these slots; any other as a replica of the leader of its first range.
 *
 * <p>One thread.
 */
public final class ClusterReport {

    private final ClusterMap map;
    private final long nowMillis;

    /**
     * @param nowMillis when nodes were last heard of that are reachable
     */
    public ClusterReport(ClusterMap map, long nowMillis) {
        this.map = map;
        this.nowMillis = nowMillis;
    }

    /** The reply of CLUSTER NODES. */
    public String nodes() {
        StringBuilder text = new StringBuilder();
        map.nodes().forEach(node -> text.append(line(node)).append('\n'));
        return text.toString();
    }

    /** The reply of CLUSTER REPLICAS. */
    public void replicas(ClusterNode leader, Reply reply) {
        List<String> lines = new ArrayList<>();
        for (ClusterNode node : map.nodes()) {
            if (!isLeader(node) && leader.id().equals(leaderOf(node).id())) {
                lines.add(line(node));
            }
        }
        reply.array(lines.size());
        lines.forEach(reply::bulk);
    }

    private boolean isLeader(ClusterNode node) {
        return !map.ledBy(node).isEmpty();
    }

    private ClusterNode leaderOf(ClusterNode replica) {
        List<SlotRange> held = map.replicatedBy(replica);
        return held.isEmpty() ? replica : held.getFirst().leader();
    }

    private String line(ClusterNode node) {
        boolean leads = isLeader(node);
        ClusterNode leader = leaderOf(node);
        boolean isMaster = leads || leader.id().equals(node.id());
        StringJoiner line = new StringJoiner(" ");
        line.add(node.id());
        line.add(node.address() + "@" + node.busPort());
        line.add((node.id().equals(map.myself().id()) ? "myself," : "")
                + (isMaster ? "master" : "slave")
                + (node.isReachable() ? "" : ",fail"));
        line.add(isMaster ? "-" : leader.id());
        line.add("0");
        line.add(Long.toString(node.isReachable() ? nowMillis : 0));
        line.add(Long.toString(map.epoch()));
        line.add(node.isReachable() ? "connected" : "disconnected");
        for (SlotRange range : map.ledBy(node)) {
            line.add(range.size() == 1 ? Integer.toString(range.first()) : range.first() + "-" + range.last());
        }
        return line.toString();
    }

    /** The reply of CLUSTER SLOTS. */
    public void slots(Reply reply) {
        reply.array(map.ranges().size());
        for (SlotRange range : map.ranges()) {
            reply.array(3L + range.replicas().size());
            reply.integer(range.first());
            reply.integer(range.last());
            slotNode(range.leader(), reply);
            range.replicas().forEach(replica -> slotNode(replica, reply));
        }
    }

    private static void slotNode(ClusterNode node, Reply reply) {
        reply.array(4);
        reply.bulk(node.host());
        reply.integer(node.port());
        reply.bulk(node.id());
        reply.array(0);
    }

    /**
     * The reply of CLUSTER SHARDS.
     *
     * @param group null if nothing is replicated
     */
    public void shards(@Nullable GroupState group, Reply reply) {
        reply.array(map.ranges().size());
        for (SlotRange range : map.ranges()) {
            reply.map(2);
            reply.bulk("slots");
            reply.array(2);
            reply.integer(range.first());
            reply.integer(range.last());
            reply.bulk("nodes");
            reply.array(1L + range.replicas().size());
            shardNode(range.leader(), "master", group, reply);
            range.replicas().forEach(replica -> shardNode(replica, "replica", group, reply));
        }
    }

    private void shardNode(ClusterNode node, String role, @Nullable GroupState group, Reply reply) {
        reply.map(7);
        reply.bulk("id");
        reply.bulk(node.id());
        reply.bulk("port");
        reply.integer(node.port());
        reply.bulk("ip");
        reply.bulk(node.host());
        reply.bulk("endpoint");
        reply.bulk(node.host());
        reply.bulk("role");
        reply.bulk(role);
        reply.bulk("replication-offset");
        reply.integer(offset(node, group));
        reply.bulk("health");
        reply.bulk(node.isReachable() ? "online" : "fail");
    }

    /** The newest entry of the log that a node is known to have; 0 if nothing is known. */
    private long offset(ClusterNode node, @Nullable GroupState group) {
        if (group == null) {
            return 0;
        }
        if (node.id().equals(map.myself().id())) {
            return group.applied();
        }
        GroupState.Other other = group.other(node);
        return other == null ? 0 : other.offset();
    }

    /** The reply of CLUSTER INFO. */
    public String info() {
        int served = 0;
        for (SlotRange range : map.ranges()) {
            served += range.isServed() ? range.size() : 0;
        }
        long leaders = map.nodes().stream().filter(this::isLeader).count();
        StringBuilder text = new StringBuilder();
        line(text, "cluster_state", served == Slots.COUNT ? "ok" : "fail");
        line(text, "cluster_slots_assigned", Slots.COUNT);
        line(text, "cluster_slots_ok", served);
        line(text, "cluster_slots_pfail", 0);
        line(text, "cluster_slots_fail", Slots.COUNT - served);
        line(text, "cluster_known_nodes", map.nodes().size());
        line(text, "cluster_size", leaders);
        line(text, "cluster_current_epoch", map.epoch());
        line(text, "cluster_my_epoch", map.epoch());
        return text.toString();
    }

    private static void line(StringBuilder text, String name, Object value) {
        text.append(name).append(':').append(value).append("\r\n");
    }
}
