package dev.penstock.store.internal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * The first bytes of every segment file. They are forced before anything is stored in a segment of the log, so what
 * they say about the log outlives a power cut, and the loss of any other file.
 *
 * <pre>
 *   0  magic "PNSTKSEG"            8
 *   8  format version              4
 *  12  kind                        4    1 log, 2 large value
 *  16  store id                   16
 *  32  number                      8
 *  40  first segment               8    the rest is 0 in a large value
 *  48  durable position            8
 *  56  length of the file          4
 *  60  CRC32C of the bytes before  4
 *  64  first record
 * </pre>
 *
 * @param storeId the store that the segment belongs to
 * @param kind {@link #LOG} or {@link #LARGE_VALUE}
 * @param number number of the segment, or of the large value
 * @param firstSegment number of the segment that the log began with when this one was made: all before it had been
 *     retired
 * @param durablePosition all of the log below was on the device when this segment was made
 * @param fileLength length in bytes that the file had before anything was stored in it
 */
public record SegmentHeader(
        UUID storeId, int kind, long number, long firstSegment, long durablePosition, int fileLength) {

    public static final int LENGTH = 64;
    public static final int LOG = 1;
    public static final int LARGE_VALUE = 2;

    static final byte[] MAGIC = {'P', 'N', 'S', 'T', 'K', 'S', 'E', 'G'};
    static final int VERSION_OFFSET = MAGIC.length;
    static final int KIND_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_ID_OFFSET = KIND_OFFSET + Integer.BYTES;
    static final int NUMBER_OFFSET = STORE_ID_OFFSET + 2 * Long.BYTES;
    static final int FIRST_SEGMENT_OFFSET = NUMBER_OFFSET + Long.BYTES;
    static final int DURABLE_POSITION_OFFSET = FIRST_SEGMENT_OFFSET + Long.BYTES;
    static final int FILE_LENGTH_OFFSET = DURABLE_POSITION_OFFSET + Long.BYTES;
    static final int CHECKSUM_OFFSET = LENGTH - Integer.BYTES;

    /** Returns the header of a segment of the log; see the parameters of the record. */
    public static SegmentHeader ofLog(
            UUID storeId, long number, long firstSegment, long durablePosition, long fileLength) {
        return new SegmentHeader(storeId, LOG, number, firstSegment, durablePosition, Math.toIntExact(fileLength));
    }

    /** Returns the header of a large value's segment. */
    public static SegmentHeader ofLargeValue(UUID storeId, long number) {
        return new SegmentHeader(storeId, LARGE_VALUE, number, 0, 0, 0);
    }

    public byte[] encode() {
        return encode(Identity.FORMAT_VERSION);
    }

    private byte[] encode(int version) {
        ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(0, MAGIC);
        buffer.putInt(VERSION_OFFSET, version);
        buffer.putInt(KIND_OFFSET, kind);
        Uuids.put(buffer, STORE_ID_OFFSET, storeId);
        buffer.putLong(NUMBER_OFFSET, number);
        buffer.putLong(FIRST_SEGMENT_OFFSET, firstSegment);
        buffer.putLong(DURABLE_POSITION_OFFSET, durablePosition);
        buffer.putInt(FILE_LENGTH_OFFSET, fileLength);
        buffer.putInt(CHECKSUM_OFFSET, new Checksum().of(buffer.array(), 0, CHECKSUM_OFFSET));
        return buffer.array();
    }

    /** Whether these are the very bytes that this header has, in a version of the format that is read. */
    public boolean matches(byte[] bytes) {
        return isReadable(version(bytes)) && Arrays.equals(bytes, encode(version(bytes)));
    }

    private static boolean isReadable(int version) {
        return version >= Identity.OLDEST_FORMAT_VERSION && version <= Identity.FORMAT_VERSION;
    }

    private static int version(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(VERSION_OFFSET);
    }

    /** Reads the header of a segment of the log. It is empty if the bytes are no possible header of that segment. */
    public static Optional<SegmentHeader> ofLog(byte[] bytes, UUID storeId, long number, int segmentShift) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        SegmentHeader read = new SegmentHeader(
                storeId,
                LOG,
                number,
                buffer.getLong(FIRST_SEGMENT_OFFSET),
                buffer.getLong(DURABLE_POSITION_OFFSET),
                buffer.getInt(FILE_LENGTH_OFFSET));
        boolean possible = number > 0
                && number <= Limits.lastSegment(segmentShift)
                && read.firstSegment > 0
                && read.firstSegment <= number
                && read.durablePosition >= 0
                && read.durablePosition <= number << segmentShift
                && read.fileLength >= LENGTH
                && read.fileLength <= 1L << segmentShift;
        return possible && read.matches(bytes) ? Optional.of(read) : Optional.empty();
    }

    /** Reads which store a header of a readable format belongs to. It is empty if the bytes are no sound header. */
    public static Optional<UUID> storeIdIn(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean sound = bytes.length == LENGTH
                && Arrays.equals(MAGIC, Arrays.copyOf(bytes, MAGIC.length))
                && isReadable(buffer.getInt(VERSION_OFFSET))
                && buffer.getInt(CHECKSUM_OFFSET) == new Checksum().of(bytes, 0, CHECKSUM_OFFSET);
        return sound ? Optional.of(Uuids.get(buffer, STORE_ID_OFFSET)) : Optional.empty();
    }

    /** Whether the bytes are a header of a format newer than this one. */
    public static boolean isNewer(byte[] bytes) {
        return Arrays.equals(MAGIC, Arrays.copyOf(bytes, MAGIC.length)) && version(bytes) > Identity.FORMAT_VERSION;
    }
}
