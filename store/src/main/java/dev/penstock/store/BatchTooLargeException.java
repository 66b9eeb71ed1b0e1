package dev.penstock.store;

/** What a batch writes, without its large values, does not fit a segment. Nothing of it was written. */
public final class BatchTooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * @param length of the batch in the log, in bytes
     * @param segmentSize that of the store
     */
    public BatchTooLargeException(long length, long segmentSize) {
        super("a batch must fit a segment of " + segmentSize + " bytes, without its large values; this one takes "
                + length);
    }
}
