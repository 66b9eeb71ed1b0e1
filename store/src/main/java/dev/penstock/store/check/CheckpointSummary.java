package dev.penstock.store.check;

/**
 * The checkpoint of a store.
 *
 * @param fileBytes length of its file
 * @param durablePosition all of the log below it was on the device when the checkpoint was written
 * @param lastSequence sequence of the newest record then
 * @param imageFrom position from which the next open replays the log; 0 if the checkpoint has no image, and all is
 *     replayed
 */
public record CheckpointSummary(long fileBytes, long durablePosition, long lastSequence, long imageFrom) {}
