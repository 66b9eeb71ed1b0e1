package dev.penstock.cluster.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group, as one of its nodes sees it. The numbers are of one moment, but not exactly.
 *
 * @param leader who leads; null if nobody does, as far as is known
 * @param isReady whether this node leads and takes entries
 * @param term the newest term that this node knows
 * @param commitIndex the newest entry that is committed
 * @param appliedIndex the newest entry that is applied here
 * @param waiting how many committed entries wait to be applied here
 * @param hasFault whether an entry cannot be applied at the moment
 * @param members all members, this one too
 */
public record GroupStatus(
        @Nullable String leader,
        boolean isReady,
        long term,
        long commitIndex,
        long appliedIndex,
        int waiting,
        boolean hasFault,
        List<MemberStatus> members) {

    public GroupStatus {
        members = List.copyOf(members);
    }
}
