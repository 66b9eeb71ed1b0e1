package dev.penstock.cluster.raft;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * How a replica takes part in its group.
 *
 * @param self the id of this node, which is one of the members
 * @param members the founders of the group, the same on every node
 * @param group the name of the group; nodes of different groups do not understand each other
 * @param folder where the log is; made if it is missing
 * @param electionTimeoutMillis how long a follower waits for its leader at least, and half of how long at most
 * @param isForced whether an entry counts as logged only when it is on the device. Otherwise a power cut may take back
 *     what a majority had, which the group must be told
 * @param hasLease whether the leader answers for reads without an entry of its own while its lease holds
 */
public record RaftSettings(
        String self,
        List<RaftMember> members,
        String group,
        Path folder,
        int electionTimeoutMillis,
        boolean isForced,
        boolean hasLease) {

    /** Shorter ones elect leaders for nothing while JVMs start, and while they collect garbage. */
    public static final int DEFAULT_ELECTION_TIMEOUT_MILLIS = 500;

    public RaftSettings {
        Objects.requireNonNull(folder, "folder");
        members = List.copyOf(members);
        if (members.stream().map(RaftMember::id).distinct().count() != members.size()
                || members.stream().noneMatch(member -> member.id().equals(self))) {
            throw new IllegalArgumentException(
                    "node " + self + " is not among the members, or two have one id: " + members);
        }
        if (electionTimeoutMillis < 1) {
            throw new IllegalArgumentException("an election timeout of " + electionTimeoutMillis + " ms");
        }
    }

    /** The usual settings: forced, with leases. */
    public static RaftSettings of(String self, List<RaftMember> members, String group, Path folder) {
        return new RaftSettings(self, members, group, folder, DEFAULT_ELECTION_TIMEOUT_MILLIS, true, true);
    }

    /** How long a leader may answer for reads by itself: shorter than any follower waits for its leader. */
    long leaseMillis() {
        return hasLease ? electionTimeoutMillis / 2 : 0;
    }

    RaftMember member() {
        return members.stream()
                .filter(member -> member.id().equals(self))
                .findFirst()
                .orElseThrow();
    }
}
