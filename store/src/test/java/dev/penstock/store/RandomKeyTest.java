package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomKeyTest {

    @TempDir
    Path directory;

    private final Random random = new Random(42);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void everyKeyHasItsChance() {
        for (int count : new int[] {1, 3, 2_000}) {
            try (Store store = Store.open(directory.resolve("" + count))) {
                Set<String> all = new HashSet<>();
                for (int i = 0; i < count; i++) {
                    store.put(bytes("key:" + i), bytes("v"));
                    all.add("key:" + i);
                }
                Set<String> seen = new HashSet<>();
                for (int i = 0; i < 80 * count; i++) {
                    seen.add(new String(store.randomKey(random), StandardCharsets.UTF_8));
                }
                assertEquals(all, seen);
            }
        }
    }

    @Test
    void whatIsGoneIsNeverFound() {
        AtomicLong now = new AtomicLong(1_000);
        StoreOptions options = StoreOptions.defaults().withClock(() -> Instant.ofEpochMilli(now.get()));
        try (Store store = Store.open(directory, options)) {
            assertEquals(now.get(), store.clock().millis());
            assertNull(store.randomKey(random));
            store.put(bytes("removed"), bytes("v"));
            store.put(bytes("expired"), bytes("v"), Expiries.expiring(2_000));
            store.remove(bytes("removed"));
            now.set(2_000);
            assertNull(store.randomKey(random));
        }
    }
}
