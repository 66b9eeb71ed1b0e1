package dev.penstock.store.internal.format;

/**
 * The highest numbers that the format can hold. A store refuses writes that would exceed one of them, so no number
 * overflows.
 */
public final class Limits {

    /** Bits of a position: a slot of the key directory has space for so many. */
    public static final int POSITION_BITS = 53;

    /** The highest sequence. */
    public static final long LAST_SEQUENCE = Long.MAX_VALUE;

    /** The highest number of a large value: 18 digits. */
    public static final long LAST_VALUE = 999_999_999_999_999_999L;

    /** So many of the last segment numbers are kept for removals and for the log's own records. */
    public static final long RESERVED_SEGMENTS = 1 << 10;

    /** So many of the last sequences are kept for removals and for the log's own records. */
    public static final long RESERVED_SEQUENCES = 1L << 40;

    private Limits() {}

    /** Returns the highest number of a segment of the log: all of its positions are such that a slot can hold them. */
    public static long lastSegment(int segmentShift) {
        return (1L << POSITION_BITS - segmentShift) - 1;
    }

    /** Refuses a mark that is empty or too long. */
    public static void checkMarkLength(int length) {
        if (length < 1 || length > RecordLayout.MAX_MARK_LENGTH) {
            throw new IllegalArgumentException(
                    "a mark of " + length + " bytes; it has 1 to " + RecordLayout.MAX_MARK_LENGTH);
        }
    }

    /** Refuses a key that is too long. */
    public static void checkKeyLength(long length) {
        if (length > RecordLayout.MAX_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "a key is 0 to " + RecordLayout.MAX_KEY_LENGTH + " bytes long, not " + length);
        }
    }

    /** Refuses a value that is too long, or that is said to have a negative length. */
    public static void checkValueLength(long length) {
        if (length < 0 || length > RecordLayout.MAX_VALUE_LENGTH) {
            throw new IllegalArgumentException(
                    "a value is 0 to " + RecordLayout.MAX_VALUE_LENGTH + " bytes long, not " + length);
        }
    }
}
