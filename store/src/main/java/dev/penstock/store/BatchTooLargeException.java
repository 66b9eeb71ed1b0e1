package dev.penstock.store;

/** A batch, without its large values, does not fit a segment. Nothing of it was written. */
public final class BatchTooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param length length of the batch in the log, in bytes
     * @param segmentSize segment size of the store, in bytes
     */
    public BatchTooLargeException(long length, long segmentSize) {
        super("a batch must fit a segment of " + segmentSize + " bytes, without its large values; this one takes "
                + length);
    }
}
