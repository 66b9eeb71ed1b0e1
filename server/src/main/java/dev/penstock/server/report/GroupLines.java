package dev.penstock.server.report;

import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.GroupState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The section {@code replication} of INFO on a node of a cluster: lines as Redis has them, where offsets are positions
 * in the log of the group, and then what a Redis does not have. One thread.
 */
final class GroupLines {

    private final GroupState group;
    private final BiConsumer<String, Object> line;

    /** @param line takes a name and a value */
    GroupLines(GroupState group, BiConsumer<String, Object> line) {
        this.group = group;
        this.line = line;
    }

    void write(String runId) {
        line.accept("role", group.isLeading() ? "master" : "slave");
        if (group.isLeading()) {
            leader();
        } else {
            follower();
        }
        line.accept("master_failover_state", "no-failover");
        line.accept("master_replid", runId);
        line.accept("master_repl_offset", group.committed());
        line.accept("group_name", group.name());
        line.accept("group_node", group.self());
        ClusterNode leader = group.leader();
        line.accept("group_leader", leader == null ? "" : leader.address());
        line.accept("group_term", group.term());
        line.accept("group_committed", group.committed());
        line.accept("group_applied", group.applied());
        line.accept("group_waiting", group.waiting());
        line.accept("group_fault", group.hasFault() ? 1 : 0);
    }

    private void leader() {
        line.accept("connected_slaves", group.reachableCount());
        List<GroupState.Other> reachableFirst = new ArrayList<>(group.others());
        reachableFirst.sort(Comparator.comparing(other -> !other.node().isReachable())); // so that the count fits
        int number = 0;
        for (GroupState.Other other : reachableFirst) {
            ClusterNode node = other.node();
            line.accept(
                    "slave" + number++,
                    "ip=" + node.host() + ",port=" + node.port() + ",state="
                            + (node.isReachable() ? "online" : "offline")
                            + ",offset=" + other.offset() + ",lag=" + seconds(other));
        }
    }

    private void follower() {
        ClusterNode leader = group.leader();
        if (leader != null) {
            line.accept("master_host", leader.host());
            line.accept("master_port", leader.port());
        }
        boolean isUp = leader != null && leader.isReachable();
        line.accept("master_link_status", isUp ? "up" : "down");
        GroupState.Other silent = leader == null ? null : group.other(leader);
        line.accept("master_last_io_seconds_ago", silent == null ? -1 : seconds(silent));
        line.accept("slave_repl_offset", group.applied());
        line.accept("slave_read_only", 1);
        line.accept("connected_slaves", 0);
    }

    /** How long it is silent; -1 if this node does not hear of it. */
    private static long seconds(GroupState.Other other) {
        return other.silentMillis() < 0 ? -1 : other.silentMillis() / 1000;
    }
}
