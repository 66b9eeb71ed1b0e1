package dev.penstock.typed.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.typed.Codecs;
import dev.penstock.typed.TypedStore;
import dev.penstock.typed.UndecodableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records are stored as JSON that other programs can read, and whatever else is stored is refused in one way. */
class JsonCodecTest {

    /** A value. */
    public record Order(String customer, List<String> items, double total) {}

    private static final Order ORDER = new Order("Grüße & Co.", List.of("tea", "cup"), 12.5);

    @TempDir
    Path directory;

    private TypedStore<String, Order> open() {
        return TypedStore.open(directory, Codecs.strings(), JsonCodec.of(Order.class));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aRecordIsStoredAsJson() {
        try (TypedStore<String, Order> orders = open()) {
            orders.put("1", ORDER);
            assertEquals(ORDER, orders.get("1"));
            assertEquals(
                    "{\"customer\":\"Grüße & Co.\",\"items\":[\"tea\",\"cup\"],\"total\":12.5}",
                    new String(orders.store().getBytes(bytes("1")), StandardCharsets.UTF_8));
            Order long_ = new Order("x".repeat(3 << 20), List.of(), 0);
            orders.put("long", long_);
            assertEquals(long_, orders.get("long"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "{",
                "[]",
                "\"text\"",
                "{\"customer\":",
                "{\"customer\":\"a\"} {}",
                "{\"customer\":\"a\"}x",
                "{\"unknown\":1}",
                "{\"total\":\"many\"}",
                "{\"customer\":\"\u0001\"}",
                "\u0000\u0001\u0002"
            })
    void whatIsNoJsonOfTheRecordIsRefused(String json) {
        try (TypedStore<String, Order> orders = open()) {
            orders.store().put(bytes("key"), bytes(json));
            UndecodableException refused = assertThrows(UndecodableException.class, () -> orders.get("key"));
            String codec = "JSON " + Order.class.getName();
            assertEquals(codec, refused.codec());
            assertTrue(
                    refused.getMessage()
                            .startsWith("the codec \"" + codec + "\" cannot decode the value of the key 0x6b6579: "),
                    refused.getMessage());
        }
    }

    /** A parser that follows every bracket would end the thread by a stack overflow. */
    @Test
    void deepNestingIsRefused() {
        try (TypedStore<String, Order> orders = open()) {
            orders.store().put(bytes("key"), bytes("{\"items\":" + "[".repeat(100_000)));
            assertThrows(UndecodableException.class, () -> orders.get("key"));
        }
        try (TypedStore<String, Object> any =
                TypedStore.open(directory, Codecs.strings(), JsonCodec.of(Object.class))) {
            any.store().put(bytes("key"), bytes("[".repeat(100_000)));
            assertThrows(UndecodableException.class, () -> any.get("key"));
        }
    }

    @Test
    void anObjectThatJacksonCannotWriteIsRefusedAndNotStored() {
        try (TypedStore<String, Object> any =
                TypedStore.open(directory, Codecs.strings(), JsonCodec.of(Object.class))) {
            assertThrows(IllegalArgumentException.class, () -> any.put("key", new Object() {}));
            assertEquals(0, any.store().count());
        }
    }

    @Test
    void aMapperDecidesWhatIsTolerated() {
        JsonMapper tolerant = JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        try (TypedStore<String, Order> orders =
                TypedStore.open(directory, Codecs.strings(), JsonCodec.of(Order.class, tolerant))) {
            orders.store().put(bytes("key"), bytes("{\"customer\":\"a\",\"later\":1}"));
            assertEquals("a", orders.get("key").customer());
        }
    }

    @Test
    void genericTypesAndKeysAreStored() {
        record Place(String street, int number) {}
        JsonCodec<Map<String, List<Integer>>> lists =
                JsonCodec.of(new TypeReference<>() {}, JsonMapper.builder().build());
        try (TypedStore<Place, Map<String, List<Integer>>> typed =
                TypedStore.open(directory, JsonCodec.of(Place.class), lists)) {
            typed.put(new Place("Main", 1), Map.of("a", List.of(1, 2)));
            assertEquals(Map.of("a", List.of(1, 2)), typed.get(new Place("Main", 1)));
            assertEquals(
                    List.of(new Place("Main", 1)), List.copyOf(typed.asMap().keySet()));
        }
    }
}
