package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * Text that can hold any bytes, so that the words of a command line pass through the parser unharmed. What is UTF-8 is
 * ordinary text. Every other byte becomes half of a surrogate pair, U+DC80 to U+DCFF, which no UTF-8 text contains (the
 * scheme of Python's PEP 383). {@link #bytes} is the exact inverse of {@link #of}.
 */
public final class ByteText {

    private static final int ESCAPE = 0xdc00;
    private static final int FIRST_ESCAPED = ESCAPE + 0x80;
    private static final int LAST_ESCAPED = ESCAPE + 0xff;

    private ByteText() {}

    /** Returns the text that stands for the bytes. */
    public static String of(byte[] bytes) {
        CharsetDecoder decoder = UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (result.isUnderflow()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + Byte.toUnsignedInt(in.get())));
            }
            decoder.reset();
        }
    }

    /**
     * Returns the bytes that the text stands for.
     *
     * @throws IllegalArgumentException if the text has half of a surrogate pair that stands for no byte
     */
    public static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        text.codePoints().forEach(point -> {
            if (isEscaped(point)) {
                bytes.write(point - ESCAPE);
            } else if (isSurrogate(point)) {
                throw new IllegalArgumentException("not valid Unicode text");
            } else {
                bytes.writeBytes(Character.toString(point).getBytes(UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /** Returns the text for a message: each byte that is not UTF-8 is shown as {@code \xHH}. */
    public static String shown(String text) {
        if (text.codePoints().noneMatch(ByteText::isSurrogate)) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (isSurrogate(point)) {
                shown.append("\\x%02x".formatted(point & 0xff));
            } else {
                shown.appendCodePoint(point);
            }
        });
        return shown.toString();
    }

    private static boolean isEscaped(int codePoint) {
        return FIRST_ESCAPED <= codePoint && codePoint <= LAST_ESCAPED;
    }

    private static boolean isSurrogate(int codePoint) {
        return Character.getType(codePoint) == Character.SURROGATE;
    }
}
