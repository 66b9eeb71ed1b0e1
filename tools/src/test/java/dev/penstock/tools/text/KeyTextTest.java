package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class KeyTextTest {

    @Test
    void printableTextIsPrintedAsItIs() {
        assertEquals("lib/modules", KeyText.escape("lib/modules".getBytes(UTF_8)));
        assertEquals("Größe 水 \uD83D\uDE00", KeyText.escape("Größe 水 \uD83D\uDE00".getBytes(UTF_8)));
        assertEquals("", KeyText.escape(new byte[0]));
    }

    @Test
    void whatWouldBreakALineOrATerminalIsEscaped() {
        assertEquals("a\\nb\\r\\tc\\\\", KeyText.escape("a\nb\r\tc\\".getBytes(UTF_8)));
        assertEquals("\\x00\\x1b[2J", KeyText.escape("\0\u001b[2J".getBytes(UTF_8)));
        assertEquals("\\xe2\\x80\\xae", KeyText.escape("\u202e".getBytes(UTF_8)), "right-to-left override");
        assertEquals("\\xff\\xfeA", KeyText.escape(new byte[] {(byte) 0xff, (byte) 0xfe, 'A'}));
    }

    /** Whatever the key, its line gives it back: no two keys look alike. */
    @Property(tries = 2000)
    void anEscapedKeyIsOneLineAndCanBeReadBack(@ForAll byte[] key) {
        String line = KeyText.escape(key);
        assertEquals(-1, line.indexOf('\n'));
        assertArrayEquals(key, unescape(line));
    }

    @Test
    void halfASurrogatePairIsRefusedRatherThanStoredAsAQuestionMark() {
        assertThrows(IllegalArgumentException.class, () -> KeyText.utf8("a\ud800"));
        assertNull(KeyText.text(new byte[] {(byte) 0xc0, (byte) 0x80}));
    }

    private static byte[] unescape(String line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < line.length(); ) {
            int point = line.codePointAt(at);
            at += Character.charCount(point);
            if (point != '\\') {
                bytes.writeBytes(Character.toString(point).getBytes(UTF_8));
                continue;
            }
            char escape = line.charAt(at++);
            switch (escape) {
                case 'n' -> bytes.write('\n');
                case 'r' -> bytes.write('\r');
                case 't' -> bytes.write('\t');
                case 'x' -> {
                    bytes.write(Integer.parseInt(line, at, at + 2, 16));
                    at += 2;
                }
                default -> bytes.write(escape);
            }
        }
        return bytes.toByteArray();
    }
}
