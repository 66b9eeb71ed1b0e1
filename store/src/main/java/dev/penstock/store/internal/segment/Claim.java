package dev.penstock.store.internal.segment;

/**
 * A stretch of the log that one writer is filling. Reused from write to write by its owner; the log fills it in.
 */
public final class Claim {

    final boolean isCopy;
    Segment segment;
    long offset;
    long position;
    long length;
    long sequence;
    /** Where the claim before this one ends: it is published after that one. */
    long follows;
    /** Whether the log's lock is held until it is published. */
    boolean holdsLock;

    public Claim() {
        this(false);
    }

    private Claim(boolean isCopy) {
        this.isCopy = isCopy;
    }

    /** For records of which the log has another copy that will make room: they may go where nothing else may. */
    public static Claim forCopies() {
        return new Claim(true);
    }

    public Segment segment() {
        return segment;
    }

    /** Offset of the record in its segment. */
    public long offset() {
        return offset;
    }

    /** Position of the record in the store. */
    public long position() {
        return position;
    }

    /** Length of the record in bytes. */
    public long length() {
        return length;
    }

    /** The record's place among all writes. */
    public long sequence() {
        return sequence;
    }
}
