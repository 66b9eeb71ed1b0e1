package dev.penstock.server.keyspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.keyspace.Keyspace.Condition;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an overlay has read holds when it commits, or nothing is written. */
class OverlayTest {

    @TempDir
    Path directory;

    private Store store;

    @BeforeEach
    void open() {
        store = Store.open(directory);
        store.put(bytes("k"), bytes("old"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text));
    }

    private String stored(String key) {
        byte[] value = store.getBytes(bytes(key));
        return value == null ? null : new String(value, UTF_8);
    }

    private static void put(Overlay overlay, String key, String value) {
        overlay.put(buffer(key), buffer(value), Store.NO_EXPIRY, Condition.ALWAYS);
    }

    /** Whether an overlay commits that reads, and then writes another key, when a key changes in between. */
    private boolean commits(Consumer<Overlay> reading, Runnable change) {
        try (Overlay overlay = new Overlay(store, new ChunkPool().requests())) {
            reading.accept(overlay);
            change.run();
            put(overlay, "written", "yes");
            boolean committed = overlay.commit();
            assertEquals(committed ? "yes" : null, stored("written"));
            return committed;
        }
    }

    @Test
    void nothingIsWrittenIfSomethingReadHasChanged() {
        List<Consumer<Overlay>> readings = List.of(
                overlay -> overlay.contains(buffer("k")),
                overlay -> overlay.get(buffer("k")).close(),
                overlay -> overlay.remove(buffer("k")),
                overlay -> overlay.copy(buffer("k"), buffer("copy")),
                overlay -> overlay.put(buffer("k"), buffer("new"), Store.NO_EXPIRY, Condition.IF_PRESENT),
                overlay -> overlay.expect(buffer("k"), Overlay.version(store, bytes("k"))));
        for (Consumer<Overlay> reading : readings) {
            assertFalse(commits(reading, () -> store.put(bytes("k"), bytes("changed"))));
            assertFalse(commits(reading, () -> store.setExpiry(bytes("k"), Instant.MAX)));
            assertEquals("changed", stored("k"));
        }
        assertFalse(
                commits(overlay -> overlay.contains(buffer("absent")), () -> store.put(bytes("absent"), bytes("v"))));
        assertFalse(commits(overlay -> overlay.contains(buffer("k")), () -> store.remove(bytes("k"))));
    }

    @Test
    void whatWasOnlyWrittenMayHaveChanged() {
        assertTrue(commits(overlay -> put(overlay, "k", "mine"), () -> store.put(bytes("k"), bytes("theirs"))));
        assertEquals("mine", stored("k"));
    }

    @Test
    void aLookAtSeveralKeysIsOfOneMoment() {
        try (Overlay overlay = new Overlay(store, new ChunkPool().requests())) {
            overlay.contains(buffer("k"));
            assertTrue(overlay.commit());
            store.put(bytes("k"), bytes("changed"));
            assertFalse(overlay.commit());
        }
    }

    /** What is held is verified before the commit, also where another value has taken its place. */
    @Test
    void aLongValueThatIsStillToBeVerifiedIsNoWorkForTheEventLoop() {
        Path verified = directory.resolve("verified");
        try (Store verifying = Store.open(verified, StoreOptions.defaults().withVerifyOnRead(true));
                Overlay overlay = new Overlay(verifying, new ChunkPool().requests())) {
            verifying.put(bytes("long"), new byte[5 << 20]);
            overlay.copy(buffer("long"), buffer("copy"));
            put(overlay, "copy", "short");
            assertTrue(overlay.isLarge());
            assertTrue(overlay.commit());
        }
    }

    @Test
    void clearingDependsOnWhatWasReadAndKeepsWhatIsWrittenAfterwards() {
        try (Overlay overlay = new Overlay(store, new ChunkPool().requests())) {
            overlay.contains(buffer("k"));
            put(overlay, "before", "v");
            overlay.clear();
            put(overlay, "after", "v");
            store.put(bytes("k"), bytes("changed"));
            assertFalse(overlay.commit());
            assertEquals("changed", stored("k"));
        }
        try (Overlay overlay = new Overlay(store, new ChunkPool().requests())) {
            put(overlay, "before", "v");
            overlay.clear();
            assertNull(overlay.get(buffer("k")));
            put(overlay, "after", "v");
            assertEquals(1, overlay.count());
            assertTrue(overlay.commit());
        }
        assertEquals(1, store.count());
        assertEquals("v", stored("after"));
    }

    @Test
    void keysAreThoseOfTheStoreWithTheChanges() {
        store.put(bytes("removed"), bytes("v"));
        try (Overlay overlay = new Overlay(store, new ChunkPool().requests())) {
            put(overlay, "added", "v");
            put(overlay, "k", "changed");
            overlay.put(buffer("expired"), buffer("v"), 1, Condition.ALWAYS);
            overlay.remove(buffer("removed"));
            List<String> keys = new ArrayList<>();
            overlay.scan(0, Integer.MAX_VALUE, key -> keys.add(new String(key, UTF_8)));
            keys.sort(null);
            assertEquals(List.of("added", "k"), keys);
            assertEquals(2, overlay.count());
        }
    }
}
