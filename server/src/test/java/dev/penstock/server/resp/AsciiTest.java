package dev.penstock.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.resp.Ascii.NotANumberException;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsciiTest {

    @Property
    void everyNumberIsReadBackAsItWasWritten(@ForAll long number) throws NotANumberException {
        assertEquals(number, roundTrip(number));
    }

    @Test
    void theExtremesAreNumbersToo() throws NotANumberException {
        for (long number : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, 9, 10, Long.MAX_VALUE}) {
            assertEquals(number, roundTrip(number));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+1",
                " 1",
                "1 ",
                "01",
                "-0",
                "-01",
                "1.0",
                "1e3",
                "0x1",
                "9223372036854775808",
                "-9223372036854775809",
                "99999999999999999999",
                "100000000000000000000000"
            })
    void whatIsNoStrictNumberIsRefused(String text) {
        assertThrows(NotANumberException.class, () -> Ascii.parseLong(buffer(text), 0, text.length()));
    }

    @Test
    void wordsMatchInAnyCaseAndOnlyWhole() {
        assertTrue(Ascii.equalsIgnoreCase(buffer("xKeepTTLx"), 1, 7, "keepttl"));
        assertFalse(Ascii.equalsIgnoreCase(buffer("keepttlx"), 0, 8, "keepttl"));
        assertFalse(Ascii.equalsIgnoreCase(buffer("keepttm"), 0, 7, "keepttl"));
    }

    private static long roundTrip(long number) throws NotANumberException {
        ByteBuffer buffer = ByteBuffer.allocate(24);
        Ascii.putLong(buffer, number);
        assertEquals(Long.toString(number), new String(buffer.array(), 0, buffer.position(), ISO_8859_1));
        return Ascii.parseLong(buffer, 0, buffer.position());
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }
}
