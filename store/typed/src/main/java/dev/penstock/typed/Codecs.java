package dev.penstock.typed;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The codecs of common types. Numbers have a fixed length and are big-endian, as {@link java.io.DataOutputStream}
 * writes them. A codec accepts only what it writes itself: an encoding of another length, or text that is not UTF-8, is
 * refused.
 */
public final class Codecs {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;
    /** What a decoder puts in place of what is not UTF-8. */
    private static final char REPLACEMENT = '\uFFFD';

    private static final Codec<String> STRINGS =
            codec("UTF-8 string", (text, target) -> target.write(utf8(text)), Codecs::string);
    private static final Codec<byte[]> BYTE_ARRAYS =
            codec("byte array", (array, target) -> target.write(array), Codecs::array);
    private static final Codec<Boolean> BOOLEANS =
            codec("boolean", (value, target) -> target.write(value ? 1 : 0), Codecs::bool);
    private static final Codec<Byte> BYTES = fixed(
            "byte", Byte.BYTES, (value, target) -> target.write(value), bytes -> bytes.get(ValueLayout.JAVA_BYTE, 0));
    private static final Codec<Short> SHORTS =
            fixed("short", Short.BYTES, (value, target) -> target.writeShort(value), bytes -> bytes.get(SHORT, 0));
    private static final Codec<Integer> INTS =
            fixed("int", Integer.BYTES, (value, target) -> target.writeInt(value), bytes -> bytes.get(INT, 0));
    private static final Codec<Long> LONGS =
            fixed("long", Long.BYTES, (value, target) -> target.writeLong(value), bytes -> bytes.get(LONG, 0));
    private static final Codec<Float> FLOATS = INTS.map("float", Codecs::floatOf, value -> Float.floatToIntBits(value));
    private static final Codec<Double> DOUBLES =
            LONGS.map("double", Codecs::doubleOf, value -> Double.doubleToLongBits(value));
    private static final Codec<UUID> UUIDS = fixed(
            "UUID",
            2 * Long.BYTES,
            (value, target) -> {
                target.writeLong(value.getMostSignificantBits());
                target.writeLong(value.getLeastSignificantBits());
            },
            bytes -> new UUID(bytes.get(LONG, 0), bytes.get(LONG, Long.BYTES)));

    private Codecs() {}

    /** {@return the codec of strings as UTF-8; one with half of a surrogate pair cannot be encoded} */
    public static Codec<String> strings() {
        return STRINGS;
    }

    /**
     * Returns the codec of byte arrays as they are. Arrays are equal only if they are the same object, so that methods
     * of a map that compare values find no two of them equal.
     *
     * @return the codec
     */
    public static Codec<byte[]> byteArrays() {
        return BYTE_ARRAYS;
    }

    /** {@return the codec of booleans: one byte, 0 or 1} */
    public static Codec<Boolean> booleans() {
        return BOOLEANS;
    }

    /** {@return the codec of single bytes} */
    public static Codec<Byte> bytes() {
        return BYTES;
    }

    /** {@return the codec of shorts: two bytes, big-endian} */
    public static Codec<Short> shorts() {
        return SHORTS;
    }

    /** {@return the codec of ints: four bytes, big-endian} */
    public static Codec<Integer> ints() {
        return INTS;
    }

    /** {@return the codec of longs: eight bytes, big-endian} */
    public static Codec<Long> longs() {
        return LONGS;
    }

    /** {@return the codec of floats: the bits of IEEE 754 in four bytes, big-endian; NaN is the canonical one} */
    public static Codec<Float> floats() {
        return FLOATS;
    }

    /** {@return the codec of doubles: the bits of IEEE 754 in eight bytes, big-endian; NaN is the canonical one} */
    public static Codec<Double> doubles() {
        return DOUBLES;
    }

    /** {@return the codec of UUIDs: sixteen bytes, big-endian} */
    public static Codec<UUID> uuids() {
        return UUIDS;
    }

    private static <T> Codec<T> codec(
            String name, BiConsumer<T, EncodeBuffer> encode, Function<MemorySegment, T> decode) {
        return new Codec<>() {
            @Override
            public void encode(T value, EncodeBuffer target) {
                encode.accept(value, target);
            }

            @Override
            public T decode(MemorySegment bytes) {
                return decode.apply(bytes);
            }

            @Override
            public String name() {
                return name;
            }
        };
    }

    private static <T> Codec<T> fixed(
            String name, int length, BiConsumer<T, EncodeBuffer> encode, Function<MemorySegment, T> decode) {
        return codec(name, encode, bytes -> {
            requireLength(bytes, length);
            return decode.apply(bytes);
        });
    }

    private static void requireLength(MemorySegment bytes, int length) {
        if (bytes.byteSize() != length) {
            throw new IllegalArgumentException("it has " + bytes.byteSize() + " bytes, not " + length);
        }
    }

    /** Of all bits that stand for NaN, one is written: a key that has others would not be found by its value. */
    private static float floatOf(int bits) {
        float value = Float.intBitsToFloat(bits);
        if (Float.floatToIntBits(value) != bits) {
            throw new IllegalArgumentException("its bits are not those of the canonical NaN");
        }
        return value;
    }

    private static double doubleOf(long bits) {
        double value = Double.longBitsToDouble(bits);
        if (Double.doubleToLongBits(value) != bits) {
            throw new IllegalArgumentException("its bits are not those of the canonical NaN");
        }
        return value;
    }

    private static boolean bool(MemorySegment bytes) {
        requireLength(bytes, 1);
        byte value = bytes.get(ValueLayout.JAVA_BYTE, 0);
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("its byte is " + value + ", not 0 or 1");
        }
        return value == 1;
    }

    private static byte[] array(MemorySegment bytes) {
        if (bytes.byteSize() > MAX_ARRAY_LENGTH) {
            throw new IllegalArgumentException("its " + bytes.byteSize() + " bytes do not fit an array");
        }
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    /** The JDK would replace half of a surrogate pair by a question mark, and two keys would become one. */
    private static byte[] utf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean isPair = i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
                if (!isPair) {
                    throw new IllegalArgumentException(
                            "the string has half of a surrogate pair at index " + i + ", which UTF-8 cannot encode");
                }
                i++;
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The JDK's fast way replaces what is not UTF-8; its slow way is asked only if something may have been. */
    private static String string(MemorySegment bytes) {
        byte[] array = array(bytes);
        String text = new String(array, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(array));
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("it is not UTF-8: " + e.getMessage(), e);
            }
        }
        return text;
    }
}
