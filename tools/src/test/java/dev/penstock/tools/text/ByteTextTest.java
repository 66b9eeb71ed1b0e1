package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteTextTest {

    @Property(tries = 2000)
    void anyBytesComeBackAsTheyWere(@ForAll byte[] bytes) {
        assertArrayEquals(bytes, ByteText.bytes(ByteText.of(bytes)));
    }

    @Property(tries = 500)
    void textIsItself(@ForAll String any) {
        String text = new String(any.getBytes(UTF_8), UTF_8);
        assertEquals(text, ByteText.of(text.getBytes(UTF_8)));
        assertArrayEquals(text.getBytes(UTF_8), ByteText.bytes(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0af", "eda080", "eda081edb080", "edb280", "f4908080", "e282", "c3a9ffc3a9", "efbfbd"})
    void whatLooksLikeUtf8ComesBackAsItWas(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertArrayEquals(bytes, ByteText.bytes(ByteText.of(bytes)));
    }

    @Test
    void bytesThatAreNoTextAreShownAsEscapes() {
        assertEquals("caf\\xe9 é", ByteText.shown(ByteText.of(HexFormat.of().parseHex("636166e920c3a9"))));
        assertEquals("café", ByteText.shown("café"));
    }

    @Test
    void halfASurrogatePairThatStandsForNoByteIsRefused() {
        for (String half : new String[] {"\ud800", "\udbff", "\udc00", "\udc7f", "\udd00", "\udfff"}) {
            assertThrows(IllegalArgumentException.class, () -> ByteText.bytes("a" + half));
        }
    }
}
