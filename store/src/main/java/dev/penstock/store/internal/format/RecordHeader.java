package dev.penstock.store.internal.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The part of a record that its header checksum covers, on the heap: header, key and body. It is built here before it
 * is stored, and copied here before it is trusted, because checksums are never computed of mapped memory.
 *
 * <p>Mutable and reused; one thread at a time.
 */
public final class RecordHeader {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int INITIAL_LENGTH = 256;
    /** The longest value that is copied here, so that one copy stores the whole record. */
    private static final int MOST_COPIED_LENGTH = 1024;

    private static final byte[] NO_KEY = {};

    private final Checksum checksum = new Checksum();
    private byte[] bytes = new byte[INITIAL_LENGTH];
    private int length;

    /** The prefix of a frame, as two words of which the first bytes count. */
    private final byte[] prefix = new byte[RecordLayout.MAX_FRAME_PREFIX_LENGTH];

    private long framedLength = -1;
    private int prefixLength;
    private long prefixStart;
    private long prefixEnd;

    // --- writing ---

    /**
     * Fills in a header.
     *
     * @param commitWord which says how long the key is, and whether there is an expiry
     * @param expiryMillis ignored unless there is one
     * @param valueChecksum plain checksum of the value; salted here
     * @param salt of the record's position
     */
    public void encode(
            int commitWord,
            byte[] key,
            int keyOffset,
            long expiryMillis,
            long sequence,
            long valueLength,
            int valueChecksum,
            int salt) {
        prepare(commitWord);
        byte[] target = bytes;
        int keyLength = RecordLayout.keyLength(commitWord);
        LONG.set(target, RecordLayout.SEQUENCE_OFFSET, sequence);
        LONG.set(target, RecordLayout.VALUE_LENGTH_OFFSET, valueLength);
        INT.set(target, RecordLayout.VALUE_CHECKSUM_OFFSET, valueChecksum ^ salt);
        System.arraycopy(key, keyOffset, target, RecordLayout.KEY_OFFSET, keyLength);
        if (RecordLayout.isExpiring(commitWord)) {
            LONG.set(target, RecordLayout.KEY_OFFSET + keyLength, expiryMillis);
        }
        // The checksum in the header is still zero, as it is to be when this is computed.
        INT.set(target, RecordLayout.HEADER_CHECKSUM_OFFSET, checksum.of(target, 0, length) ^ salt);
    }

    /** Fills in the header of a {@link RecordLayout#REFERENCE}. */
    public void encodeReference(
            int commitWord,
            byte[] key,
            int keyOffset,
            long expiryMillis,
            long sequence,
            long valueLength,
            int valueChecksum,
            long segmentNumber,
            int salt) {
        prepare(commitWord);
        LONG.set(bytes, length - Long.BYTES, segmentNumber);
        encode(commitWord, key, keyOffset, expiryMillis, sequence, valueLength, valueChecksum, salt);
    }

    /** Fills in the header of a record without key and value. */
    public void encodeBare(int kind, long sequence, long argument, int salt) {
        encode(RecordLayout.commitWord(kind, 0), NO_KEY, 0, RecordLayout.NO_EXPIRY, sequence, argument, 0, salt);
    }

    /** Sets the salt of the new position on a header that was loaded from another place. */
    public void resalt(int oldSalt, int newSalt) {
        INT.set(bytes, RecordLayout.VALUE_CHECKSUM_OFFSET, valueChecksum() ^ oldSalt ^ newSalt);
        seal(newSalt);
    }

    private void prepare(int commitWord) {
        length = RecordLayout.headerLength(commitWord);
        ensureCapacity(length);
        // The checksum, in the upper half, is zero for now.
        LONG.set(bytes, RecordLayout.COMMIT_WORD_OFFSET, Integer.toUnsignedLong(commitWord));
    }

    private void seal(int salt) {
        INT.set(bytes, RecordLayout.HEADER_CHECKSUM_OFFSET, computeChecksum(salt));
    }

    /** Stores everything but the commit word, which {@link RecordLayout#publish} stores last. */
    public void store(MemorySegment segment, long recordOffset) {
        store(segment, recordOffset, length);
    }

    private void store(MemorySegment segment, long recordOffset, int end) {
        int first = RecordLayout.HEADER_CHECKSUM_OFFSET;
        MemorySegment.copy(bytes, first, segment, ValueLayout.JAVA_BYTE, recordOffset + first, end - first);
    }

    /** Stores everything but the commit word, and the value, framed, behind it. */
    public void storeWithValue(MemorySegment segment, long recordOffset, ValueBytes value) {
        long valueLength = value.length();
        byte[] array = value.array();
        if (array != null && valueLength <= MOST_COPIED_LENGTH) {
            storeAtOnce(segment, recordOffset, array, value.from(), (int) valueLength);
        } else {
            long valueOffset = storeBeforeValue(segment, recordOffset, valueLength);
            value.copyTo(segment, valueOffset);
            RecordLayout.writeFrameSuffix(segment, valueOffset + valueLength);
        }
    }

    /** The same with a value of this header's length that begins at an offset of other memory. */
    public void storeWithValue(MemorySegment segment, long recordOffset, MemorySegment source, long from) {
        long valueLength = valueLength();
        long valueOffset = storeBeforeValue(segment, recordOffset, valueLength);
        MemorySegment.copy(source, from, segment, valueOffset, valueLength);
        RecordLayout.writeFrameSuffix(segment, valueOffset + valueLength);
    }

    /** Stores everything in front of a value, but for the commit word; returns where the value goes. */
    private long storeBeforeValue(MemorySegment segment, long recordOffset, long valueLength) {
        frame(valueLength);
        long valueOffset = RecordLayout.valueOffset(recordOffset, commitWord(), valueLength);
        if (valueOffset == recordOffset + length + prefixLength) {
            // All in one copy. The prefix is not part of what the checksum covers.
            LONG.set(bytes, length, prefixStart);
            LONG.set(bytes, length + Long.BYTES, prefixEnd);
            store(segment, recordOffset, length + prefixLength);
        } else {
            store(segment, recordOffset, length);
            RecordLayout.writeFramePrefix(segment, valueOffset, valueLength);
        }
        return valueOffset;
    }

    /** Of a value that is not aligned. */
    private void storeAtOnce(MemorySegment segment, long recordOffset, byte[] value, int from, int valueLength) {
        frame(valueLength);
        int front = length + prefixLength;
        int end = front + valueLength + RecordLayout.FRAME_SUFFIX_LENGTH;
        ensureCapacity(end);
        byte[] target = bytes;
        LONG.set(target, length, prefixStart);
        LONG.set(target, length + Long.BYTES, prefixEnd);
        System.arraycopy(value, from, target, front, valueLength);
        SHORT.set(target, front + valueLength, RecordLayout.FRAME_SUFFIX);
        store(segment, recordOffset, end);
    }

    /** Prepares the prefix of a frame, which most often is that of the frame before. */
    private void frame(long valueLength) {
        if (framedLength != valueLength) {
            framedLength = -1; // in case that memory runs out
            prefixLength = RecordLayout.framePrefixLength(valueLength);
            Arrays.fill(prefix, (byte) 0);
            RecordLayout.writeFramePrefix(MemorySegment.ofArray(prefix), prefixLength, valueLength);
            prefixStart = (long) LONG.get(prefix, 0);
            prefixEnd = (long) LONG.get(prefix, Long.BYTES);
            framedLength = valueLength;
        }
    }

    /**
     * A copy of all that lies in front of a record's value: this, the commit word included, and the prefix of the
     * frame.
     */
    public ByteBuffer front(long frontLength) {
        ByteBuffer front = ByteBuffer.allocate((int) frontLength);
        front.put(0, bytes, 0, length);
        RecordLayout.writeFramePrefix(MemorySegment.ofBuffer(front), frontLength, valueLength());
        return front;
    }

    // --- reading ---

    /**
     * Copies a header out of a segment.
     *
     * @param commitWord as acquired from there
     */
    public void load(MemorySegment segment, long recordOffset, int commitWord) {
        length = RecordLayout.headerLength(commitWord);
        ensureCapacity(length);
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, recordOffset, bytes, 0, length);
    }

    /** Whether the header checksum is right for its position. */
    public boolean isSound(int salt) {
        return salt == impliedSalt();
    }

    /** The only salt with which the header checksum is right. To try many salts, ask for it once: it reads the key. */
    public int impliedSalt() {
        int stored = (int) INT.get(bytes, RecordLayout.HEADER_CHECKSUM_OFFSET);
        int plain = computeChecksum(0);
        INT.set(bytes, RecordLayout.HEADER_CHECKSUM_OFFSET, stored);
        return stored ^ plain;
    }

    public int commitWord() {
        return (int) INT.get(bytes, RecordLayout.COMMIT_WORD_OFFSET);
    }

    public int kind() {
        return RecordLayout.kind(commitWord());
    }

    public int keyLength() {
        return RecordLayout.keyLength(commitWord());
    }

    public long sequence() {
        return (long) LONG.get(bytes, RecordLayout.SEQUENCE_OFFSET);
    }

    public long valueLength() {
        return (long) LONG.get(bytes, RecordLayout.VALUE_LENGTH_OFFSET);
    }

    /** The value checksum as stored, salt and all. */
    public int valueChecksum() {
        return (int) INT.get(bytes, RecordLayout.VALUE_CHECKSUM_OFFSET);
    }

    /** When the record expires, in milliseconds of the epoch, or {@link RecordLayout#NO_EXPIRY}. */
    public long expiryMillis() {
        return RecordLayout.isExpiring(commitWord())
                ? (long) LONG.get(bytes, RecordLayout.KEY_OFFSET + keyLength())
                : RecordLayout.NO_EXPIRY;
    }

    /** The segment that a {@link RecordLayout#REFERENCE} names. */
    public long referencedSegment() {
        return (long) LONG.get(bytes, length - Long.BYTES);
    }

    /** The array that holds the key, from {@link RecordLayout#KEY_OFFSET} on. Reused by the next header. */
    public byte[] bytes() {
        return bytes;
    }

    private int computeChecksum(int salt) {
        INT.set(bytes, RecordLayout.HEADER_CHECKSUM_OFFSET, 0);
        return checksum.of(bytes, 0, length) ^ salt;
    }

    private void ensureCapacity(int needed) {
        int capacity = needed + RecordLayout.MAX_FRAME_PREFIX_LENGTH;
        if (bytes.length < capacity) {
            bytes = Arrays.copyOf(bytes, Math.max(capacity, bytes.length * 2));
        }
    }
}
