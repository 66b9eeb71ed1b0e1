package dev.penstock.store.internal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * The first bytes of the file {@code CHECKPOINT}: how far the log is known to be durable, and what the file ends with:
 * a table that describes the image of the key directory in between. The file is replaced as a whole, by a rename. An
 * old one is still true, since the log only grows; a missing or damaged one costs time, never data.
 *
 * <pre>
 *   0  magic "PNSTKCHK"            8
 *   8  version of this format      4
 *  12  checksum of the table       4
 *  16  store id                   16
 *  32  durable position            8
 *  40  last sequence               8
 *  48  length of the table         8
 *  56  time of the expiry mark     8
 *  64  sequence of the expiry mark 8
 *  72  zeros                       4
 *  76  CRC32C of the bytes before  4
 * 4096 image, then the table
 * </pre>
 *
 * @param storeId the store that it belongs to
 * @param durablePosition all of the log below was on the device when this was written
 * @param lastSequence sequence of the newest record then
 * @param expired what had expired then
 * @param tableLength length of the table in bytes; 0 if there is neither table nor image
 * @param tableChecksum CRC32C of the table
 */
public record CheckpointHeader(
        UUID storeId,
        long durablePosition,
        long lastSequence,
        ExpiryMark expired,
        long tableLength,
        int tableChecksum) {

    public static final String FILE_NAME = "CHECKPOINT";

    /** What to do about a key directory that does not fit the log: it may have come from this file. */
    public static final String REMEDY = "; close the store, remove its file " + FILE_NAME
            + ", and open it again: the key directory is then made from the log";

    public static final int LENGTH = 80;
    /** Where the image begins, if there is one. */
    public static final int IMAGE_OFFSET = 4096;

    /** Any other version counts as missing: the log contains the same information. */
    public static final int VERSION = 5;

    static final byte[] MAGIC = {'P', 'N', 'S', 'T', 'K', 'C', 'H', 'K'};
    static final int VERSION_OFFSET = MAGIC.length;
    static final int TABLE_CHECKSUM_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_ID_OFFSET = TABLE_CHECKSUM_OFFSET + Integer.BYTES;
    static final int DURABLE_POSITION_OFFSET = STORE_ID_OFFSET + 2 * Long.BYTES;
    static final int LAST_SEQUENCE_OFFSET = DURABLE_POSITION_OFFSET + Long.BYTES;
    static final int TABLE_LENGTH_OFFSET = LAST_SEQUENCE_OFFSET + Long.BYTES;
    static final int MARK_MILLIS_OFFSET = TABLE_LENGTH_OFFSET + Long.BYTES;
    static final int MARK_SEQUENCE_OFFSET = MARK_MILLIS_OFFSET + Long.BYTES;
    static final int CHECKSUM_OFFSET = LENGTH - Integer.BYTES;

    public byte[] encode() {
        ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(0, MAGIC);
        buffer.putInt(VERSION_OFFSET, VERSION);
        buffer.putInt(TABLE_CHECKSUM_OFFSET, tableChecksum);
        Uuids.put(buffer, STORE_ID_OFFSET, storeId);
        buffer.putLong(DURABLE_POSITION_OFFSET, durablePosition);
        buffer.putLong(LAST_SEQUENCE_OFFSET, lastSequence);
        buffer.putLong(TABLE_LENGTH_OFFSET, tableLength);
        buffer.putLong(MARK_MILLIS_OFFSET, expired.millis());
        buffer.putLong(MARK_SEQUENCE_OFFSET, expired.sequence());
        buffer.putInt(CHECKSUM_OFFSET, new Checksum().of(buffer.array(), 0, CHECKSUM_OFFSET));
        return buffer.array();
    }

    /** Reads which store a checkpoint belongs to. It is empty if the bytes are not the sound beginning of one. */
    public static Optional<UUID> storeIdIn(byte[] bytes) {
        UUID storeId = Uuids.get(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), STORE_ID_OFFSET);
        return decode(bytes, storeId).map(CheckpointHeader::storeId);
    }

    /** Empty unless the bytes are the sound beginning of a checkpoint of this store. */
    public static Optional<CheckpointHeader> decode(byte[] bytes, UUID storeId) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        CheckpointHeader read = new CheckpointHeader(
                storeId,
                buffer.getLong(DURABLE_POSITION_OFFSET),
                buffer.getLong(LAST_SEQUENCE_OFFSET),
                new ExpiryMark(buffer.getLong(MARK_MILLIS_OFFSET), buffer.getLong(MARK_SEQUENCE_OFFSET)),
                buffer.getLong(TABLE_LENGTH_OFFSET),
                buffer.getInt(TABLE_CHECKSUM_OFFSET));
        return Arrays.equals(bytes, read.encode()) ? Optional.of(read) : Optional.empty();
    }
}
