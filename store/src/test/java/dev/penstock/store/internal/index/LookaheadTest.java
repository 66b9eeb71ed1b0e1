package dev.penstock.store.internal.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory is asked for before it is needed, and never more than the files have. */
class LookaheadTest {

    private static final long SEGMENT_SIZE = 1L << 20;
    private static final int PAGE = 4096;
    private static final int NEAR = 64;

    @TempDir
    Path directory;

    @Test
    void theLastRecordOfAFileThatEndsWithItsPageIsLookedUpAheadWithoutAFault() throws IOException {
        StoreOptions options =
                StoreOptions.defaults().withSegmentSize(SEGMENT_SIZE).withCompactionRate(0);
        try (Store store = Store.open(directory, options)) {
            List<byte[]> keys = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                put(store, keys, 100_000);
            }
            do {
                put(store, keys, 0);
            } while (used(store) % PAGE < PAGE - NEAR);
            int last = keys.size() - 1;
            put(store, keys, 200_000);
            assertEquals(2, store.stats().segments().size(), "the last value did not fit the first segment");
            store.sync(); // only what is durable is trimmed
            awaitTrimmed(store);

            List<Integer> found = new ArrayList<>();
            store.getAll(keys, (index, value) -> {
                assertNotNull(value);
                found.add(index);
            });
            assertTrue(found.contains(last));
            assertEquals(keys.size(), found.size());
        }
    }

    private static void put(Store store, List<byte[]> keys, int length) {
        byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(keys.size()).array();
        keys.add(key);
        store.put(key, new byte[length]);
    }

    private static long used(Store store) {
        return store.stats().segments().getLast().usedBytes();
    }

    private void awaitTrimmed(Store store) throws IOException {
        Path file = directory.resolve(store.stats().segments().getFirst().file());
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (Files.size(file) == SEGMENT_SIZE) {
            assertTrue(System.nanoTime() < deadline, "the unused end of a sealed segment is not given back");
            LockSupport.parkNanos(1_000_000);
        }
    }
}
