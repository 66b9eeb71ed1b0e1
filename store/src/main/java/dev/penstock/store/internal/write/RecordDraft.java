package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.ValueBytes;
import dev.penstock.store.internal.segment.LargeSegment;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The content of a key's record before it has a place in the log. Key and value are the caller's memory. Reused from
 * write to write; one thread at a time.
 */
final class RecordDraft {

    private static final byte[] NO_KEY = {};

    byte[] key = NO_KEY;
    int keyOffset;
    int commitWord;
    /** In milliseconds of the epoch, or {@link RecordLayout#NO_EXPIRY}. */
    long expiryMillis;

    long valueLength;
    /** Plain checksum of the value. */
    int valueChecksum;
    /** The value that the record holds, if it is of a key with its value. */
    final ValueBytes value = new ValueBytes();
    /** The large value that the record refers to; null if it does not. */
    @Nullable
    LargeSegment large;
    /** Whether no record has referred to the large value yet. */
    boolean isFirstReference;

    /** A record that holds the {@link #value}, which is set. */
    void setValue(byte[] ofKey, int from, int keyLength, int checksum, long expires) {
        set(RecordLayout.VALUE, ofKey, from, keyLength, value.length(), checksum, expires);
        large = null;
        isFirstReference = false;
    }

    /** A record that refers to a large value. */
    void setReference(
            byte[] ofKey, int from, int keyLength, LargeSegment to, int checksum, long expires, boolean isFirst) {
        set(RecordLayout.REFERENCE, ofKey, from, keyLength, to.valueLength(), checksum, expires);
        large = to;
        isFirstReference = isFirst;
    }

    /** A record that removes its key. */
    void setTombstone(byte[] ofKey, int from, int keyLength) {
        set(RecordLayout.TOMBSTONE, ofKey, from, keyLength, 0, 0, RecordLayout.NO_EXPIRY);
        large = null;
        isFirstReference = false;
    }

    /** A record that sets the store's mark. */
    void setMark(byte[] mark) {
        set(RecordLayout.APPLIED, mark, 0, mark.length, 0, 0, RecordLayout.NO_EXPIRY);
        large = null;
        isFirstReference = false;
    }

    private void set(int kind, byte[] ofKey, int from, int keyLength, long length, int checksum, long expires) {
        commitWord = RecordLayout.commitWord(kind, keyLength, expires);
        key = ofKey;
        keyOffset = from;
        valueLength = length;
        valueChecksum = checksum;
        expiryMillis = expires;
    }

    /** Lets the caller's memory go. */
    void clear() {
        key = NO_KEY;
        value.clear();
        large = null;
    }

    boolean isRemoval() {
        return RecordLayout.kind(commitWord) == RecordLayout.TOMBSTONE;
    }

    /**
     * Stores the record, all but its commit word.
     *
     * @param salt of its position
     * @param header scratch memory
     */
    void store(MemorySegment target, long offset, long sequence, int salt, RecordHeader header) {
        if (large != null) {
            header.encodeReference(
                    commitWord,
                    key,
                    keyOffset,
                    expiryMillis,
                    sequence,
                    valueLength,
                    valueChecksum,
                    large.number(),
                    salt);
        } else {
            header.encode(commitWord, key, keyOffset, expiryMillis, sequence, valueLength, valueChecksum, salt);
        }
        if (RecordLayout.kind(commitWord) == RecordLayout.VALUE) {
            header.storeWithValue(target, offset, value);
        } else {
            header.store(target, offset);
        }
    }
}
