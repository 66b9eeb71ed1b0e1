package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * While a store is closed, a file of it is exchanged for that of a copy of the store that went its own way. Name, store
 * id and number fit; only the keys do not.
 */
public class DivergedCopyTest {

    private static final StoreOptions SMALL =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final int SHARED = 300;

    @TempDir
    Path root;

    /** Two stores of one identity with the same beginning. */
    private Path[] diverged(int count, int length, int otherLength) {
        Path store = root.resolve("store");
        Path other = root.resolve("other");
        try (Store opened = Store.open(store, SMALL)) {
            for (int i = 0; i < SHARED; i++) {
                opened.put(bytes("shared" + i), random(1_000, i));
            }
            opened.backup(other, ProgressListener.NONE);
        }
        write(store, "here", count, length);
        write(other, "over", count, otherLength);
        return new Path[] {store, other};
    }

    private static void write(Path place, String prefix, int count, int length) {
        try (Store opened = Store.open(place, SMALL)) {
            for (int i = 0; i < count; i++) {
                opened.put(bytes(prefix + i), random(length, i));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5,1000,1000",
        "5,1000,1001",
        "400,1000,1000",
        "400,1000,1001",
        "4000,1000,1000",
        "4000,1000,900",
        "4000,10,10"
    })
    void theCheckpointOfADivergedCopyHidesNoKey(int count, int length, int otherLength) throws IOException {
        Path[] stores = diverged(count, length, otherLength);
        exchange(stores, "CHECKPOINT");
        for (Path store : stores) {
            removeIfItSaysThatTheLogIsLonger(store);
        }
        for (boolean readOnly : new boolean[] {true, false}) {
            assertWhole(stores[0], readOnly, "here", count, length);
            assertWhole(stores[1], readOnly, "over", count, otherLength);
        }
    }

    /** That may be so: then nobody but the user knows which of the two files is the wrong one. */
    private static void removeIfItSaysThatTheLogIsLonger(Path place) throws IOException {
        try {
            Store.open(place, SMALL.withReadOnly(true)).close();
        } catch (CorruptionException refused) {
            assertTrue(refused.getMessage().contains("remove CHECKPOINT"), refused.getMessage());
            Files.delete(place.resolve("CHECKPOINT"));
        }
    }

    private static void assertWhole(Path place, boolean readOnly, String prefix, int count, int length) {
        try (Store opened = Store.open(place, SMALL.withReadOnly(readOnly))) {
            assertEquals(SHARED + count, opened.count());
            for (int i = 0; i < SHARED; i++) {
                assertArrayEquals(random(1_000, i), opened.getBytes(bytes("shared" + i)));
            }
            for (int i = 0; i < count; i++) {
                assertArrayEquals(random(length, i), opened.getBytes(bytes(prefix + i)), prefix + i);
            }
        }
    }

    /** Which of the two a key belongs to nobody can tell then; but what the log has can be read and written. */
    @ParameterizedTest
    @CsvSource({"0000000002.log,CHECKPOINT", "0000000002.log,", "0000000003.log,"})
    void withASegmentOfADivergedCopyEveryKeyOfTheLogIsFound(String segment, String alsoExchanged) throws IOException {
        Path[] stores = diverged(4_000, 1_000, 1_000);
        exchange(stores, segment);
        if (alsoExchanged != null) {
            exchange(stores, alsoExchanged);
        }
        for (Path store : stores) {
            try (Store opened = Store.open(store, SMALL)) {
                long[] seen = new long[1];
                opened.forEach((key, value) -> {
                    seen[0]++;
                    assertArrayEquals(value.toByteArray(), opened.getBytes(key));
                });
                assertEquals(opened.count(), seen[0]);
                for (int i = 0; i < 4_000; i++) {
                    opened.contains(bytes("here" + i));
                    opened.put(bytes("over" + i), bytes("new"));
                }
                opened.compact(ProgressListener.NONE);
                assertTrue(opened.contains(bytes("over1")));
            }
        }
    }

    private static void exchange(Path[] stores, String file) throws IOException {
        Path aside = stores[0].resolveSibling("aside");
        Files.move(stores[0].resolve(file), aside);
        Files.move(stores[1].resolve(file), stores[0].resolve(file));
        Files.move(aside, stores[1].resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
}
