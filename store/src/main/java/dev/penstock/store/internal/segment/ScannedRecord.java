package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;

/**
 * A sound record of a segment, for use after the {@link RecordScanner} that found it has advanced. Mutable and reused;
 * one thread at a time.
 */
public final class ScannedRecord {

    private final RecordHeader header = new RecordHeader();
    private long position;
    private long offset;
    private long length;
    private int salt;
    private long hash;

    void set(long position, long offset, long length, int salt) {
        this.position = position;
        this.offset = offset;
        this.length = length;
        this.salt = salt;
    }

    /** The hash of its key, computed by the caller's function. */
    public void hash(long keyHash) {
        hash = keyHash;
    }

    public long hash() {
        return hash;
    }

    public RecordHeader header() {
        return header;
    }

    public long position() {
        return position;
    }

    public long offset() {
        return offset;
    }

    /** Length in bytes. */
    public long length() {
        return length;
    }

    /** What its checksums are combined with. */
    public int salt() {
        return salt;
    }

    public long valueOffset() {
        return RecordLayout.valueOffset(offset, header.commitWord(), header.valueLength());
    }
}
