package dev.penstock.cluster.raft;

/**
 * A node that holds a replica.
 *
 * @param id the name of the node, which it keeps
 * @param host where the other nodes reach it
 * @param port where the other nodes reach it
 */
public record RaftMember(String id, String host, int port) {}
