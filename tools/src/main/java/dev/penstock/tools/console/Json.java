package dev.penstock.tools.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.penstock.store.ValueView;
import dev.penstock.tools.text.KeyText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * What a script reads and writes: one JSON object a line. A key or value that is UTF-8 text is {@code "key"} or {@code
 * "value"}; anything else, and a value over 1 MiB, is base64 as {@code "key64"} or {@code "value64"}. An entry that
 * expires has {@code "expires"}, in milliseconds since 1970. What {@code scan --json --values} prints is what {@code
 * load} takes. Only a reader of whole objects uses {@link #MAPPER}: {@code load} reads entries piece by piece.
 */
public final class Json {

    public static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET, JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM)
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING);

    /** A longer value is written in base64, whether or not it is text. */
    public static final long MAX_TEXT_LENGTH = 1 << 20;

    private Json() {}

    public static void line(Console console, Object value) throws IOException {
        console.out().write(MAPPER.writeValueAsBytes(value));
        console.out().write('\n');
    }

    /** Prints one entry as a line: key, length, sequence, its expiry if it has one, and on request the value. */
    public static void entry(Console console, byte[] key, ValueView value, boolean withValue) throws IOException {
        entry(console.out(), key, value, withValue);
    }

    /** Writes one entry as a line, as it is printed. */
    public static void entry(OutputStream out, byte[] key, ValueView value, boolean withValue) throws IOException {
        try (JsonGenerator generator = MAPPER.createGenerator(out)) {
            generator.writeStartObject();
            writeBytes(generator, "key", key);
            generator.writeNumberField("length", value.length());
            generator.writeNumberField("sequence", value.version());
            Instant expiry = value.expiry();
            if (expiry != null) {
                generator.writeNumberField("expires", expiry.toEpochMilli());
            }
            if (withValue) {
                writeValue(generator, value);
            }
            generator.writeEndObject();
        }
        out.write('\n');
    }

    private static void writeValue(JsonGenerator generator, ValueView value) throws IOException {
        if (value.length() <= MAX_TEXT_LENGTH) {
            writeBytes(generator, "value", value.toByteArray());
        } else {
            generator.writeFieldName("value64");
            writeBase64(generator, value);
        }
    }

    /** By the JDK's encoder: that of the generator puts a line break into what is longer than 1.5 GiB. */
    private static void writeBase64(JsonGenerator generator, ValueView value) throws IOException {
        generator.writeRawValue("\"");
        generator.flush();
        writeBase64((OutputStream) generator.getOutputTarget(), value);
        generator.writeRaw('"');
    }

    /** Writes a value in base64, a piece at a time. */
    public static void writeBase64(OutputStream out, ValueView value) throws IOException {
        byte[] piece = new byte[48 << 10];
        long offset = 0;
        while (offset < value.length()) {
            // A multiple of three, so that there is padding at the end only.
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            offset += value.copyTo(offset, bytes);
            out.write(Base64.getEncoder().encode(Arrays.copyOf(piece, bytes.position())));
        }
    }

    /** Writes bytes as text in the field of this name if they are UTF-8, else as base64 in that with "64" added. */
    public static void writeBytes(JsonGenerator generator, String name, byte[] bytes) throws IOException {
        String text = KeyText.text(bytes);
        if (text != null) {
            generator.writeStringField(name, text);
        } else {
            generator.writeBinaryField(name + "64", bytes);
        }
    }
}
