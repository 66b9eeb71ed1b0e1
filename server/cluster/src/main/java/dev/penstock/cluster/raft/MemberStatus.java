package dev.penstock.cluster.raft;

/**
 * A member of a group, as one node sees it.
 *
 * @param member who it is
 * @param commitIndex the newest entry that it is known to take for committed; -1 if nothing is known
 */
public record MemberStatus(RaftMember member, long commitIndex) {}
