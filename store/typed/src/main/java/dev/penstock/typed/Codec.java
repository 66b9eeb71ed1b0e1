package dev.penstock.typed;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Function;

/**
 * Translates objects of one type to bytes and back. {@link Codecs} has those of strings, byte arrays and primitives,
 * and {@code JsonCodec} is for records.
 *
 * <p>A codec of keys must give equal keys equal bytes, and different keys different bytes: the store compares bytes.
 *
 * <p>A codec is thread-safe. It keeps neither the buffer nor the segment that it is called with.
 *
 * @param <T> type of the objects
 */
public interface Codec<T> {

    /**
     * Writes an object to a buffer.
     *
     * @param value the object
     * @param target takes the bytes; empty before the call
     * @throws IllegalArgumentException if the object has no encoding
     */
    void encode(T value, EncodeBuffer target);

    /**
     * Reads an object. The bytes may be anything: another program may have written them.
     *
     * @param bytes all bytes of the object, read-only. Those of a value are the mapped page itself, not a copy, and
     *     become invalid when the call returns
     * @return the object, never null
     * @throws RuntimeException if the bytes are not an encoding; a {@link TypedStore} throws {@link
     *     UndecodableException} in its place
     */
    T decode(MemorySegment bytes);

    /** {@return the name of the codec in messages, such as {@code UTF-8 string}} */
    String name();

    /**
     * Returns a codec of another type, whose objects are translated to those of this codec.
     *
     * @param name the name of the new codec in messages
     * @param decode makes an object of the other type
     * @param encode is the reverse of {@code decode}
     * @return the codec
     * @param <U> the other type
     */
    default <U> Codec<U> map(
            String name, Function<? super T, ? extends U> decode, Function<? super U, ? extends T> encode) {
        Codec<T> inner = this;
        return new Codec<>() {
            @Override
            public void encode(U value, EncodeBuffer target) {
                inner.encode(Objects.requireNonNull(encode.apply(value)), target);
            }

            @Override
            public U decode(MemorySegment bytes) {
                return Objects.requireNonNull(decode.apply(inner.decode(bytes)), "it returned null");
            }

            @Override
            public String name() {
                return name;
            }
        };
    }
}
