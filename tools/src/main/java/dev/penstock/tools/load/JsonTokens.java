package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The tokens of one JSON object on one line (RFC 8259). Strings are passed on piece by piece and may have any length.
 * What is not exactly UTF-8 (overlong forms, surrogates, bytes beyond U+10FFFF) or is half of a surrogate pair is
 * refused: nothing is ever decoded to other bytes than those written. One thread.
 */
final class JsonTokens {

    private static final int MAX_NUMBER_LENGTH = 100;
    /** More white space at one place than this is no data, but a way to keep the reader busy. */
    private static final int MAX_SPACE_LENGTH = 1 << 20;

    private static final byte[][] ASCII = new byte[128][];

    static {
        for (int each = 0; each < ASCII.length; each++) {
            ASCII[each] = new byte[] {(byte) each};
        }
    }

    private final LineInput line;
    private final byte[] sequence = new byte[4];

    JsonTokens(LineInput line) {
        this.line = line;
    }

    /** The next byte behind white space, which stays; {@link LineInput#END} at the line's end. */
    int peek() throws IOException {
        int next = line.peek();
        int spaceLength = 0;
        while (next == ' ' || next == '\t' || next == '\r') {
            if (++spaceLength > MAX_SPACE_LENGTH) {
                throw new IllegalArgumentException("has more than 1 MiB of white space in one place");
            }
            line.next();
            next = line.peek();
        }
        return next;
    }

    /** Skips the byte if it comes next behind white space; returns whether it did. */
    boolean skip(char wanted) throws IOException {
        if (peek() != wanted) {
            return false;
        }
        line.next();
        return true;
    }

    /** Goes past the byte, which must come next. */
    void expect(char wanted) throws IOException {
        if (!skip(wanted)) {
            throw unexpected();
        }
    }

    /** What to throw where something else should come next. */
    IllegalArgumentException unexpected() throws IOException {
        if (peek() == LineInput.END) {
            return new IllegalArgumentException("ends in the middle of the object");
        }
        while (Character.isLetterOrDigit(line.peek())) {
            line.next();
        }
        return invalid();
    }

    private IllegalArgumentException invalid() {
        return new IllegalArgumentException("is no valid JSON, see column " + line.column());
    }

    /** Reads a whole number. */
    long wholeNumber(String field) throws IOException {
        String digits = number(field);
        try {
            if (digits.matches("-?(0|[1-9][0-9]*)")) {
                return Long.parseLong(digits);
            }
        } catch (NumberFormatException tooLong) {
            // is refused as well
        }
        throw new IllegalArgumentException("\"" + field + "\" is no whole number");
    }

    /** Reads any number, and returns it as it is written. */
    String number(String field) throws IOException {
        StringBuilder number = new StringBuilder();
        for (int next = peek(); isOfNumber(next); next = line.peek()) {
            number.append((char) line.next());
            if (number.length() > MAX_NUMBER_LENGTH) {
                throw new IllegalArgumentException("\"" + field + "\" has more than " + MAX_NUMBER_LENGTH + " digits");
            }
        }
        if (!number.toString().matches("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?")) {
            throw new IllegalArgumentException("\"" + field + "\" is no number");
        }
        return number.toString();
    }

    private static boolean isOfNumber(int next) {
        return next >= '0' && next <= '9' || next == '-' || next == '+' || next == '.' || next == 'e' || next == 'E';
    }

    /** Reads a string from its opening to its closing quote, and passes on its text in UTF-8. */
    void string(ByteSink sink) throws IOException {
        expect('"');
        while (true) {
            line.plain(sink);
            int next = line.peek();
            if (next == LineInput.END) {
                throw new IllegalArgumentException("ends in the middle of the object");
            } else if (next == '"') {
                line.next();
                return;
            } else if (next == '\\') {
                escape(sink);
            } else if (next >= 0x80) {
                multibyte(sink);
            } else if (next < ' ') {
                throw invalid();
            }
        }
    }

    private void escape(ByteSink sink) throws IOException {
        line.next();
        int escaped = line.next();
        int plain = switch (escaped) {
            case '"', '\\', '/' -> escaped;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> codePoint();
            default -> throw invalid();
        };
        byte[] encoded =
                plain < ASCII.length ? ASCII[plain] : Character.toString(plain).getBytes(UTF_8);
        sink.accept(encoded, 0, encoded.length);
    }

    private int codePoint() throws IOException {
        char first = codeUnit();
        if (!Character.isSurrogate(first)) {
            return first;
        }
        if (Character.isHighSurrogate(first) && line.peek() == '\\') {
            line.next();
            if (line.next() == 'u') {
                char second = codeUnit();
                if (Character.isLowSurrogate(second)) {
                    return Character.toCodePoint(first, second);
                }
            }
        }
        throw new IllegalArgumentException(
                "not valid Unicode text: half of a surrogate pair, see column " + line.column());
    }

    private char codeUnit() throws IOException {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = line.peek() < 0x80 ? Character.digit(line.peek(), 16) : -1;
            if (digit < 0) {
                throw invalid();
            }
            line.next();
            unit = unit << 4 | digit;
        }
        return (char) unit;
    }

    /** The well-formed sequences of table 3-7 of the Unicode standard, and no others. */
    private void multibyte(ByteSink sink) throws IOException {
        int lead = line.next();
        int length = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        sequence[0] = (byte) lead;
        for (int i = 1; i < length; i++) {
            int next = line.peek();
            int least = i > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
            int most = i > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
            if (next < least || next > most) {
                length = 0;
            } else {
                sequence[i] = (byte) line.next();
            }
        }
        if (length == 0) {
            throw new IllegalArgumentException("is not UTF-8, see column " + line.column());
        }
        sink.accept(sequence, 0, length);
    }

    /** Reads a string that must be short. */
    String shortString(int maxLength) throws IOException {
        ShortBytes bytes = new ShortBytes(maxLength, "the name of a field");
        string(bytes);
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }
}
