package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A walk along all entries is of one moment, stops anywhere, and keeps nothing afterwards. */
class EntriesTest {

    private static final int KEYS = 3000;
    private static final List<String> IN_ORDER =
            IntStream.range(0, KEYS).mapToObj(i -> "key" + i).toList();

    @TempDir
    Path directory;

    private final AtomicLong now = new AtomicLong(1000);
    private Store store;

    @BeforeEach
    void fill() {
        store = Store.open(
                directory,
                StoreOptions.defaults().withSegmentSize(1 << 20).withClock(() -> Instant.ofEpochMilli(now.get())));
        store.put(bytes("removed"), bytes("value"));
        store.put(bytes("expired"), bytes("value"), Expiries.expiring(now.get() + 1));
        for (int i = 0; i < KEYS; i++) {
            store.put(bytes("key" + i), bytes("overwritten"));
        }
        for (int i = 0; i < KEYS; i++) {
            store.put(bytes("key" + i), value(i));
        }
        store.remove(bytes("removed"));
        now.addAndGet(1);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] value(int i) {
        return random(i == 1000 ? 300_000 : 600, i);
    }

    private static String text(Entry entry) {
        return new String(entry.key(), StandardCharsets.US_ASCII);
    }

    @Test
    void aLoopAndAStreamSeeEveryEntryOfTheirMomentInOrder() {
        try (Snapshot snapshot = store.snapshot();
                EntryWalk ofStore = store.entries();
                EntryWalk ofSnapshot = snapshot.entries()) {
            store.clear();
            store.put(bytes("later"), bytes("value"));
            store.compact(ProgressListener.NONE);
            List<String> keys = new ArrayList<>();
            for (Entry entry : ofStore) {
                assertArrayEquals(value(keys.size()), entry.value().toByteArray());
                keys.add(text(entry));
            }
            assertEquals(IN_ORDER, keys);
            try (Stream<Entry> stream = ofSnapshot.stream()) {
                assertEquals(IN_ORDER, stream.parallel().map(EntriesTest::text).toList());
            }
        }
        try (EntryWalk entries = store.entries()) {
            Iterator<Entry> walk = entries.iterator();
            for (int i = 0; i < 3; i++) {
                assertTrue(walk.hasNext(), "asking does not step");
            }
            assertEquals("later", text(walk.next()));
            assertFalse(walk.hasNext());
            assertThrows(NoSuchElementException.class, walk::next);
        }
    }

    /** Also of the memory of the snapshot: what is dead can be compacted away afterwards. */
    @Test
    void aWalkThatStopsEarlyKeepsNothing() {
        List<Entry> kept;
        try (Stream<Entry> stream = store.entries().stream()) {
            kept = stream.limit(3).toList();
            assertEquals(
                    List.of("key0", "key1", "key2"),
                    kept.stream().map(EntriesTest::text).toList());
            assertThrows(StoreClosedException.class, kept.getFirst().value()::toByteArray, "not the bytes of another");
            assertArrayEquals(value(2), kept.getLast().value().toByteArray());
        }
        assertThrows(StoreClosedException.class, kept.getLast().value()::toByteArray);
        try (EntryWalk entries = store.entries()) {
            for (Entry entry : entries) {
                if (text(entry).equals("key1000")) {
                    assertEquals(300_000, entry.value().length());
                    break;
                }
            }
        }
        store.clear();
        store.compact(ProgressListener.NONE);
        assertEquals(0, store.stats().largeValueCount());
    }

    @Test
    void theMisuseOfAWalkIsNamed() {
        EntryWalk entries = store.entries();
        Iterator<Entry> walk = entries.iterator();
        assertThrows(IllegalStateException.class, entries::iterator);
        assertThrows(IllegalStateException.class, entries::stream);
        walk.next();
        entries.close();
        entries.close();
        assertThrows(StoreClosedException.class, walk::hasNext);
        Iterator<Entry> ofClosedStore = store.entries().iterator();
        Entry entry = ofClosedStore.next();
        store.close();
        assertThrows(StoreClosedException.class, ofClosedStore::next);
        assertThrows(StoreClosedException.class, entry.value()::toByteArray);
        assertThrows(StoreClosedException.class, store::entries);
    }
}
