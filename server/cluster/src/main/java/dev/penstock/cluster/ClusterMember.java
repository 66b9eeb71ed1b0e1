package dev.penstock.cluster;

import dev.penstock.cluster.raft.RaftMember;
import dev.penstock.server.shard.ClusterNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A node of a cluster, as the other nodes and the clients reach it.
 *
 * @param id the name of the node, which it keeps for its whole life
 * @param host where clients and the other nodes reach it
 * @param port where clients reach it
 * @param raftPort where the other nodes reach it. It has no password: a program that reaches it can write
 */
public record ClusterMember(String id, String host, int port, int raftPort) {

    public ClusterMember {
        if (!id.matches("[A-Za-z0-9_.-]{1,64}")) {
            throw new IllegalArgumentException(
                    "the id of a node has 1 to 64 letters, digits, '.', '_' and '-', unlike '" + id + "'");
        }
        if (host.isEmpty() || !isPort(port) || !isPort(raftPort) || port == raftPort) {
            throw new IllegalArgumentException(
                    "node " + id + " has no two addresses: '" + host + "' with the ports " + port + " and " + raftPort);
        }
    }

    private static boolean isPort(int number) {
        return number > 0 && number < 1 << Character.SIZE;
    }

    RaftMember toRaft() {
        return new RaftMember(id, host, raftPort);
    }

    /** As clients see it. Every node comes to the same 40 digits, without asking. */
    ClusterNode toNode(boolean isReachable) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(id.getBytes(StandardCharsets.UTF_8));
            return new ClusterNode(HexFormat.of().formatHex(digest), host, port, raftPort, isReachable);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JVM has it
        }
    }
}
