package dev.penstock.server.shard;

/**
 * A server of a cluster, as its clients see it. The id alone says which server it is: the rest may change.
 *
 * @param id 40 hexadecimal digits, for the whole life of the node
 * @param host what clients connect to
 * @param port what clients connect to; that of TLS where there is no other
 * @param busPort what other nodes connect to
 * @param isReachable whether it was heard of lately
 */
public record ClusterNode(String id, String host, int port, int busPort, boolean isReachable) {

    public ClusterNode {
        if (!id.matches("[0-9a-f]{40}")) {
            throw new IllegalArgumentException("the id of a node has 40 hexadecimal digits, unlike '" + id + "'");
        }
    }

    /** Whether another picture of a server is one of the same server. */
    boolean isSameAs(ClusterNode other) {
        return id.equals(other.id);
    }

    /** Host and port, as an error names them. */
    public String address() {
        return host + ":" + port;
    }
}
