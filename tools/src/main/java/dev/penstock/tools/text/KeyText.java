package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.Store;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Keys between bytes and the terminal. A key is the bytes that were typed, or those of hexadecimal digits, and is
 * printed the same way. Bytes that could not be told apart or would upset a terminal are printed as an escape, so that
 * one line is one key.
 */
public final class KeyText {

    private static final int UNPRINTABLE = 0;

    private KeyText() {}

    /** The key that is the bytes of a word of the command line. */
    public static byte[] parse(String word) {
        return checked(ByteText.bytes(word));
    }

    /** The key that is written as hexadecimal digits. */
    public static byte[] parseHex(String digits) {
        return checked(digits(digits));
    }

    private static byte[] checked(byte[] key) {
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

    /** The key as {@link #parseHex} takes it. */
    public static String hex(byte[] key) {
        return HexFormat.of().formatHex(key);
    }

    /** Text as UTF-8. A string that is no text (half a surrogate pair) is refused rather than stored as a '?'. */
    public static byte[] utf8(String text) {
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
    public static @Nullable String text(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Printable text as it is, a backslash doubled, \n \r \t, and \xHH for each byte of everything else. */
    public static String escape(byte[] bytes) {
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
