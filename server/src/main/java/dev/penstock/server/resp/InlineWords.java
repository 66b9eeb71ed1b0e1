package dev.penstock.server.resp;

/**
 * Splits an inline request into words, with Redis's quoting: double quotes with escapes, single quotes taken literally
 * but for an escaped single quote. The words are decoded in place, where they are never longer than their source.
 */
final class InlineWords {

    private static final byte VERTICAL_TAB = 0x0b;
    private static final byte FORM_FEED = 0x0c;

    private final RequestBuffer input;
    private final int end;
    private int read;
    private int write;

    private InlineWords(RequestBuffer input, int end) {
        this.input = input;
        this.end = end;
    }

    /** Adds the words of the first {@code lineEnd} bytes to the request; false if a quote is not closed properly. */
    static boolean split(RequestBuffer input, int lineEnd, Request request) {
        InlineWords words = new InlineWords(input, lineEnd);
        while (words.skipSpaces()) {
            int start = words.read;
            words.write = start;
            if (!words.word()) {
                return false;
            }
            request.add(start, words.write - start);
        }
        return true;
    }

    private boolean skipSpaces() {
        while (read < end && isSpace(input.get(read))) {
            read++;
        }
        return read < end;
    }

    private boolean word() {
        while (read < end && !endsWord(input.get(read))) {
            byte next = input.get(read++);
            if (next == '"' || next == '\'') {
                return quoted(next);
            }
            put(next);
        }
        return true;
    }

    private boolean quoted(byte quote) {
        while (read < end) {
            byte next = input.get(read++);
            if (next == quote) {
                return read == end || isSpace(input.get(read));
            }
            if (next == '\\' && read < end) {
                put(quote == '"' ? escaped() : escapedQuote());
            } else {
                put(next);
            }
        }
        return false;
    }

    private byte escapedQuote() {
        if (input.get(read) == '\'') {
            read++;
            return '\'';
        }
        return '\\';
    }

    private byte escaped() {
        byte letter = input.get(read++);
        if (letter == 'x' && read + 1 < end) {
            int high = Character.digit(input.get(read), 16);
            int low = Character.digit(input.get(read + 1), 16);
            if (high >= 0 && low >= 0) {
                read += 2;
                return (byte) (high << 4 | low);
            }
        }
        return switch (letter) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> letter;
        };
    }

    private void put(byte decoded) {
        input.set(write++, decoded);
    }

    /** Redis takes two kinds of space for space between words alone. */
    private static boolean endsWord(byte letter) {
        return isSpace(letter) && letter != VERTICAL_TAB && letter != FORM_FEED;
    }

    private static boolean isSpace(byte letter) {
        return letter == ' ' || (letter >= '\t' && letter <= '\r');
    }
}
