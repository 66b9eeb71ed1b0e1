package dev.penstock.typed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A codec reads back what it wrote, writes what its documentation says, and refuses everything else. */
class CodecsTest {

    private static <T> byte[] encoded(Codec<T> codec, T value) {
        EncodeBuffer buffer = new EncodeBuffer(1);
        codec.encode(value, buffer);
        return buffer.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    /** Outside the heap, where stored values are. */
    private static <T> T decoded(Codec<T> codec, byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
            segment.copyFrom(MemorySegment.ofArray(bytes));
            return codec.decode(segment.asReadOnly());
        }
    }

    private static <T> void assertEncodes(String hex, Codec<T> codec, T value) {
        byte[] bytes = encoded(codec, value);
        assertEquals(hex, HexFormat.of().formatHex(bytes), codec.name());
        assertEquals(value, decoded(codec, bytes), codec.name());
    }

    @Test
    void numbersAreBigEndian() {
        assertEncodes("81", Codecs.bytes(), (byte) 0x81);
        assertEncodes("8102", Codecs.shorts(), (short) 0x8102);
        assertEncodes("81020304", Codecs.ints(), 0x81020304);
        assertEncodes("8102030405060708", Codecs.longs(), 0x8102030405060708L);
        assertEncodes("3fc00000", Codecs.floats(), 1.5f);
        assertEncodes("bff8000000000000", Codecs.doubles(), -1.5);
        assertEncodes("01", Codecs.booleans(), true);
        assertEncodes("00", Codecs.booleans(), false);
        assertEncodes("00000000000000010000000000000002", Codecs.uuids(), new UUID(1, 2));
    }

    @Test
    void equalNumbersHaveEqualBytes() {
        assertEncodes("7ff8000000000000", Codecs.doubles(), Double.longBitsToDouble(0x7ff8000000000123L));
        assertEncodes("8000000000000000", Codecs.doubles(), -0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "grüße", "漢字", "👍", "\u0000", "\uFFFD", "\uFFFD👍\u007f\u0080"})
    void stringsAreUtf8(String text) {
        assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), encoded(Codecs.strings(), text));
        assertEquals(text, decoded(Codecs.strings(), text.getBytes(StandardCharsets.UTF_8)));
    }

    /** As a question mark, which the JDK makes of it, two keys would be one. */
    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "a\ud83d", "\udc4d", "\udc4d\ud83d", "\ud83d\ud83d\udc4d"})
    void halfOfASurrogatePairIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> encoded(Codecs.strings(), text));
    }

    @ParameterizedTest
    @CsvSource({"ff", "c3", "c328", "e28228", "f0288cbc", "c080", "eda080", "f4908080", "6100ff", "efbfbdff"})
    void whatIsNotUtf8IsRefused(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> decoded(Codecs.strings(), bytes));
        assertEquals("it is not UTF-8: ", refused.getMessage().substring(0, 17));
    }

    /** No object would be encoded as these bytes: a key that has them could not be read by its value. */
    @Test
    void aNanThatNoObjectIsEncodedAsIsRefused() {
        for (String hex : List.of("7fc00001", "ffc00000", "7f800001")) {
            byte[] bytes = HexFormat.of().parseHex(hex);
            assertThrows(IllegalArgumentException.class, () -> decoded(Codecs.floats(), bytes), hex);
        }
        for (String hex : List.of("7ff8000000000123", "fff8000000000000", "7ff0000000000001")) {
            byte[] bytes = HexFormat.of().parseHex(hex);
            assertThrows(IllegalArgumentException.class, () -> decoded(Codecs.doubles(), bytes), hex);
        }
        assertEquals(Float.NaN, decoded(Codecs.floats(), HexFormat.of().parseHex("7fc00000")));
        assertEquals(Double.NaN, decoded(Codecs.doubles(), HexFormat.of().parseHex("7ff8000000000000")));
    }

    @Test
    void bytesOfAnotherLengthAreRefused() {
        for (Codec<?> codec : List.of(
                Codecs.bytes(),
                Codecs.shorts(),
                Codecs.ints(),
                Codecs.longs(),
                Codecs.floats(),
                Codecs.doubles(),
                Codecs.booleans(),
                Codecs.uuids())) {
            List<Integer> accepted = new ArrayList<>();
            for (int length = 0; length < 40; length++) {
                byte[] bytes = new byte[length];
                try {
                    decoded(codec, bytes);
                    accepted.add(length);
                } catch (IllegalArgumentException e) {
                    assertEquals("it has " + length + " bytes", e.getMessage().split(",", -1)[0]);
                }
            }
            assertEquals(1, accepted.size(), codec.name());
        }
        assertThrows(IllegalArgumentException.class, () -> decoded(Codecs.booleans(), new byte[] {2}));
    }

    /** The longest value is 1 TiB. */
    @Test
    @SuppressWarnings("restricted") // of a length that no memory has, and never read
    void aValueThatFitsNoArrayIsRefused() {
        MemorySegment tooLong = MemorySegment.NULL.reinterpret(3L << 30);
        assertThrows(IllegalArgumentException.class, () -> Codecs.byteArrays().decode(tooLong));
        assertThrows(IllegalArgumentException.class, () -> Codecs.strings().decode(tooLong));
    }

    @Test
    void aMappedCodecTranslatesBothWays() {
        Codec<Thread.State> states = Codecs.strings().map("state", Thread.State::valueOf, Thread.State::name);
        assertEncodes("4e4557", states, Thread.State.NEW);
        assertThrows(IllegalArgumentException.class, () -> decoded(states, new byte[] {1}));
    }

    @Test
    void aBufferTakesWhateverIsWrittenToIt() {
        long seed = System.nanoTime();
        System.out.println("CodecsTest seed " + seed);
        Random random = new Random(seed);
        byte[] expected = new byte[100_000];
        random.nextBytes(expected);
        EncodeBuffer buffer = new EncodeBuffer(1);
        while (buffer.length() < expected.length) {
            int count = Math.min(random.nextInt(300), expected.length - buffer.length());
            if (count == 1) {
                buffer.write(expected[buffer.length()]);
            } else {
                buffer.write(expected, buffer.length(), count);
            }
        }
        assertArrayEquals(expected, buffer.segment().toArray(ValueLayout.JAVA_BYTE));
    }
}
