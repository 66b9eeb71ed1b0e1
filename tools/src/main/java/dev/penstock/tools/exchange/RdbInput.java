package dev.penstock.tools.exchange;

import com.moilioncircle.redis.replicator.io.RedisInputStream;
import com.moilioncircle.redis.replicator.util.ByteArray;
import com.moilioncircle.redis.replicator.util.CRC64;
import dev.penstock.tools.load.ByteSink;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of an RDB file, with their offset and checksum. The library that skips the values of other types reads from
 * it; it never gets an array of a length that the file names. One thread.
 */
final class RdbInput extends RedisInputStream {

    private final InputStream source;
    private final byte[] buffer = new byte[64 << 10];
    private int at;
    private int limit;
    /** Offset of the buffer's first byte in the file. */
    private long bufferStart;

    private long checksum;
    /** Bytes of the buffer before this one are in the checksum. */
    private int summed;

    RdbInput(InputStream source) {
        super(InputStream.nullInputStream(), 0);
        this.source = source;
    }

    /** Bytes of the file before the next one. */
    long offset() {
        return bufferStart + at;
    }

    /** CRC-64 of all bytes before the next one. */
    long checksum() {
        checksum = CRC64.crc64(buffer, summed, at - summed, checksum);
        summed = at;
        return checksum;
    }

    /** Whether the file ends here. */
    boolean isAtEnd() throws IOException {
        return at == limit && !refill();
    }

    /**
     * Reads a byte.
     *
     * @throws EOFException at the end of the file
     */
    @Override
    public int read() throws IOException {
        if (at == limit) {
            require();
        }
        return Byte.toUnsignedInt(buffer[at++]);
    }

    @Override
    public int read(byte[] target) throws IOException {
        return read(target, 0, target.length);
    }

    /** Reads {@code length} bytes, or fails. */
    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        int copied = 0;
        while (copied < length) {
            if (at == limit) {
                require();
            }
            int count = Math.min(length - copied, limit - at);
            System.arraycopy(buffer, at, target, from + copied, count);
            at += count;
            copied += count;
        }
        return length;
    }

    /** Passes on the next bytes, a buffer at a time. */
    void transfer(long length, ByteSink sink) throws IOException {
        for (long left = length; left > 0; ) {
            if (at == limit) {
                require();
            }
            int count = (int) Math.min(left, limit - at);
            sink.accept(buffer, at, count);
            at += count;
            left -= count;
        }
    }

    @Override
    public long skip(long length) throws IOException {
        if (length < 0) {
            throw new IllegalArgumentException("the length " + Long.toUnsignedString(length) + " is impossible");
        }
        transfer(length, (bytes, from, count) -> {});
        return length;
    }

    @Override
    public long skip(long length, boolean notify) throws IOException {
        return skip(length);
    }

    @Override
    public int available() throws IOException {
        return limit - at + source.available();
    }

    /** Refused: its length is the file's. */
    @Override
    public ByteArray readBytes(long length) {
        throw new IllegalStateException("nothing of an RDB file is gathered");
    }

    /** Refused: its length is the file's. */
    @Override
    public long read(ByteArray bytes, long offset, long length) {
        throw new IllegalStateException("nothing of an RDB file is gathered");
    }

    private void require() throws IOException {
        if (!refill()) {
            throw new EOFException();
        }
    }

    private boolean refill() throws IOException {
        checksum();
        bufferStart += limit;
        at = 0;
        limit = 0;
        summed = 0;
        int count = 0;
        while (count == 0) {
            count = source.read(buffer);
        }
        limit = Math.max(count, 0);
        return count > 0;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
