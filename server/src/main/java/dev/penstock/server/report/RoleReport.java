package dev.penstock.server.report;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.GroupState;
import org.jspecify.annotations.Nullable;

/** The reply to {@code ROLE}: as Redis has it, where offsets are positions in the log of the group. Stateless. */
public final class RoleReport {

    private RoleReport() {}

    /** @param group what this node knows of its group; null for a server that is no node of a cluster */
    public static void write(@Nullable GroupState group, Reply reply) {
        if (group == null) {
            reply.array(3);
            reply.bulk("master");
            reply.integer(0);
            reply.array(0);
        } else if (group.isLeading()) {
            leader(group, reply);
        } else {
            follower(group, reply);
        }
    }

    /** Whether clients write here, as {@code ROLE} and {@code HELLO} say. */
    public static boolean isMaster(@Nullable GroupState group) {
        return group == null || group.isLeading();
    }

    private static void leader(GroupState group, Reply reply) {
        reply.array(3);
        reply.bulk("master");
        reply.integer(group.committed());
        reply.array(group.reachableCount());
        for (GroupState.Other other : group.others()) {
            if (other.node().isReachable()) {
                reply.array(3);
                reply.bulk(other.node().host());
                reply.bulk(Integer.toString(other.node().port()));
                reply.bulk(Long.toString(other.offset()));
            }
        }
    }

    private static void follower(GroupState group, Reply reply) {
        ClusterNode leader = group.leader();
        reply.array(5);
        reply.bulk("slave");
        reply.bulk(leader == null ? "" : leader.host());
        reply.integer(leader == null ? 0 : leader.port());
        reply.bulk(leader != null && leader.isReachable() ? "connected" : "connect");
        reply.integer(group.applied());
    }
}
