package dev.penstock.tools.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a stream of replies apart as its bytes arrive, and keeps none of a value's. A reply is a simple string, an
 * error, a number or a bulk string; anything else is not what a server answers to GET, SET and AUTH. One thread.
 */
final class ReplyParser {

    private static final int MAX_LINE = 256;
    private static final int CRLF_LENGTH = 2;

    private final byte[] line = new byte[MAX_LINE];
    private int lineLength;
    private boolean atEnd = true;
    private byte type;
    private long skip;

    private boolean missing;
    private @Nullable String error;

    /**
     * Reads up to the end of a reply.
     *
     * @return whether there is a whole reply; if not, all bytes are taken
     * @throws IOException if these are no replies of the Redis protocol
     */
    boolean next(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (skip > 0) {
                int skipped = (int) Math.min(skip, bytes.remaining());
                bytes.position(bytes.position() + skipped);
                skip -= skipped;
                if (skip == 0) {
                    atEnd = true;
                    return true;
                }
                continue;
            }
            byte next = bytes.get();
            if (atEnd) {
                begin(next);
            } else if (next == '\n' && lineLength > 0 && line[lineLength - 1] == '\r') {
                lineLength--;
                endLine();
                if (skip == 0) {
                    atEnd = true;
                    return true;
                }
            } else if (lineLength < MAX_LINE) {
                line[lineLength++] = next;
            } else {
                // Of an error that is longer the beginning is enough; its end must still be seen.
                line[MAX_LINE - 1] = next;
            }
        }
        return false;
    }

    private void begin(byte first) throws IOException {
        if (first != '+' && first != '-' && first != ':' && first != '$') {
            throw new IOException("this is no Redis server: its reply begins with byte " + (first & 0xff));
        }
        type = first;
        atEnd = false;
        missing = false;
        error = null;
        lineLength = 0;
    }

    private void endLine() throws IOException {
        if (type == '-') {
            error = text();
        } else if (type == '$') {
            long length = length();
            missing = length < 0;
            skip = missing ? 0 : length + CRLF_LENGTH;
        }
    }

    private long length() throws IOException {
        try {
            long length = Long.parseLong(text());
            if (length >= -1 && length <= Long.MAX_VALUE - CRLF_LENGTH) {
                return length;
            }
        } catch (NumberFormatException e) {
            throw new IOException("this is no Redis server: a value is '" + text() + "' bytes long", e);
        }
        throw new IOException("this is no Redis server: a value is " + text() + " bytes long");
    }

    private String text() {
        return new String(line, 0, lineLength, ISO_8859_1);
    }

    /** Whether the reply was the null that stands for a key that is absent. */
    boolean isMissing() {
        return missing;
    }

    /** The text of an error reply, cut after 255 bytes; null if it was none. */
    @Nullable
    String error() {
        return error;
    }
}
