package dev.penstock.store.internal.checkpoint;

/**
 * Decides when to write a new checkpoint: when replaying the log after the last one would take longer than writing the
 * image did. The factor bounds the bytes that checkpoints add to the bytes written: a quarter.
 */
final class CheckpointPolicy {

    static final long MIN_TAIL_LENGTH = 64L << 20;
    static final int TAIL_PER_IMAGE = 4;
    /** Where one will be written before long for another reason. */
    static final int DEFERRED_TAIL_PER_IMAGE = 4 * TAIL_PER_IMAGE;

    private CheckpointPolicy() {}

    /**
     * @param tailLength bytes of the log that an open would replay, or of files that wait for a new checkpoint to go
     * @param imageLength bytes of the image that would be written
     */
    static boolean isDue(long tailLength, long imageLength, boolean deferred) {
        int factor = deferred ? DEFERRED_TAIL_PER_IMAGE : TAIL_PER_IMAGE;
        return tailLength > Math.max(MIN_TAIL_LENGTH, factor * imageLength);
    }

    /** Whether an image is worth having: to replay a log shorter than the image takes less than reading the image. */
    static boolean isImageWorthwhile(long logLength, long imageLength) {
        return logLength > imageLength;
    }
}
