package dev.penstock.tools;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;

/**
 * Entries from JSON Lines: {@code {"key": "...", "value": "..."}}, or {@code key64} and {@code value64} for what is no
 * text. {@code length}, if given, must be the value's; {@code sequence}, which {@code scan --json} prints, is ignored;
 * any other field is refused, for it is likely a misspelling. Blank lines are skipped. A bad line does no harm to the
 * next.
 */
final class JsonLines {

    /** A line that is no entry. */
    static final class BadLineException extends Exception {
        private static final long serialVersionUID = 1L;

        BadLineException(long line, String problem, Throwable cause) {
            super("line " + line + ": " + problem, cause);
        }
    }

    private final Line line;
    private long number;
    private byte[] key;
    private byte[] value;

    JsonLines(InputStream in) {
        line = new Line(in);
    }

    /** Goes to the next entry; false at the end of the input. */
    boolean next() throws IOException, BadLineException {
        while (line.begin()) {
            number++;
            try (JsonParser parser = Json.MAPPER.createParser(line)) {
                if (parser.nextToken() != null) {
                    readEntry(parser);
                    return true;
                }
            } catch (JsonEOFException e) {
                throw new BadLineException(number, "ends in the middle of the object", e);
            } catch (JsonProcessingException | CharConversionException e) {
                throw new BadLineException(number, "is no valid JSON" + column(e), e);
            } catch (IllegalArgumentException e) {
                throw new BadLineException(number, e.getMessage(), e);
            } finally {
                line.drain();
            }
        }
        return false;
    }

    /** The entry's key. */
    byte[] key() {
        return key;
    }

    /** The entry's value. */
    byte[] value() {
        return value;
    }

    /** What to throw if the entry cannot be stored. */
    BadLineException bad(IllegalArgumentException problem) {
        return new BadLineException(number, problem.getMessage(), problem);
    }

    /** Bytes of the input read so far. */
    long bytesRead() {
        return line.bytesRead;
    }

    private void readEntry(JsonParser parser) throws IOException {
        require(parser.currentToken() == JsonToken.START_OBJECT, "is no JSON object");
        key = null;
        value = null;
        long length = -1;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (field) {
                case "key", "key64" -> {
                    require(key == null, "has more than one key");
                    key = bytes(parser, token, field);
                }
                case "value", "value64" -> {
                    require(value == null, "has more than one value");
                    value = bytes(parser, token, field);
                }
                case "length" -> {
                    require(token == JsonToken.VALUE_NUMBER_INT, "\"length\" is no whole number");
                    length = parser.getLongValue();
                }
                case "sequence" -> require(token.isNumeric(), "\"sequence\" is no number");
                default -> throw new IllegalArgumentException("unknown field \"" + field + "\"");
            }
        }
        require(parser.nextToken() == null, "goes on after the object");
        require(key != null, "has no \"key\" or \"key64\"");
        require(value != null, "has no \"value\" or \"value64\"");
        require(length < 0 || length == value.length, "\"length\" is not the value's, which is " + value.length);
    }

    private static byte[] bytes(JsonParser parser, JsonToken token, String field) throws IOException {
        require(token == JsonToken.VALUE_STRING, "\"" + field + "\" is no string");
        String text = parser.getText();
        if (!field.endsWith("64")) {
            return KeyText.utf8(text);
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + field + "\" is no base64", e);
        }
    }

    private static String column(IOException problem) {
        return problem instanceof JsonProcessingException json && json.getLocation() != null
                ? ", see column " + json.getLocation().getColumnNr()
                : "";
    }

    private static void require(boolean fulfilled, String problem) {
        if (!fulfilled) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** One line of a longer stream, made to look like a stream of its own: the parser cannot run past its end. */
    private static final class Line extends InputStream {
        private final InputStream in;
        private final byte[] buffer = new byte[256 << 10];
        private int at;
        private int limit;
        private boolean ended = true;
        private long bytesRead;

        Line(InputStream in) {
            this.in = in;
        }

        /** Whether there is another line. */
        boolean begin() throws IOException {
            ended = !fill();
            return !ended;
        }

        /** Goes to the line's end. */
        void drain() throws IOException {
            while (!ended) {
                skip(Long.MAX_VALUE);
            }
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (ended || !fill()) {
                ended = true;
                return -1;
            }
            int count = 0;
            int most = Math.min(length, limit - at);
            while (count < most && buffer[at + count] != '\n') {
                count++;
            }
            System.arraycopy(buffer, at, target, from, count);
            at += count;
            bytesRead += count;
            if (at < limit && buffer[at] == '\n') {
                at++;
                bytesRead++;
                ended = true;
            }
            return count == 0 ? -1 : count;
        }

        @Override
        public int read() throws IOException {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(single[0]);
        }

        private boolean fill() throws IOException {
            while (at == limit) {
                limit = in.read(buffer);
                at = 0;
                if (limit < 0) {
                    limit = 0;
                    return false;
                }
            }
            return true;
        }
    }
}
