package dev.penstock.store.internal.format;

import java.util.Arrays;

/**
 * What a {@link RecordLayout#REFERENCE} says of the large value that it refers to: its number, and key, length and
 * checksum of the record in its file. The number alone does not tell the file from another one: numbers are used again,
 * and the copies of a store have the same ones.
 *
 * <p>Immutable.
 */
public final class ValueReference {

    private final long number;
    private final byte[] key;
    private final long valueLength;
    private final int valueChecksum;
    private final long sequence;

    private ValueReference(RecordHeader header, int salt) {
        this.number = header.referencedSegment();
        this.key = Arrays.copyOfRange(
                header.bytes(), RecordLayout.KEY_OFFSET, RecordLayout.KEY_OFFSET + header.keyLength());
        this.valueLength = header.valueLength();
        this.valueChecksum = header.valueChecksum() ^ salt;
        this.sequence = header.sequence();
    }

    /**
     * The content of a sound header.
     *
     * @param salt of the record's position
     */
    public static ValueReference of(RecordHeader header, int salt) {
        return new ValueReference(header, salt);
    }

    /** Number of the large value. */
    public long number() {
        return number;
    }

    public int keyLength() {
        return key.length;
    }

    /** Length of the value in bytes. */
    public long valueLength() {
        return valueLength;
    }

    /** Sequence of the reference. That of the value is the same, or a lower one if the reference was written anew. */
    public long sequence() {
        return sequence;
    }

    /** Length in bytes of the header of the record in the value's file. */
    public int recordHeaderLength() {
        return RecordLayout.headerLength(commitWord());
    }

    private int commitWord() {
        return RecordLayout.commitWord(RecordLayout.LARGE_VALUE, key.length);
    }

    /**
     * Whether this refers to a record.
     *
     * @param recordHeader of the record in the value's file
     * @param recordSequence that the header says
     * @param recordSalt of the value's place
     */
    public boolean refersTo(byte[] recordHeader, long recordSequence, int recordSalt) {
        RecordHeader expected = new RecordHeader();
        expected.encode(
                commitWord(), key, 0, RecordLayout.NO_EXPIRY, recordSequence, valueLength, valueChecksum, recordSalt);
        int length = recordHeaderLength();
        return recordSequence <= sequence && Arrays.equals(recordHeader, 0, length, expected.bytes(), 0, length);
    }
}
