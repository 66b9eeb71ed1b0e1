package dev.penstock.server.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.store.Store;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedKeysTest {

    @TempDir
    Path directory;

    private static byte[] key(int number) {
        return new byte[] {(byte) number};
    }

    /** A client may watch hundreds of thousands of keys, and no turn may take so long. */
    @Test
    void aComparisonGoesOnWhereItWasUntilAChangeIsSeen() {
        MemoryBudget memory = new ChunkPool().requests();
        WatchedKeys watched = new WatchedKeys();
        try (Store store = Store.open(directory)) {
            for (int i = 0; i < 25; i++) {
                watched.add(key(i), store, memory);
            }
            WatchedKeys.VersionComparison unchanged = watched.comparison(store);
            assertFalse(unchanged.goOn(10));
            assertFalse(unchanged.goOn(10));
            assertTrue(unchanged.goOn(10));
            assertFalse(unchanged.hasSeenChange());
            store.put(key(12), key(0));
            WatchedKeys.VersionComparison changed = watched.comparison(store);
            assertFalse(changed.goOn(10));
            assertFalse(changed.hasSeenChange());
            assertTrue(changed.goOn(10));
            assertTrue(changed.hasSeenChange());
            watched.close();
            assertEquals(0, memory.used());
        }
    }
}
