package dev.penstock.store.internal.format;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a record in a segment. All numbers are little-endian; a record starts on a multiple of 8.
 *
 * <pre>
 *   0                   4                   8
 *  +-------------------+-------------------+
 *  |    commit word    |  header checksum  |   0
 *  +-------------------+-------------------+
 *  |               sequence                |   8
 *  +---------------------------------------+
 *  |             value length              |  16
 *  +-------------------+-------------------+
 *  |  value checksum   | key ...           |  24
 *  +-------------------+-------------------+
 *  |  body: expiry, segment number         |  each 8 bytes, where there is one
 *  +---------------------------------------+
 *  |  gap (only before an aligned value)   |
 *  +---------------------------------------+
 *  |  '$' length CR LF  value ...  CR LF   |  the frame
 *  +---------------------------------------+
 *  |  zeros up to a multiple of 8          |
 *  +---------------------------------------+
 *
 *  commit word:  bits 0-23 key length, bit 24 has an expiry, bits 25-27 zero, bits 28-31 kind
 * </pre>
 *
 * <p>The commit word is stored last, with release; a reader that acquires a non-zero commit word sees the whole record.
 * Zero means that nothing is here yet. A writer that writes a whole record to the file first sets all bits of the
 * word's last byte, which means the same, and writes that byte last. The header checksum covers the header with the
 * checksum itself taken as zero, then the key, then the body. It and the value checksum are salted by {@link
 * Checksum#salt}, so that stale bytes of another place never pass.
 *
 * <p>The value is stored framed as a RESP bulk string, so that a server can send the frame as it lies. A value of
 * {@link #ALIGNED_VALUE_LENGTH} or more starts on a page boundary, where sendfile is cheapest.
 */
public final class RecordLayout {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle COMMIT_WORD =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    public static final int COMMIT_WORD_OFFSET = 0;
    /** Offset of the byte of a commit word that holds the kind of the record. */
    public static final int KIND_OFFSET = COMMIT_WORD_OFFSET + Integer.BYTES - 1;

    public static final int HEADER_CHECKSUM_OFFSET = COMMIT_WORD_OFFSET + Integer.BYTES;
    public static final int SEQUENCE_OFFSET = HEADER_CHECKSUM_OFFSET + Integer.BYTES;
    public static final int VALUE_LENGTH_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
    public static final int VALUE_CHECKSUM_OFFSET = VALUE_LENGTH_OFFSET + Long.BYTES;
    public static final int KEY_OFFSET = VALUE_CHECKSUM_OFFSET + Integer.BYTES;

    /**
     * The fields in front of the key. To read one as a part of the whole asks whether the whole is in bounds, which is
     * the same question for all, so that a compiled reader asks it once; and it always is, no record being shorter.
     */
    private static final StructLayout HEADER = MemoryLayout.structLayout(
            INT.withName("commit word"),
            INT.withName("header checksum"),
            LONG.withName("sequence"),
            LONG.withName("value length"),
            INT.withName("value checksum"));

    private static final VarHandle PUBLISHED_COMMIT_WORD = field("commit word", COMMIT_WORD_OFFSET);
    private static final VarHandle SEQUENCE = field("sequence", SEQUENCE_OFFSET);
    private static final VarHandle VALUE_LENGTH = field("value length", VALUE_LENGTH_OFFSET);
    private static final VarHandle VALUE_CHECKSUM = field("value checksum", VALUE_CHECKSUM_OFFSET);

    public static final int RECORD_ALIGNMENT = 8;
    public static final int VALUE_ALIGNMENT = 4096;
    public static final int ALIGNED_VALUE_LENGTH = 32 * 1024;

    public static final int MAX_KEY_LENGTH = 64 * 1024;
    public static final long MAX_VALUE_LENGTH = 1L << 40;
    public static final int MAX_MARK_LENGTH = 64;

    /** A key with its value. */
    public static final int VALUE = 1;
    /** A key that was removed. */
    public static final int TOMBSTONE = 2;
    /** A key whose value has a separate segment; the body is the number of that segment. */
    public static final int REFERENCE = 3;
    /** The one record of a large value's segment. */
    public static final int LARGE_VALUE = 4;
    /** Space that was claimed and given up; the value length is the length of the whole record. */
    public static final int PADDING = 5;
    /** All of the log below the position in the value length was forced to the device before this was written. */
    public static final int MARK = 6;
    /** The end of a segment; the value length is the number of the log's next one. */
    public static final int ROLL = 7;
    /** The segment whose number is the value length holds nothing that is current any more. */
    public static final int RETIRED = 8;
    /** Every record before this one is dead. */
    public static final int CLEAR = 9;
    /**
     * The records in as many bytes as the value length says, right behind this one, count all or not at all. They have
     * commit words of their own, stored before the one of the batch.
     */
    public static final int BATCH = 10;
    /**
     * A process has opened the store. The value length is the length that the file of the segment had then, and no
     * sequence up to this record's is given to another one.
     */
    public static final int OPENED = 11;
    /** The log was closed here: unless a record follows, nothing does, and the file may end. */
    public static final int CLOSED = 12;
    /** The mark of the batch that it belongs to, in place of a key. */
    public static final int APPLIED = 13;

    /** The expiry of a record that never expires. */
    public static final long NO_EXPIRY = 0;

    /** Length of a record that has neither key nor value. */
    public static final int BARE_LENGTH = align(KEY_OFFSET, RECORD_ALIGNMENT);

    private static final int KIND_BYTE_SHIFT = Byte.SIZE * (KIND_OFFSET - COMMIT_WORD_OFFSET);
    private static final int UNPUBLISHED_BYTE = 0xFF;
    private static final int KEY_LENGTH_BITS = 24;
    private static final int EXPIRING_SHIFT = 24;
    private static final int RESERVED_MASK = 0b1110 << EXPIRING_SHIFT;
    private static final int KIND_SHIFT = 28;
    private static final int EXPIRY_LENGTH_SHIFT = 3;
    /** Length of what stands behind a value: {@code \r\n}. */
    public static final int FRAME_SUFFIX_LENGTH = 2;
    /** Carriage return and line feed. */
    static final short FRAME_SUFFIX = '\r' | '\n' << Byte.SIZE;

    private static final int FRAME_PREFIX_EXTRA = 3;
    /** What stands before the longest value: {@code $}, 13 digits, CR LF. */
    static final int MAX_FRAME_PREFIX_LENGTH = 16;

    private RecordLayout() {}

    private static VarHandle field(String name, int offset) {
        PathElement element = PathElement.groupElement(name);
        if (HEADER.byteOffset(element) != offset) {
            throw new ExceptionInInitializerError(name + " lies elsewhere");
        }
        return HEADER.varHandle(element);
    }

    // --- lengths ---

    public static int commitWord(int kind, int keyLength) {
        return kind << KIND_SHIFT | keyLength;
    }

    /** The commit word of a record that expires, unless the expiry is {@link #NO_EXPIRY}. */
    public static int commitWord(int kind, int keyLength, long expiryMillis) {
        return commitWord(kind, keyLength) | (expiryMillis == NO_EXPIRY ? 0 : 1 << EXPIRING_SHIFT);
    }

    public static int kind(int commitWord) {
        return commitWord >>> KIND_SHIFT;
    }

    public static int keyLength(int commitWord) {
        return commitWord & ((1 << KEY_LENGTH_BITS) - 1);
    }

    /** Whether the body begins with an expiry. */
    public static boolean isExpiring(int commitWord) {
        return (commitWord >>> EXPIRING_SHIFT & 1) != 0;
    }

    /** Whether it is of a {@link #VALUE} that never expires, as most are. */
    public static boolean isLastingValue(int commitWord) {
        return commitWord >>> KEY_LENGTH_BITS == VALUE << KIND_SHIFT - KEY_LENGTH_BITS;
    }

    /** Whether the kind is one of these, the key not too long, and every flag known and in its place. */
    public static boolean isPossible(int commitWord) {
        int kind = kind(commitWord);
        return kind >= VALUE
                && kind <= APPLIED
                && isPossibleLength(kind, keyLength(commitWord))
                && (commitWord & RESERVED_MASK) == 0
                && (!isExpiring(commitWord) || kind == VALUE || kind == REFERENCE);
    }

    private static boolean isPossibleLength(int kind, int keyLength) {
        return kind == APPLIED ? keyLength > 0 && keyLength <= MAX_MARK_LENGTH : keyLength <= MAX_KEY_LENGTH;
    }

    /** Length of what stands before a value: {@code $<length>\r\n}. */
    public static int framePrefixLength(long valueLength) {
        return FRAME_PREFIX_EXTRA + Decimal.digitCount(valueLength);
    }

    /** Length of a framed value: {@code $<length>\r\n<value>\r\n}. */
    public static long frameLength(long valueLength) {
        return framePrefixLength(valueLength) + valueLength + FRAME_SUFFIX_LENGTH;
    }

    /** Whether a length is one of a value that begins right behind its frame's prefix; false if it is negative. */
    public static boolean isUnaligned(long valueLength) {
        return (valueLength & -ALIGNED_VALUE_LENGTH) == 0;
    }

    /** Bytes from the beginning of a record {@linkplain #isLastingValue without expiry} to its unaligned value. */
    public static long unalignedValueOffset(int keyLength, long valueLength) {
        return KEY_OFFSET + (long) keyLength + framePrefixLength(valueLength);
    }

    private static int expiryLength(int commitWord) {
        return (commitWord >>> EXPIRING_SHIFT & 1) << EXPIRY_LENGTH_SHIFT;
    }

    /** Offset of a value in its segment, from the offset of its record. */
    public static long valueOffset(long recordOffset, int commitWord, long valueLength) {
        long offset = recordOffset + KEY_OFFSET + keyLength(commitWord) + expiryLength(commitWord);
        return valueLength < ALIGNED_VALUE_LENGTH
                ? offset + framePrefixLength(valueLength)
                : alignedValueOffset(offset);
    }

    /**
     * Offset of a value of {@link #ALIGNED_VALUE_LENGTH} or more. It is the same for all of them, so a value can be
     * written before its length is known.
     */
    private static long alignedValueOffset(long bodyEnd) {
        return align(bodyEnd + MAX_FRAME_PREFIX_LENGTH, VALUE_ALIGNMENT);
    }

    /** Length of the part that the header checksum covers: header, key and body. */
    public static int headerLength(int commitWord) {
        return KEY_OFFSET
                + keyLength(commitWord)
                + expiryLength(commitWord)
                + (kind(commitWord) == REFERENCE ? Long.BYTES : 0);
    }

    /**
     * Length of any record, from its header. That of a batch is without the records in it. With a value it depends on
     * the offset, because of the alignment of longer ones.
     */
    public static long recordLength(long recordOffset, int commitWord, long valueLength) {
        return switch (kind(commitWord)) {
            case VALUE, LARGE_VALUE -> {
                long end = valueOffset(recordOffset, commitWord, valueLength) + valueLength + FRAME_SUFFIX_LENGTH;
                yield align(end, RECORD_ALIGNMENT) - recordOffset;
            }
            case PADDING -> valueLength;
            default -> align(headerLength(commitWord), RECORD_ALIGNMENT);
        };
    }

    // --- reading ---

    /** The commit word, acquired; zero where nothing is published. */
    public static int commitWord(MemorySegment segment, long recordOffset) {
        return (int) COMMIT_WORD.getAcquire(segment, recordOffset);
    }

    /** Whether a word says that a record is here, sound or not. */
    public static boolean isPublished(int commitWord) {
        return commitWord != 0 && commitWord >>> KIND_BYTE_SHIFT != UNPUBLISHED_BYTE;
    }

    /** The commit word of a record that the reader knows to be published, since its position came by way of that. */
    public static int publishedCommitWord(MemorySegment segment, long recordOffset) {
        return (int) PUBLISHED_COMMIT_WORD.get(segment, recordOffset);
    }

    public static long sequence(MemorySegment segment, long recordOffset) {
        return (long) SEQUENCE.get(segment, recordOffset);
    }

    public static long valueLength(MemorySegment segment, long recordOffset) {
        return (long) VALUE_LENGTH.get(segment, recordOffset);
    }

    public static int valueChecksum(MemorySegment segment, long recordOffset) {
        return (int) VALUE_CHECKSUM.get(segment, recordOffset);
    }

    /** When a record expires, in milliseconds of the epoch, or {@link #NO_EXPIRY}. */
    public static long expiryMillis(MemorySegment segment, long recordOffset, int commitWord) {
        return isExpiring(commitWord)
                ? segment.get(LONG, recordOffset + KEY_OFFSET + keyLength(commitWord))
                : NO_EXPIRY;
    }

    /** Number of the segment that holds the value of a {@link #REFERENCE}. */
    public static long referencedSegment(MemorySegment segment, long recordOffset, int commitWord) {
        return segment.get(LONG, recordOffset + headerLength(commitWord) - Long.BYTES);
    }

    // --- writing ---

    /**
     * What stands in a record in place of its commit word, until its writer writes the byte at {@link #KIND_OFFSET}.
     */
    public static int unpublished(int commitWord) {
        return commitWord | UNPUBLISHED_BYTE << KIND_BYTE_SHIFT;
    }

    /** The byte of a commit word that publishes the record. */
    public static byte kindByte(int commitWord) {
        return (byte) (commitWord >>> KIND_BYTE_SHIFT);
    }

    /** Publishes a record whose other bytes are all in place. */
    public static void publish(MemorySegment segment, long recordOffset, int commitWord) {
        COMMIT_WORD.setRelease(segment, recordOffset, commitWord);
    }

    /** Writes what stands in front of a value. */
    static void writeFramePrefix(MemorySegment segment, long valueOffset, long valueLength) {
        segment.set(ValueLayout.JAVA_BYTE, valueOffset - 1, (byte) '\n');
        segment.set(ValueLayout.JAVA_BYTE, valueOffset - 2, (byte) '\r');
        long digit = valueOffset - FRAME_PREFIX_EXTRA;
        long rest = valueLength;
        do {
            segment.set(ValueLayout.JAVA_BYTE, digit--, (byte) ('0' + rest % 10));
            rest /= 10;
        } while (rest != 0);
        segment.set(ValueLayout.JAVA_BYTE, digit, (byte) '$');
    }

    /** What stands behind a value. */
    public static ByteBuffer frameSuffix() {
        return ByteBuffer.wrap(new byte[] {'\r', '\n'});
    }

    static void writeFrameSuffix(MemorySegment segment, long valueEnd) {
        segment.set(SHORT, valueEnd, FRAME_SUFFIX);
    }

    /** Whether a value stands in its frame: {@code $<length>\r\n} in front of it, {@code \r\n} behind it. */
    public static boolean isFrameSound(MemorySegment segment, long valueOffset, long valueLength) {
        long digit = valueOffset - FRAME_PREFIX_EXTRA;
        long rest = valueLength;
        boolean sound = isByte(segment, valueOffset - 2, '\r') && isByte(segment, valueOffset - 1, '\n');
        do {
            sound &= isByte(segment, digit--, '0' + (int) (rest % 10));
            rest /= 10;
        } while (rest != 0);
        long end = valueOffset + valueLength;
        return sound && isByte(segment, digit, '$') && isByte(segment, end, '\r') && isByte(segment, end + 1, '\n');
    }

    private static boolean isByte(MemorySegment segment, long offset, int expected) {
        return segment.get(ValueLayout.JAVA_BYTE, offset) == expected;
    }

    private static int align(int value, int alignment) {
        return (value + alignment - 1) & -alignment;
    }

    private static long align(long value, long alignment) {
        return (value + alignment - 1) & -alignment;
    }
}
