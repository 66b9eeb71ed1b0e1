package dev.penstock.server.http;

import dev.penstock.server.resp.RequestBuffer;
import java.nio.ByteBuffer;

/**
 * Finds the end of a request's head in what has arrived, however the bytes are cut up on their way, and refuses what
 * two parsers could understand in two ways: a line feed without a carriage return, a line that continues the one before
 * it, and a head that is too long or has too many fields. Of one client, on its event loop.
 */
final class HeadScanner {

    /** Longest request line, in bytes. A key of 5 KiB fits even if each of its bytes is percent-encoded. */
    static final int MAX_LINE_LENGTH = 16 * 1024;

    /** Longest head, the request line included. */
    static final int MAX_HEAD_LENGTH = 32 * 1024;

    /** Most header fields. Each takes memory beside its text while the body of the request arrives. */
    static final int MOST_FIELDS = 128;

    /** Most empty lines before a request, of which a sound client sends one. */
    private static final int MOST_EMPTY_LINES = 8;

    /** The first byte that a client of TLS sends. */
    private static final byte TLS_HANDSHAKE = 0x16;

    /** The first byte that a client of the Redis protocol sends, unless a person types the command. */
    private static final byte REDIS_ARRAY = '*';

    private static final String VERSION = " HTTP/";
    private static final int VERSION_DIGITS = "1.1".length();

    private static final long LINE_FEEDS = 0x0A0A0A0A0A0A0A0AL;
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final int NONE = -1;

    private final RequestBuffer input;
    private int scanned; // bytes known to hold no end
    private int firstLineLength = NONE;
    private int emptyLines;
    private int fields;
    private int lastLine; // where the line begins that is looked at

    HeadScanner(RequestBuffer input) {
        this.input = input;
    }

    /** Length of the request line without its end, once that has arrived. */
    int firstLineLength() {
        return firstLineLength;
    }

    /** Whether a head has begun to arrive. Empty lines before it do not count. */
    boolean isMidHead() {
        return input.available() > 0;
    }

    /**
     * Returns the length of the head with the empty line at its end, or -1 if that has not arrived.
     *
     * @throws Problem if there can be no head
     */
    int find() {
        skipEmptyLines();
        int available = input.available();
        if (available > 0) {
            checkBeginning(input.get(0));
        }
        while (true) {
            int lineFeed = lineFeed(scanned, available);
            if (lineFeed < 0) {
                scanned = available;
                checkLength(available);
                return NONE;
            }
            scanned = lineFeed + 1;
            checkLength(scanned);
            if (firstLineLength < 0) {
                checkVersion(lineFeed);
            }
            if (lineFeed == lastLine || input.get(lineFeed - 1) != '\r') {
                throw new Problem(Status.BAD_REQUEST, "a line of the head does not end with CR LF");
            }
            int length = lineFeed - 1 - lastLine;
            if (firstLineLength < 0) {
                firstLineLength = length;
            } else if (length == 0) {
                return scanned;
            } else if (isBlank(input.get(lastLine))) {
                throw new Problem(Status.BAD_REQUEST, "a header field continues on a second line");
            } else if (++fields > MOST_FIELDS) {
                throw new Problem(
                        Status.HEADER_FIELDS_TOO_LARGE, "the request has more than " + MOST_FIELDS + " header fields");
            }
            lastLine = scanned;
        }
    }

    /** Gets ready for the next head: the one that was found is consumed. */
    void reset() {
        scanned = 0;
        lastLine = 0;
        firstLineLength = NONE;
        emptyLines = 0;
        fields = 0;
    }

    /** A client may send an empty line after the body of a request (RFC 9112, 2.2). */
    private void skipEmptyLines() {
        while (firstLineLength < 0 && input.available() >= 2 && input.get(0) == '\r' && input.get(1) == '\n') {
            if (++emptyLines > MOST_EMPTY_LINES) {
                throw new Problem(Status.BAD_REQUEST, "too many empty lines before a request");
            }
            input.consume(2);
            scanned = 0; // the first half may have arrived earlier
        }
    }

    /** Every method begins with a letter. A client of another protocol would wait for the end of its first line. */
    private static void checkBeginning(byte first) {
        boolean isLetter = first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z';
        if (!isLetter && first != '\r' && first != '\n') {
            throw new Problem(
                    Status.BAD_REQUEST,
                    switch (first) {
                        case TLS_HANDSHAKE -> "the client speaks TLS, and this port does not; --https-port does";
                        case REDIS_ARRAY -> "the client speaks the Redis protocol, and this port does not; --port does";
                        default -> "the client does not speak HTTP";
                    });
        }
    }

    /** A client of another protocol waits for the answer to its first line, and sends no second one. */
    private void checkVersion(int lineFeed) {
        int end = lineFeed > 0 && input.get(lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
        int version = end - VERSION.length() - VERSION_DIGITS;
        for (int i = 0; i < VERSION.length(); i++) {
            if (version <= 0 || input.get(version + i) != VERSION.charAt(i)) {
                throw new Problem(
                        Status.BAD_REQUEST,
                        "the request line does not end with a version of HTTP; the Redis protocol has another port");
            }
        }
    }

    private void checkLength(int length) {
        if (firstLineLength < 0 && length > MAX_LINE_LENGTH) {
            throw new Problem(Status.URI_TOO_LONG, "the request line is longer than " + MAX_LINE_LENGTH + " bytes");
        }
        if (length > MAX_HEAD_LENGTH) {
            throw new Problem(
                    Status.HEADER_FIELDS_TOO_LARGE,
                    "the head of the request is longer than " + MAX_HEAD_LENGTH + " bytes");
        }
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    /** The offset of the next line feed, or -1. Looks at eight bytes at a time. */
    private int lineFeed(int from, int end) {
        ByteBuffer bytes = input.bytes();
        int base = input.start();
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            long different = bytes.getLong(base + at) ^ LINE_FEEDS;
            if (((different - ONES) & ~different & HIGH_BITS) != 0) {
                break;
            }
        }
        for (; at < end; at++) {
            if (bytes.get(base + at) == '\n') {
                return at;
            }
        }
        return NONE;
    }
}
