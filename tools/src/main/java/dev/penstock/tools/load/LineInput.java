package dev.penstock.tools.load;

import java.io.IOException;
import java.io.InputStream;

/** The lines of a stream, byte by byte: a line feed ends a line, and nobody reads past it by mistake. One thread. */
final class LineInput {

    /** What {@link #peek} and {@link #next} return at the end of a line. */
    static final int END = -1;

    private final InputStream in;
    private final byte[] buffer = new byte[256 << 10];
    private int at;
    private int limit;
    /** Bytes of the input before the buffer's first, and before the line's first. */
    private long bufferStart;

    private long lineStart;
    private boolean ended = true;

    LineInput(InputStream in) {
        this.in = in;
    }

    /** Begins the next line, past what is left of the one before; false at the end of the input. */
    boolean begin() throws IOException {
        drain();
        ended = !fill();
        lineStart = bytesRead();
        return !ended;
    }

    /** Goes to the line's end, and over the line feed. */
    private void drain() throws IOException {
        while (!ended) {
            while (at < limit && buffer[at] != '\n') {
                at++;
            }
            if (at < limit || !fill()) {
                at = Math.min(at + 1, limit);
                ended = true;
            }
        }
    }

    /** The next byte, which stays; {@link #END} at the line's end. */
    int peek() throws IOException {
        return ended || !fill() || buffer[at] == '\n' ? END : Byte.toUnsignedInt(buffer[at]);
    }

    /** The next byte; {@link #END} at the line's end, which nobody gets past but by {@link #begin}. */
    int next() throws IOException {
        int next = peek();
        if (next != END) {
            at++;
        }
        return next;
    }

    /** Passes on the printable ASCII from here, as far as it is in the buffer, up to a quote or a backslash. */
    void plain(ByteSink sink) throws IOException {
        if (peek() == END) {
            return;
        }
        int from = at;
        while (at < limit && buffer[at] >= ' ' && buffer[at] != '"' && buffer[at] != '\\') {
            at++;
        }
        if (at > from) {
            sink.accept(buffer, from, at - from);
        }
    }

    /** The place of the next byte in its line, from 1 on. */
    long column() {
        return bytesRead() - lineStart + 1;
    }

    /** Bytes of the input read so far. */
    long bytesRead() {
        return bufferStart + at;
    }

    private boolean fill() throws IOException {
        while (at == limit) {
            bufferStart += limit;
            at = 0;
            limit = 0;
            int count = in.read(buffer);
            if (count < 0) {
                return false;
            }
            limit = count;
        }
        return true;
    }
}
