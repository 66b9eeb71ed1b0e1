package dev.penstock.typed.json;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import dev.penstock.typed.Codec;
import dev.penstock.typed.EncodeBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A codec of records, and of whatever else Jackson can read and write, as JSON. Jackson reads from the mapped page. It
 * refuses an unknown property, unless it gets a mapper that does not, and anything that follows the JSON.
 *
 * <p>For keys use types whose JSON is always the same: records of strings, numbers and enums are, maps and sets may not
 * be.
 *
 * <p>Thread-safe. A mapper must not be configured any more once it is passed to a codec.
 *
 * @param <T> type of the objects
 */
public final class JsonCodec<T> implements Codec<T> {

    private static final ObjectMapper DEFAULT_MAPPER = JsonMapper.builder().build();

    private final String name;
    private final ObjectReader reader;
    private final ObjectWriter writer;

    private JsonCodec(ObjectMapper mapper, JavaType type) {
        this.name = "JSON " + type.toCanonical();
        this.reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        this.writer = mapper.writerFor(type);
    }

    /**
     * Returns the codec of a class, with Jackson's default settings.
     *
     * @param type the class
     * @return the codec
     * @param <T> type of the objects
     */
    public static <T> JsonCodec<T> of(Class<T> type) {
        return of(type, DEFAULT_MAPPER);
    }

    /**
     * Returns the codec of a class.
     *
     * @param type the class
     * @param mapper has the settings of Jackson
     * @return the codec
     * @param <T> type of the objects
     */
    public static <T> JsonCodec<T> of(Class<T> type, ObjectMapper mapper) {
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    /**
     * Returns the codec of a generic type.
     *
     * @param type the type, as in {@code new TypeReference<List<String>>() {}}
     * @param mapper has the settings of Jackson
     * @return the codec
     * @param <T> type of the objects
     */
    public static <T> JsonCodec<T> of(TypeReference<T> type, ObjectMapper mapper) {
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    @Override
    public void encode(T value, EncodeBuffer target) {
        try {
            writer.writeValue(target, value);
        } catch (IOException e) {
            throw new IllegalArgumentException("Jackson cannot write the object as " + name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public T decode(MemorySegment bytes) {
        @Nullable T value;
        try {
            value = reader.readValue(new ByteBufferBackedInputStream(bytes.asByteBuffer()));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        if (value == null) {
            throw new IllegalArgumentException("it is the JSON null");
        }
        return value;
    }

    @Override
    public String name() {
        return name;
    }
}
