package dev.penstock.typed;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.CorruptionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No value is made of a damaged one, whose checksum would match, where reads do not verify. */
class DamagedValueTest {

    @TempDir
    Path directory;

    @BeforeEach
    void damage() throws IOException {
        try (TypedStore<String, String> store = open()) {
            store.put("k", "the value");
        }
        Path log = directory.resolve("0000000001.log");
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int at = Files.readString(log, ISO_8859_1).indexOf("the value");
            channel.write(ByteBuffer.wrap(new byte[] {'T'}), at);
        }
    }

    private TypedStore<String, String> open() {
        return TypedStore.open(directory, Codecs.strings(), Codecs.strings());
    }

    @Test
    void computeRefusesADamagedValue() {
        try (TypedStore<String, String> store = open()) {
            Map<String, String> map = store.asMap();
            assertThrows(CorruptionException.class, () -> store.compute("k", value -> value + "!"));
            assertThrows(CorruptionException.class, () -> map.compute("k", (key, value) -> value + "!"));
            assertThrows(CorruptionException.class, () -> map.computeIfPresent("k", (key, value) -> value + "!"));
            assertThrows(CorruptionException.class, () -> map.merge("k", "!", String::concat));
            assertEquals("The value", store.get("k"));
        }
    }

    @Test
    void replaceAllRefusesADamagedValue() {
        try (TypedStore<String, String> store = open()) {
            assertThrows(CorruptionException.class, () -> store.asMap().replaceAll((key, value) -> value + "!"));
            assertEquals("The value", store.get("k"));
        }
    }

    @Test
    void aDamagedValueCanBeReplacedByAnother() {
        try (TypedStore<String, String> store = open()) {
            assertEquals("The value", store.asMap().replace("k", "sound"));
            assertEquals("sound!", store.compute("k", value -> value + "!"));
        }
    }
}
