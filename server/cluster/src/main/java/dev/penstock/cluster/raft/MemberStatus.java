package dev.penstock.cluster.raft;

/**
 * A member of a group, as one node sees it.
 *
 * @param member who it is
 * @param commitIndex the newest entry that it is known to take for committed; -1 if nothing is known
 * @param silentMillis for how long nothing was heard of it; -1 if this node does not hear of it: of itself, and of
 *     followers if it follows too
 */
public record MemberStatus(RaftMember member, long commitIndex, long silentMillis) {}
