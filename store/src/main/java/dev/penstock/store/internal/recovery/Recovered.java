package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.ExpiryMark;

/**
 * The result of recovery.
 *
 * @param tailSegment number of the segment to append to
 * @param tailOffset end of its last record
 * @param lastSequence sequence of the newest record
 * @param openingSequence the sequence that an owner must pass before it writes
 * @param closed whether the log was closed, and nothing was written since
 * @param durablePosition everything below is known to be durable
 * @param recordCount records replayed
 * @param tornBytes bytes cut off, 0 if the log ended cleanly
 * @param checkpointed the position below which the checkpoint says the log is durable, -1 if there is none
 * @param expired what the checkpoint says has expired
 * @param imageFrom where the checkpoint's image let the replay begin, 0 if there is none of use
 */
public record Recovered(
        long tailSegment,
        long tailOffset,
        long lastSequence,
        long openingSequence,
        boolean closed,
        long durablePosition,
        long recordCount,
        long tornBytes,
        long checkpointed,
        ExpiryMark expired,
        long imageFrom) {}
