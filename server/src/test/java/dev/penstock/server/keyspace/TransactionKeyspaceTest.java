package dev.penstock.server.keyspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.keyspace.Keyspace.Condition;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a transaction has read holds when it commits, or nothing is written. */
class TransactionKeyspaceTest {

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

    private static void put(TransactionKeyspace keyspace, String key, String value) {
        keyspace.put(buffer(key), buffer(value), Keyspace.NO_EXPIRY, Condition.ALWAYS);
    }

    /** Whether a transaction that reads one key and writes another commits when a key changes in between. */
    private boolean commits(Consumer<TransactionKeyspace> reading, Runnable change) {
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            reading.accept(keyspace);
            change.run();
            put(keyspace, "written", "yes");
            boolean committed = keyspace.commit();
            assertEquals(committed ? "yes" : null, stored("written"));
            return committed;
        }
    }

    @Test
    void nothingIsWrittenIfSomethingReadHasChanged() {
        List<Consumer<TransactionKeyspace>> readings = List.of(
                keyspace -> keyspace.contains(buffer("k")),
                keyspace -> keyspace.get(buffer("k")).close(),
                keyspace -> keyspace.remove(buffer("k")),
                keyspace -> keyspace.copy(buffer("k"), buffer("copy")),
                keyspace -> keyspace.put(buffer("k"), buffer("new"), Keyspace.NO_EXPIRY, Condition.IF_PRESENT),
                keyspace -> keyspace.expect(buffer("k"), TransactionKeyspace.version(store, bytes("k"))));
        for (Consumer<TransactionKeyspace> reading : readings) {
            assertFalse(commits(reading, () -> store.put(bytes("k"), bytes("changed"))));
            assertFalse(commits(reading, () -> store.setExpiry(bytes("k"), Instant.MAX)));
            assertEquals("changed", stored("k"));
        }
        assertFalse(
                commits(keyspace -> keyspace.contains(buffer("absent")), () -> store.put(bytes("absent"), bytes("v"))));
        assertFalse(commits(keyspace -> keyspace.contains(buffer("k")), () -> store.remove(bytes("k"))));
    }

    @Test
    void whatWasOnlyWrittenMayHaveChanged() {
        assertTrue(commits(keyspace -> put(keyspace, "k", "mine"), () -> store.put(bytes("k"), bytes("theirs"))));
        assertEquals("mine", stored("k"));
    }

    @Test
    void aLookAtSeveralKeysIsOfOneMoment() {
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            keyspace.contains(buffer("k"));
            assertTrue(keyspace.commit());
            store.put(bytes("k"), bytes("changed"));
            assertFalse(keyspace.commit());
        }
    }

    /** What is held is verified before the commit, also where another value has taken its place. */
    @Test
    void aLongValueThatIsStillToBeVerifiedIsNoWorkForTheEventLoop() {
        Path verified = directory.resolve("verified");
        try (Store verifying = Store.open(verified, StoreOptions.defaults().withVerifyOnRead(true));
                TransactionKeyspace keyspace = new TransactionKeyspace(verifying, new ChunkPool().requests())) {
            verifying.put(bytes("long"), new byte[5 << 20]);
            keyspace.copy(buffer("long"), buffer("copy"));
            put(keyspace, "copy", "short");
            assertTrue(keyspace.isLarge());
            assertTrue(keyspace.commit());
        }
    }

    @Test
    void clearingDependsOnWhatWasReadAndKeepsWhatIsWrittenAfterwards() {
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            keyspace.contains(buffer("k"));
            put(keyspace, "before", "v");
            keyspace.clear();
            put(keyspace, "after", "v");
            store.put(bytes("k"), bytes("changed"));
            assertFalse(keyspace.commit());
            assertEquals("changed", stored("k"));
        }
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            put(keyspace, "before", "v");
            keyspace.clear();
            assertNull(keyspace.get(buffer("k")));
            put(keyspace, "after", "v");
            assertEquals(1, keyspace.count(new Turn()));
            assertTrue(keyspace.commit());
        }
        assertEquals(1, store.count());
        assertEquals("v", stored("after"));
    }

    @Test
    void manyKeysAreCountedInTurns() {
        int count = (int) (3 * Turn.STEPS / Turn.KEY_STEPS);
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            for (int i = 0; i < count; i++) {
                put(keyspace, "added" + i, "v");
            }
            Turn turn = new Turn();
            long counted = Keyspace.UNFINISHED;
            for (int turns = 0; counted == Keyspace.UNFINISHED; turns++) {
                turn.begin();
                counted = keyspace.count(turn);
                assertEquals(turns < 2, counted == Keyspace.UNFINISHED, turns + " turns");
                assertTrue(turn.spent() <= Turn.STEPS + Turn.KEY_STEPS);
            }
            assertEquals(count + 1, counted);
        }
    }

    @Test
    void keysAreThoseOfTheStoreWithTheChanges() {
        store.put(bytes("removed"), bytes("v"));
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            put(keyspace, "added", "v");
            put(keyspace, "k", "changed");
            keyspace.put(buffer("expired"), buffer("v"), 1, Condition.ALWAYS);
            keyspace.remove(buffer("removed"));
            List<String> keys = new ArrayList<>();
            Keyspace.Scan scan = keyspace.scan(0);
            while (!scan.hasCursor() || scan.cursor() != 0) {
                scan.next(Integer.MAX_VALUE, key -> keys.add(new String(key, UTF_8)));
            }
            keys.sort(null);
            assertEquals(List.of("added", "k"), keys);
            assertEquals(2, keyspace.count(new Turn()));
        }
    }

    @Test
    void aScanGoesThroughItsOwnKeysInPages() {
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            for (int i = 0; i < 10_000; i++) {
                put(keyspace, "added" + i, "v");
            }
            Set<String> keys = new HashSet<>();
            Keyspace.Scan scan = keyspace.scan(0);
            while (!scan.hasCursor() || scan.cursor() != 0) {
                int before = keys.size();
                scan.next(1_000_000, key -> keys.add(new String(key, UTF_8)));
                assertTrue(keys.size() - before <= 128, "a page of " + (keys.size() - before));
            }
            assertEquals(10_001, keys.size());
        }
    }

    @Test
    void whatWasWrittenBeforeAClearingIsForgottenWhereverItIsLookedAt() {
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            put(keyspace, "a", "before");
            put(keyspace, "b", "before");
            assertEquals(3, keyspace.count(new Turn()));
            keyspace.clear();
            put(keyspace, "a", "after");
            assertEquals(1, keyspace.count(new Turn()));
            List<String> keys = new ArrayList<>();
            Keyspace.Scan scan = keyspace.scan(0);
            while (!scan.hasCursor() || scan.cursor() != 0) {
                scan.next(10, key -> keys.add(new String(key, UTF_8)));
            }
            assertEquals(List.of("a"), keys);
            assertFalse(keyspace.copy(buffer("b"), buffer("c")));
            assertTrue(keyspace.detach(new Turn()));
            assertTrue(keyspace.commit());
        }
        assertEquals(1, store.count());
        assertEquals("after", stored("a"));
    }

    /** However often it is copied. What is held is verified before the commit, and would be again for each copy. */
    @Test
    void aValueOfTheStoreThatIsCopiedIsHeldOnce() {
        MemoryBudget memory = new ChunkPool().requests();
        StoreOptions options = StoreOptions.defaults().withVerifyOnRead(true);
        try (Store verifying = Store.open(directory.resolve("verified"), options);
                TransactionKeyspace keyspace = new TransactionKeyspace(verifying, memory)) {
            verifying.put(bytes("k"), new byte[100]);
            keyspace.copy(buffer("k"), buffer("copy"));
            long used = memory.used();
            for (int i = 0; i < 100_000; i++) {
                assertTrue(keyspace.copy(buffer("k"), buffer("copy")));
            }
            assertEquals(used, memory.used());
            assertFalse(keyspace.isLarge());
            assertTrue(keyspace.commit());
            assertEquals(100, verifying.getBytes(bytes("copy")).length);
        }
        assertEquals(0, memory.used());
    }

    @Test
    void aValueOfTheTransactionThatIsCopiedIsDetachedOnce() {
        int length = 1 << 20;
        MemoryBudget memory = new ChunkPool().requests();
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, memory)) {
            ByteBuffer value = ByteBuffer.allocateDirect(length);
            keyspace.put(buffer("first"), value, Keyspace.NO_EXPIRY, Condition.ALWAYS);
            for (int i = 0; i < 20; i++) {
                assertTrue(keyspace.copy(buffer("first"), buffer("copy" + i)));
            }
            long before = memory.used();
            assertTrue(keyspace.isLarge());
            assertTrue(keyspace.detach(new Turn()));
            assertEquals(length, memory.used() - before);
            assertTrue(keyspace.commit());
        }
        assertEquals(length, store.getBytes(bytes("copy19")).length);
    }

    @Test
    void aRandomKeyIsLookedForAFewTimesOnly() {
        for (int i = 0; i < 1000; i++) {
            store.put(bytes("key" + i), bytes("v"));
        }
        try (TransactionKeyspace keyspace = new TransactionKeyspace(store, new ChunkPool().requests())) {
            assertTrue(keyspace.randomKey().length > 0);
            for (int i = 0; i < 1000; i++) {
                keyspace.remove(buffer("key" + i));
            }
            keyspace.remove(buffer("k"));
            assertNull(keyspace.randomKey());
        }
    }
}
