package dev.penstock.store.internal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;

/**
 * The first bytes of every segment file.
 *
 * <pre>
 *   0  magic "PNSTKSEG"            8
 *   8  format version              4
 *  12  kind                        4    1 log, 2 large value
 *  16  store id                   16
 *  32  segment number              8
 *  40  zeros                      20
 *  60  CRC32C of the bytes before  4
 *  64  first record
 * </pre>
 *
 * @param storeId the store that the segment belongs to
 * @param kind {@link #LOG} or {@link #LARGE_VALUE}
 * @param number place of the segment in the store's positions
 */
public record SegmentHeader(UUID storeId, int kind, long number) {

    public static final int LENGTH = 64;
    public static final int LOG = 1;
    public static final int LARGE_VALUE = 2;

    static final byte[] MAGIC = {'P', 'N', 'S', 'T', 'K', 'S', 'E', 'G'};
    static final int VERSION_OFFSET = MAGIC.length;
    static final int KIND_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_ID_OFFSET = KIND_OFFSET + Integer.BYTES;
    static final int NUMBER_OFFSET = STORE_ID_OFFSET + 2 * Long.BYTES;
    static final int CHECKSUM_OFFSET = LENGTH - Integer.BYTES;

    public byte[] encode() {
        ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(0, MAGIC);
        buffer.putInt(VERSION_OFFSET, Identity.FORMAT_VERSION);
        buffer.putInt(KIND_OFFSET, kind);
        Uuids.put(buffer, STORE_ID_OFFSET, storeId);
        buffer.putLong(NUMBER_OFFSET, number);
        buffer.putInt(CHECKSUM_OFFSET, new Checksum().of(buffer.array(), 0, CHECKSUM_OFFSET));
        return buffer.array();
    }

    /** Whether these are the very bytes that this header has. */
    public boolean matches(byte[] bytes) {
        return Arrays.equals(bytes, encode());
    }

    /** Whether the bytes are a header of a format newer than this one. */
    public static boolean isNewer(byte[] bytes) {
        return Arrays.equals(MAGIC, Arrays.copyOf(bytes, MAGIC.length))
                && ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(VERSION_OFFSET)
                        > Identity.FORMAT_VERSION;
    }
}
