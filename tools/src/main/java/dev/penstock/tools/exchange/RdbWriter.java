package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.moilioncircle.redis.replicator.Constants;
import com.moilioncircle.redis.replicator.rdb.BaseRdbEncoder;
import com.moilioncircle.redis.replicator.util.CRC64;
import dev.penstock.store.ValueView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/**
 * Writes entries as strings of database 0 of a Redis RDB file. The file has version 8, which Redis 4.0 and everything
 * newer loads: it is the first whose lengths have 64 bits. One thread.
 */
public final class RdbWriter implements EntryWriter {

    private static final String HEADER = "REDIS0008";
    private static final int PIECE_LENGTH = 64 << 10;

    private final Summed out;
    private final BaseRdbEncoder encoder = new BaseRdbEncoder();
    private final byte[] piece = new byte[PIECE_LENGTH];

    /**
     * Writes the beginning of the file.
     *
     * @param count number of entries that will follow, more or less: Redis allocates its tables by it
     * @param expiringCount number of those that expire, more or less
     */
    public RdbWriter(OutputStream out, long count, long expiringCount) throws IOException {
        this.out = new Summed(out);
        this.out.write(HEADER.getBytes(US_ASCII));
        if (count > 0) {
            this.out.write(Constants.RDB_OPCODE_SELECTDB);
            encoder.rdbSaveLen(0, this.out);
            this.out.write(Constants.RDB_OPCODE_RESIZEDB);
            encoder.rdbSaveLen(count, this.out);
            encoder.rdbSaveLen(expiringCount, this.out);
        }
    }

    @Override
    public void write(byte[] key, ValueView value) throws IOException {
        Instant expiry = value.expiry();
        if (expiry != null) {
            out.write(Constants.RDB_OPCODE_EXPIRETIME_MS);
            out.write(littleEndian(expiry.toEpochMilli()));
        }
        out.write(Constants.RDB_TYPE_STRING);
        encoder.rdbSaveLen(key.length, out);
        out.write(key);
        encoder.rdbSaveLen(value.length(), out);
        for (long offset = 0; offset < value.length(); ) {
            int count = value.copyTo(offset, ByteBuffer.wrap(piece));
            out.write(piece, 0, count);
            offset += count;
        }
    }

    @Override
    public void finish() throws IOException {
        out.write(Constants.RDB_OPCODE_EOF);
        out.write(littleEndian(out.checksum));
        out.flush();
    }

    private static byte[] littleEndian(long number) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array();
    }

    /** Passes everything on, and sums it up. */
    private static final class Summed extends OutputStream {
        private final OutputStream out;
        private long checksum;

        Summed(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int value) throws IOException {
            checksum = CRC64.crc64((byte) value, checksum);
            out.write(value);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            checksum = CRC64.crc64(bytes, from, length, checksum);
            out.write(bytes, from, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
