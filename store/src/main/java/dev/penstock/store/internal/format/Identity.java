package dev.penstock.store.internal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The bytes of the file {@code STORE}, which makes a directory a store. It is replaced once at most: when a store of an
 * older format is first opened for writing.
 *
 * <pre>
 *   0  magic "PENSTOCK"            8
 *   8  format version              4
 *  12  segment shift               4    log2 of the segment size
 *  16  store id                   16    big-endian, as a UUID is written
 *  32  zeros                      28
 *  60  CRC32C of the bytes before  4
 * </pre>
 *
 * @param storeId drawn at random when the store is created
 * @param segmentShift log2 of the size of the log's segments
 * @param formatVersion the newest version of the format that any of its files may have
 */
public record Identity(UUID storeId, int segmentShift, int formatVersion) {

    public static final String FILE_NAME = "STORE";
    public static final int LENGTH = 64;
    public static final int FORMAT_VERSION = 3;
    /** The oldest version that is read: it has no {@link RecordLayout#APPLIED}. */
    public static final int OLDEST_FORMAT_VERSION = 2;

    private static final int FIRST_FORMAT_VERSION = 1;

    static final byte[] MAGIC = {'P', 'E', 'N', 'S', 'T', 'O', 'C', 'K'};
    static final int VERSION_OFFSET = MAGIC.length;
    static final int SEGMENT_SHIFT_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_ID_OFFSET = SEGMENT_SHIFT_OFFSET + Integer.BYTES;
    static final int CHECKSUM_OFFSET = LENGTH - Integer.BYTES;

    /** Less than new stores get: the smallest segment that the longest key fits into. */
    public static final int MIN_SEGMENT_SHIFT = 17;

    public static final int MAX_SEGMENT_SHIFT = 30;

    /** What {@link #decode} made of the bytes. */
    public enum IdentityVerdict {
        SOUND,
        NOT_A_STORE,
        NEWER_VERSION,
        OLDER_VERSION,
        DAMAGED
    }

    /** The identity of a new store. */
    public Identity(UUID storeId, int segmentShift) {
        this(storeId, segmentShift, FORMAT_VERSION);
    }

    /** Returns the same store once it is written to by this version. */
    public Identity upgraded() {
        return new Identity(storeId, segmentShift);
    }

    public byte[] encode() {
        ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(0, MAGIC);
        buffer.putInt(VERSION_OFFSET, formatVersion);
        buffer.putInt(SEGMENT_SHIFT_OFFSET, segmentShift);
        Uuids.put(buffer, STORE_ID_OFFSET, storeId);
        buffer.putInt(CHECKSUM_OFFSET, new Checksum().of(buffer.array(), 0, CHECKSUM_OFFSET));
        return buffer.array();
    }

    public static IdentityVerdict examine(byte[] bytes) {
        if (bytes.length < VERSION_OFFSET + Integer.BYTES || !startsWithMagic(bytes)) {
            return IdentityVerdict.NOT_A_STORE;
        }
        if (version(bytes) > FORMAT_VERSION) {
            return IdentityVerdict.NEWER_VERSION;
        }
        if (version(bytes) >= FIRST_FORMAT_VERSION && version(bytes) < OLDEST_FORMAT_VERSION) {
            return IdentityVerdict.OLDER_VERSION;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length != LENGTH
                || buffer.getInt(CHECKSUM_OFFSET) != new Checksum().of(bytes, 0, CHECKSUM_OFFSET)
                || buffer.getInt(SEGMENT_SHIFT_OFFSET) < MIN_SEGMENT_SHIFT
                || buffer.getInt(SEGMENT_SHIFT_OFFSET) > MAX_SEGMENT_SHIFT) {
            return IdentityVerdict.DAMAGED;
        }
        return IdentityVerdict.SOUND;
    }

    public static int version(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(VERSION_OFFSET);
    }

    /** Reads bytes that {@link #examine} found sound. */
    public static Identity decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new Identity(Uuids.get(buffer, STORE_ID_OFFSET), buffer.getInt(SEGMENT_SHIFT_OFFSET), version(bytes));
    }

    /** What all salts of this store start from. */
    public long salt() {
        return storeId.getMostSignificantBits() ^ Long.rotateLeft(storeId.getLeastSignificantBits(), 31);
    }

    private static boolean startsWithMagic(byte[] bytes) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (bytes[i] != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }
}
