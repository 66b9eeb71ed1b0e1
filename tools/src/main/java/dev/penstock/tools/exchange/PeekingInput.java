package dev.penstock.tools.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A buffered stream that counts what is read, and whose next bytes can be looked at. One thread. */
final class PeekingInput extends InputStream {

    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private int at;
    private int limit;
    private long bufferStart;
    private boolean ended;

    PeekingInput(InputStream in) {
        this.in = in;
    }

    /** Returns the next bytes, which stay; fewer at the end. */
    byte[] peek(int count) throws IOException {
        if (limit - at < count) {
            System.arraycopy(buffer, at, buffer, 0, limit - at);
            bufferStart += at;
            limit -= at;
            at = 0;
            while (limit < count && !ended) {
                fill();
            }
        }
        return Arrays.copyOfRange(buffer, at, Math.min(at + count, limit));
    }

    /** Bytes that were read. */
    long count() {
        return bufferStart + at;
    }

    @Override
    public int read() throws IOException {
        return available() == 0 ? -1 : Byte.toUnsignedInt(buffer[at++]);
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int count = Math.min(available(), length);
        System.arraycopy(buffer, at, target, from, count);
        at += count;
        return count == 0 ? -1 : count;
    }

    /** 0 at the end and nowhere else: the gzip decoder asks whether another member follows. */
    @Override
    public int available() throws IOException {
        if (at == limit && !ended) {
            bufferStart += limit;
            at = 0;
            limit = 0;
            fill();
        }
        return limit - at;
    }

    private void fill() throws IOException {
        int count = in.read(buffer, limit, buffer.length - limit);
        if (count < 0) {
            ended = true;
        } else {
            limit += count;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
