package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.Store;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import picocli.CommandLine.Option;

/**
 * Keys between bytes and the terminal. A key is the bytes that were typed or, with {@code --hex}, those of hexadecimal
 * digits, and is printed the same way; what could not be told apart or would upset a terminal is printed as an escape,
 * so that one line is one key.
 */
final class KeyText {

    private static final int UNPRINTABLE = 0;

    @Option(names = "--hex", description = "Read and print keys as hexadecimal digits.")
    private boolean hex;

    byte[] parse(String text) {
        byte[] key = hex ? digits(text) : ByteText.bytes(text);
        if (key.length > Store.MAX_KEY_LENGTH) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "the key has " + key.length + " bytes, and " + Store.MAX_KEY_LENGTH + " is the most");
        }
        return key;
    }

    private static byte[] digits(String text) {
        if (!text.matches("([0-9a-fA-F]{2})*")) {
            throw new ToolException(
                    ExitCode.USAGE, "'" + text + "' is not a key in hexadecimal: each byte is two digits, 0-9 and a-f");
        }
        return HexFormat.of().parseHex(text);
    }

    String print(byte[] key) {
        return hex ? HexFormat.of().formatHex(key) : escape(key);
    }

    /** Text as UTF-8. A string that is no text (half a surrogate pair) is refused rather than stored as a '?'. */
    static byte[] utf8(String text) {
        try {
            ByteBuffer bytes = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not valid Unicode text", e);
        }
    }

    /** The text that the bytes are in UTF-8, or null if they are none. */
    static String text(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Printable text as it is, a backslash doubled, \n \r \t, and \xHH for each byte of everything else. */
    static String escape(byte[] bytes) {
        String text = text(bytes);
        if (text == null) {
            return escapeBytes(bytes);
        }
        StringBuilder line = new StringBuilder(bytes.length + 8);
        text.codePoints()
                .forEach(point -> escape(point, Character.toString(point).getBytes(UTF_8), line));
        return line.toString();
    }

    /** The same for what is not text, or is a part of something that is not: every byte beyond ASCII is \xHH. */
    static String escapeBytes(byte[] bytes) {
        StringBuilder line = new StringBuilder(bytes.length + 8);
        for (byte each : bytes) {
            escape(each >= 0 ? each : UNPRINTABLE, new byte[] {each}, line);
        }
        return line.toString();
    }

    private static void escape(int codePoint, byte[] encoded, StringBuilder line) {
        switch (codePoint) {
            case '\\' -> line.append("\\\\");
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (codePoint == ' ' || isPrintable(codePoint)) {
                    line.appendCodePoint(codePoint);
                } else {
                    for (byte each : encoded) {
                        line.append("\\x").append(HexFormat.of().toHexDigits(each));
                    }
                }
            }
        }
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
