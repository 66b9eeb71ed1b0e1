package dev.penstock.tools.load;

import java.io.IOException;
import java.io.InputStream;

/**
 * The fields of comma-separated values (RFC 4180), which are passed on piece by piece and may have any length. A record
 * ends at a line feed, or a carriage return and a line feed, outside of quotes. One thread.
 */
final class CsvInput {

    /** More empty lines in a row than this are no data, but a way to keep the reader busy. */
    static final int MAX_EMPTY_LENGTH = 1 << 20;

    private static final int END = -1;
    private static final byte[] QUOTE = {'"'};
    private static final byte[] CARRIAGE_RETURN = {'\r'};

    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private int at;
    private int limit;
    private long line = 1;
    private boolean recordEnded = true;

    CsvInput(InputStream in) {
        this.in = in;
    }

    /** The line of the next byte, from 1 on. */
    long line() {
        return line;
    }

    /**
     * Begins the next record, past empty lines and what is left of the one before; false at the end of the input.
     *
     * @throws IllegalArgumentException if there are more than 1 MiB of empty lines
     */
    boolean begin() throws IOException {
        while (!recordEnded) {
            int next = next();
            recordEnded = next == '\n' || next == END;
        }
        int emptyLength = 0;
        while (peek() == '\n' || peek() == '\r') {
            next();
            if (++emptyLength > MAX_EMPTY_LENGTH) {
                throw new IllegalArgumentException("has more than 1 MiB of empty lines");
            }
        }
        recordEnded = peek() == END;
        return !recordEnded;
    }

    /** Goes past the byte if it comes next; returns whether it did. */
    boolean skip(int wanted) throws IOException {
        if (peek() != wanted) {
            return false;
        }
        next();
        return true;
    }

    /**
     * Reads the next field of the record.
     *
     * @return whether another one follows
     * @throws IllegalArgumentException if a quote is missing or out of place
     */
    boolean field(ByteSink sink) throws IOException {
        if (skip('"')) {
            quoted(sink);
        } else {
            plain(sink);
        }
        if (skip(',')) {
            return true;
        }
        skip('\r');
        if (peek() != END && !skip('\n')) {
            throw new IllegalArgumentException("has text after a closing quote");
        }
        recordEnded = true;
        return false;
    }

    private void quoted(ByteSink sink) throws IOException {
        long first = line;
        while (peek() != END) {
            int from = at;
            while (at < limit && buffer[at] != '"') {
                if (buffer[at] == '\n') {
                    line++;
                }
                at++;
            }
            pass(from, sink);
            if (at < limit) {
                at++;
                if (!skip('"')) {
                    return;
                }
                sink.accept(QUOTE, 0, 1);
            }
        }
        throw new IllegalArgumentException("has no closing quote for the one in line " + first);
    }

    private void plain(ByteSink sink) throws IOException {
        while (peek() != END) {
            int from = at;
            while (at < limit && isPlain(buffer[at])) {
                at++;
            }
            pass(from, sink);
            if (at < limit) {
                if (buffer[at] == '"') {
                    throw new IllegalArgumentException("has a quote in a field that does not begin with one");
                }
                if (!skip('\r') || peek() == '\n' || peek() == END) {
                    return;
                }
                sink.accept(CARRIAGE_RETURN, 0, 1);
            }
        }
    }

    private static boolean isPlain(byte each) {
        return each != ',' && each != '\n' && each != '\r' && each != '"';
    }

    private void pass(int from, ByteSink sink) throws IOException {
        if (at > from) {
            sink.accept(buffer, from, at - from);
        }
    }

    private int next() throws IOException {
        int next = peek();
        if (next != END) {
            at++;
            if (next == '\n') {
                line++;
            }
        }
        return next;
    }

    private int peek() throws IOException {
        while (at == limit) {
            int count = in.read(buffer);
            if (count < 0) {
                return END;
            }
            at = 0;
            limit = count;
        }
        return Byte.toUnsignedInt(buffer[at]);
    }
}
