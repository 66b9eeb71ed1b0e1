package dev.penstock.tools.exchange;

import java.io.IOException;
import java.io.OutputStream;

/** Counts the bytes that pass. Closing it flushes, and leaves the stream below open. One thread. */
public final class CountingOutput extends OutputStream {

    private final OutputStream out;
    private long count;
    private boolean cut;

    public CountingOutput(OutputStream out) {
        this.out = out;
    }

    /** Bytes so far. */
    public long count() {
        return count;
    }

    /** Drops all bytes that come from now on, such as the end of compressed data that are not complete. */
    public void cut() {
        cut = true;
    }

    @Override
    public void write(int value) throws IOException {
        if (!cut) {
            out.write(value);
            count++;
        }
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (!cut) {
            out.write(bytes, from, length);
            count += length;
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.flush();
    }
}
