package dev.penstock.server.report;

import dev.penstock.server.shard.GroupState;
import java.util.List;

/** The figures of a node's group. A server that is no node of a cluster has none of them. */
public final class GroupMetrics {

    private GroupMetrics() {}

    /** The figures of a group at a moment. */
    public static List<Metric> of(GroupState group) {
        return List.of(
                Metric.gauge("cluster_leading", "This node leads", group.isLeading() ? 1 : 0),
                Metric.gauge("cluster_has_leader", "A node leads", group.leader() == null ? 0 : 1),
                Metric.gauge("cluster_term", "Term", group.term()),
                Metric.gauge("cluster_nodes", "Nodes", group.others().size() + 1L),
                Metric.gauge("cluster_reachable_nodes", "Nodes that are reachable", group.reachableCount() + 1L),
                Metric.gauge("cluster_committed_index", "Newest committed entry", group.committed()),
                Metric.gauge("cluster_applied_index", "Newest entry executed here", group.applied()),
                Metric.gauge("cluster_lag_entries", "Entries behind, at most", group.lag()),
                Metric.gauge("cluster_waiting_entries", "Entries that wait here", group.waiting()),
                Metric.gauge("cluster_fault", "An entry cannot be executed here", group.hasFault() ? 1 : 0));
    }
}
