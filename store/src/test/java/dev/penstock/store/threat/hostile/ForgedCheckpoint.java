package dev.penstock.store.threat.hostile;

import dev.penstock.store.internal.format.RecordLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32C;

/** Changes numbers in a checkpoint and makes all checksums right again, as no accident would and an enemy might. */
final class ForgedCheckpoint {

    private static final int TABLE_CHECKSUM_OFFSET = 12;
    private static final int TABLE_LENGTH_OFFSET = 48;
    private static final int HEADER_CHECKSUM_OFFSET = 76;
    private static final int IMAGE_OFFSET = 4096;
    private static final int PAGE_LENGTH = 4096;
    private static final int STRIPES = 64;

    private final byte[] sound;
    private final int tableOffset;
    private final int firstChecksumOffset;

    ForgedCheckpoint(byte[] sound) {
        this.sound = sound;
        ByteBuffer buffer = buffer(sound);
        this.tableOffset = sound.length - (int) buffer.getLong(TABLE_LENGTH_OFFSET);
        this.firstChecksumOffset = firstChecksumOffset(buffer);
    }

    /** The table walked up to the checksums of the pages of the first region, which is where the image begins. */
    private int firstChecksumOffset(ByteBuffer buffer) {
        int at = tableOffset;
        at += Long.BYTES * (1 + (int) buffer.getLong(at) * (3 + STRIPES));
        at += Long.BYTES * (1 + (int) buffer.getLong(at) * 2);
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            at += Long.BYTES * (6 + (int) buffer.getLong(at + 5 * Long.BYTES));
        }
        boolean isMarked = buffer.getLong(at) != 0;
        at += Long.BYTES * (isMarked ? 2 : 1) + (isMarked ? RecordLayout.MAX_MARK_LENGTH : 0);
        return at + 4 * Long.BYTES;
    }

    /** With one number of the table, or two, being another. */
    byte[] withNumber(Random random) {
        byte[] forged = sound.clone();
        ByteBuffer buffer = buffer(forged);
        for (int changes = random.nextInt(2); changes >= 0; changes--) {
            int count = (firstChecksumOffset - tableOffset) / Long.BYTES;
            int at = tableOffset + random.nextInt(count) * Long.BYTES;
            buffer.putLong(at, number(buffer.getLong(at), random));
        }
        return sealed(forged);
    }

    /** With some slots of the first pages being others; in half of them each names a place a little before its own. */
    byte[] withSlots(Random random) {
        byte[] forged = sound.clone();
        boolean near = random.nextBoolean();
        ByteBuffer buffer = buffer(forged);
        for (int page = 0; page < STRIPES; page++) {
            int from = IMAGE_OFFSET + page * PAGE_LENGTH;
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                int at = from + random.nextInt(PAGE_LENGTH / Long.BYTES) * Long.BYTES;
                long tag = buffer.getLong(at) & 0xFFFCL << 48;
                long old = buffer.getLong(at) & (1L << 50) - 1;
                long other = number(old, random) & (1L << 50) - 1;
                long location = near ? old - Math.min(old, random.nextInt(1_000)) : other;
                buffer.putLong(at, (random.nextInt(5) == 0 ? Long.MIN_VALUE : 0) | tag | location);
            }
            CRC32C checksum = new CRC32C();
            checksum.update(forged, from, PAGE_LENGTH);
            buffer.putInt(firstChecksumOffset + page * Integer.BYTES, (int) checksum.getValue());
        }
        return sealed(forged);
    }

    private static long number(long old, Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> old + 1;
            case 4 -> old - 1;
            case 5 -> old ^ 1L << random.nextInt(Long.SIZE);
            case 6 -> random.nextLong() >>> random.nextInt(Long.SIZE);
            default -> old * 2;
        };
    }

    private byte[] sealed(byte[] forged) {
        CRC32C checksum = new CRC32C();
        checksum.update(forged, tableOffset, forged.length - tableOffset);
        ByteBuffer buffer = buffer(forged);
        buffer.putInt(TABLE_CHECKSUM_OFFSET, (int) checksum.getValue());
        checksum.reset();
        checksum.update(forged, 0, HEADER_CHECKSUM_OFFSET);
        buffer.putInt(HEADER_CHECKSUM_OFFSET, (int) checksum.getValue());
        return forged;
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
