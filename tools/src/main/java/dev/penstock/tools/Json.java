package dev.penstock.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.store.ValueView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * What a script reads and writes: one JSON object a line. A key or value that is UTF-8 text is {@code "key"} or
 * {@code "value"}; anything else, and a value over 1 MiB, is base64 as {@code "key64"} or {@code "value64"}. What
 * {@code scan --json --values} prints is what {@code load} takes.
 */
final class Json {

    static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET, JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    private static final long MAX_TEXT_LENGTH = 1 << 20;

    private Json() {}

    static void line(Console console, Object value) throws IOException {
        console.out().write(MAPPER.writeValueAsBytes(value));
        console.out().write('\n');
    }

    /** One entry as a line: key, length, sequence, and the value too if asked for. */
    static void entry(Console console, byte[] key, ValueView value, boolean withValue) throws IOException {
        try (JsonGenerator generator = MAPPER.createGenerator(console.out())) {
            generator.writeStartObject();
            writeBytes(generator, "key", key);
            generator.writeNumberField("length", value.length());
            generator.writeNumberField("sequence", value.sequence());
            if (withValue) {
                writeValue(generator, key, value);
            }
            generator.writeEndObject();
        }
        console.out().write('\n');
    }

    private static void writeValue(JsonGenerator generator, byte[] key, ValueView value) throws IOException {
        if (value.length() <= MAX_TEXT_LENGTH) {
            writeBytes(generator, "value", value.toByteArray());
        } else if (value.length() <= Integer.MAX_VALUE) {
            generator.writeFieldName("value64");
            generator.writeBinary(new ValueStream(value), (int) value.length());
        } else {
            throw new ToolException(
                    ExitCode.NEGATIVE,
                    "the value of " + KeyText.escape(key) + " is too long for JSON (" + value.length()
                            + " bytes); 'penstock get' prints it");
        }
    }

    private static void writeBytes(JsonGenerator generator, String name, byte[] bytes) throws IOException {
        String text = KeyText.text(bytes);
        if (text != null) {
            generator.writeStringField(name, text);
        } else {
            generator.writeBinaryField(name + "64", bytes);
        }
    }

    /** A value from its first byte to its last. */
    private static final class ValueStream extends InputStream {
        private final ValueView value;
        private long offset;

        ValueStream(ValueView value) {
            this.value = value;
        }

        @Override
        public int read(byte[] target, int from, int length) {
            int copied = value.copyTo(offset, ByteBuffer.wrap(target, from, length));
            offset += copied;
            return copied == 0 && length > 0 ? -1 : copied;
        }

        @Override
        public int read() {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
        }
    }
}
