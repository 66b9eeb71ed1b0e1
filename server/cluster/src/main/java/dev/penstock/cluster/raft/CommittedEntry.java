package dev.penstock.cluster.raft;

import dev.penstock.cluster.entry.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * An entry that a majority has in its log, for good.
 *
 * @param position where it stands; the mark that belongs to its effects
 * @param entry what to execute: the very object that was given to {@link RaftNode#submit} if that was here and this
 *     replica has led the group since; null if the entry is the engine's own and there is nothing to execute
 */
public record CommittedEntry(LogPosition position, @Nullable LogEntry entry) {

    int length() {
        return entry == null ? 0 : entry.length();
    }
}
