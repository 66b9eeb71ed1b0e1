package dev.penstock.typed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Durability;
import dev.penstock.store.ReadOnlyStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteOptions;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A typed store does with objects what the store does with bytes. */
class TypedStoreTest {

    @TempDir
    Path directory;

    private TypedStore<String, Long> counts;

    @BeforeEach
    void open() {
        counts = TypedStore.open(directory, Codecs.strings(), Codecs.longs());
    }

    @AfterEach
    void close() {
        counts.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatWasPutIsReadAndRemoved() {
        assertNull(counts.get("a"));
        assertFalse(counts.contains("a"));
        counts.put("a", 1L);
        counts.put("a", 2L);
        assertEquals(2L, counts.get("a"));
        assertTrue(counts.contains("a"));
        assertFalse(counts.putIfAbsent("a", 3L));
        assertTrue(counts.putIfAbsent("b", 3L));
        assertTrue(counts.remove("a"));
        assertFalse(counts.remove("a"));
        assertNull(counts.get("a"));
        assertEquals(3L, counts.get("b"));
    }

    @Test
    void aWriteWithTheVersionThatWasReadIsRefusedAfterAnother() {
        counts.put("a", 1L);
        TypedEntry<String, Long> entry = counts.getEntry("a");
        WriteOptions unchanged = WriteOptions.defaults().ifVersion(entry.version());
        assertTrue(counts.put("a", 2L, unchanged));
        assertFalse(counts.put("a", 3L, unchanged));
        assertFalse(counts.remove("a", unchanged));
        assertEquals(2L, counts.get("a"));
        assertNull(counts.getEntry("absent"));
    }

    @Test
    void anExpiryIsKeptByComputeAndLostByPut() {
        Instant expiry = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MILLIS);
        counts.put("a", 1L, WriteOptions.defaults().expiresAt(expiry));
        assertEquals(2L, counts.compute("a", count -> count + 1));
        assertEquals(expiry, counts.store().expiryOf(bytes("a")));
        counts.put("a", 1L);
        assertNull(counts.store().expiryOf(bytes("a")));
        counts.put("a", 1L, WriteOptions.defaults().expiresIn(Duration.ZERO));
        assertNull(counts.get("a"));
    }

    @Test
    void computeStoresReplacesAndRemoves() {
        assertNull(counts.compute("a", count -> null));
        assertEquals(1L, counts.compute("a", count -> count == null ? 1 : count + 1));
        assertEquals(2L, counts.compute("a", count -> count == null ? 1 : count + 1));
        assertNull(counts.compute("a", count -> null));
        assertFalse(counts.contains("a"));
    }

    @Test
    void computeBeginsAgainWhenAnotherWriterWasFirst() {
        counts.put("a", 1L);
        List<Long> seen = new ArrayList<>();
        Long computed = counts.compute("a", count -> {
            seen.add(count);
            if (seen.size() == 1) {
                counts.put("a", 1L); // the same value, in another version
            }
            return count + 1;
        });
        assertEquals(2L, computed);
        assertEquals(List.of(1L, 1L), seen);
    }

    @Test
    void aBatchIsWrittenAsAWholeOrNotAtAll() {
        counts.put("old", 1L);
        long version = counts.getEntry("old").version();
        TypedBatch<String, Long> batch =
                counts.newBatch().put("a", 1L).put("b", 2L).remove("old").expectVersion("old", version);
        assertEquals(3, batch.size());
        assertTrue(counts.write(batch, Durability.ALWAYS));
        assertEquals(1L, counts.get("a"));
        assertFalse(counts.contains("old"));
        batch.put("c", 3L);
        assertFalse(counts.write(batch));
        assertNull(counts.get("c"));
        batch.clear();
        batch.put("d", 4L, WriteOptions.defaults().ifPresent()).remove("a", WriteOptions.defaults());
        assertFalse(counts.write(batch));
        assertEquals(1L, counts.get("a"));
    }

    @Test
    void aWalkOverTheEntriesMayStopEarly() {
        for (long i = 0; i < 100; i++) {
            counts.put("key" + i, i);
        }
        try (TypedEntries<String, Long> entries = counts.entries()) {
            Iterator<TypedEntry<String, Long>> walk = entries.iterator();
            assertEquals("key0", walk.next().key());
            assertEquals(1L, walk.next().value());
            counts.put("later", -1L);
        }
        Map<String, Long> all = new TreeMap<>();
        try (TypedEntries<String, Long> entries = counts.entries();
                Stream<TypedEntry<String, Long>> stream = entries.stream()) {
            stream.forEach(entry -> {
                assertEquals(counts.getEntry(entry.key()), entry);
                all.put(entry.key(), entry.value());
            });
        }
        assertEquals(101, all.size());
        assertEquals(new TreeMap<>(counts.asMap()), all);
    }

    @Test
    void nullIsNoKeyAndNoValue() {
        assertThrows(NullPointerException.class, () -> counts.get(null));
        assertThrows(NullPointerException.class, () -> counts.put(null, 1L));
        assertThrows(NullPointerException.class, () -> counts.put("a", null));
        assertThrows(NullPointerException.class, () -> counts.remove(null));
        assertThrows(NullPointerException.class, () -> counts.newBatch().put("a", null));
    }

    @Test
    void closingATypedStoreClosesTheStoreThatItOpened() {
        counts.close();
        counts.close();
        assertThrows(StoreClosedException.class, () -> counts.get("a"));
        assertThrows(StoreClosedException.class, () -> counts.put("a", 1L));
        assertThrows(StoreClosedException.class, () -> counts.asMap().size());
        Store.open(directory).close();
    }

    @Test
    void closingATypedStoreLeavesTheStoreOfItsCallerOpen(@TempDir Path other) {
        try (Store store = Store.open(other)) {
            TypedStore.over(store, Codecs.strings(), Codecs.longs()).close();
            store.put(bytes("a"), new byte[Long.BYTES]);
            try (TypedStore<String, Long> again = TypedStore.over(store, Codecs.strings(), Codecs.longs())) {
                assertEquals(0L, again.get("a"));
                assertEquals(store, again.store());
            }
        }
    }

    @Test
    void aReadOnlyStoreIsReadAndNotWritten() {
        counts.put("a", 1L);
        StoreOptions readOnly = StoreOptions.defaults().withReadOnly(true);
        try (TypedStore<String, Long> follower =
                TypedStore.open(directory, readOnly, Codecs.strings(), Codecs.longs())) {
            follower.store().refresh();
            assertEquals(1L, follower.get("a"));
            assertThrows(ReadOnlyStoreException.class, () -> follower.put("a", 2L));
            assertThrows(ReadOnlyStoreException.class, () -> follower.asMap().put("a", 2L));
            assertEquals(1, follower.asMap().size());
        }
    }

    // --- bytes of others ---

    @Test
    void aValueThatCannotBeDecodedNamesItsKeyAndTheCodec() {
        counts.store().put(bytes("a"), bytes("five5"));
        UndecodableException thrown = assertThrows(UndecodableException.class, () -> counts.get("a"));
        assertEquals(
                "the codec \"long\" cannot decode the value of the key 0x61: it has 5 bytes, not 8",
                thrown.getMessage());
        assertEquals("61", thrown.keyPrefix());
        assertEquals("long", thrown.codec());
        assertNotNull(thrown.getCause());
        assertThrows(UndecodableException.class, () -> counts.getEntry("a"));
        assertThrows(UndecodableException.class, () -> counts.compute("a", count -> 1L));
        assertThrows(UndecodableException.class, () -> counts.asMap().get("a"));
        assertThrows(UndecodableException.class, () -> counts.asMap().put("a", 1L));
        counts.put("a", 1L);
        assertEquals(1L, counts.get("a"), "it can be replaced");
    }

    /** The key would seem absent, and an iteration would have no element. */
    @Test
    void aCodecThatDecodesNullCannotDecode(@TempDir Path other) {
        Codec<Long> nothing = new Codec<>() {
            @Override
            public void encode(Long value, EncodeBuffer target) {
                target.writeLong(value);
            }

            @Override
            @SuppressWarnings("NullAway") // the fault that is tested
            public Long decode(MemorySegment bytes) {
                return null;
            }

            @Override
            public String name() {
                return "nothing";
            }
        };
        try (TypedStore<Long, Long> store = TypedStore.open(other, nothing, nothing)) {
            store.put(1L, 1L);
            UndecodableException value = assertThrows(UndecodableException.class, () -> store.get(1L));
            assertTrue(value.getMessage().endsWith(": it returned null"), value.getMessage());
            UndecodableException key = assertThrows(
                    UndecodableException.class,
                    () -> store.asMap().keySet().iterator().next());
            assertTrue(key.getMessage().endsWith(": it returned null"), key.getMessage());
        }
    }

    @Test
    void aLongKeyIsShownByItsBeginning() {
        counts.store().put(bytes("k".repeat(40)), bytes("v"));
        UndecodableException thrown = assertThrows(UndecodableException.class, () -> counts.get("k".repeat(40)));
        assertTrue(thrown.getMessage().contains("0x" + "6b".repeat(16) + "... (40 bytes)"), thrown.getMessage());
    }

    @Test
    void aWalkGoesOnBehindWhatCannotBeDecoded() {
        counts.put("a", 1L);
        counts.store().put(new byte[] {-1}, new byte[Long.BYTES]);
        counts.store().put(bytes("b"), bytes("v"));
        counts.put("c", 3L);
        List<String> found = new ArrayList<>();
        try (TypedEntries<String, Long> entries = counts.entries()) {
            for (Iterator<TypedEntry<String, Long>> walk = entries.iterator(); walk.hasNext(); ) {
                found.add(shown(walk));
            }
        }
        assertEquals(
                List.of(
                        "a",
                        "the codec \"UTF-8 string\" cannot decode the key 0xff: it is not UTF-8: Input length = 1",
                        "the codec \"long\" cannot decode the value of the key 0x62: it has 1 bytes, not 8",
                        "c"),
                found);
        List<String> inMap = new ArrayList<>();
        for (Iterator<Map.Entry<String, Long>> walk = counts.asMap().entrySet().iterator(); walk.hasNext(); ) {
            try {
                inMap.add(walk.next().getKey());
            } catch (UndecodableException e) {
                inMap.add(e.getMessage());
                assertThrows(IllegalStateException.class, walk::remove);
            }
        }
        assertEquals(found.stream().sorted().toList(), inMap.stream().sorted().toList());
    }

    private static String shown(Iterator<TypedEntry<String, Long>> walk) {
        try {
            return walk.next().key();
        } catch (UndecodableException e) {
            return e.getMessage();
        }
    }

    /** The page is not there any more when the codec looks. */
    @Test
    void aStoreThatIsClosedUnderACodecIsNotTakenForBadBytes(@TempDir Path other) {
        Store store = Store.open(other);
        Codec<Long> closing = Codecs.longs().map("closing", value -> value, value -> value);
        Codec<Long> codec = new Codec<>() {
            @Override
            public void encode(Long value, EncodeBuffer target) {
                closing.encode(value, target);
            }

            @Override
            public Long decode(MemorySegment bytes) {
                store.close();
                return closing.decode(bytes);
            }

            @Override
            public String name() {
                return "closing";
            }
        };
        try (TypedStore<String, Long> typed = TypedStore.over(store, Codecs.strings(), codec)) {
            typed.put("a", 1L);
            assertThrows(StoreClosedException.class, () -> typed.get("a"));
        }
    }
}
