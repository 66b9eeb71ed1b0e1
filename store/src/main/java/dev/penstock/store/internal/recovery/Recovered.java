package dev.penstock.store.internal.recovery;

/**
 * What recovery found.
 *
 * @param tailSegment number of the segment to append to
 * @param tailOffset end of its last record
 * @param lastSequence sequence of the newest record
 * @param durablePosition everything below is known to be durable
 * @param recordCount records replayed
 * @param tornBytes bytes cut off, 0 if the log ended cleanly
 */
public record Recovered(
        long tailSegment, long tailOffset, long lastSequence, long durablePosition, long recordCount, long tornBytes) {}
