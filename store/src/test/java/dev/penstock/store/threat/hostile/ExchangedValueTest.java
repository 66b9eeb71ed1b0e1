package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.check.Finding;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * While a store is closed, the file of a large value is exchanged for another that has its name, its store id and its
 * number: one of a copy of the store that went its own way. Nothing but the record in the file tells the two apart.
 */
public class ExchangedValueTest {

    private static final StoreOptions SMALL =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final int LENGTH = 300_000;
    private static final String FILE = "0000000001.value";

    @TempDir
    Path root;

    /** Two stores of one identity, each with one large value of the same number. */
    private Path[] diverged(String key, byte[] value, String otherKey, byte[] otherValue) {
        Path store = root.resolve("store");
        Path other = root.resolve("other");
        try (Store opened = Store.open(store, SMALL)) {
            opened.put(bytes("small"), bytes("value"));
            opened.backup(other, ProgressListener.NONE);
            opened.put(bytes(key), value);
        }
        try (Store opened = Store.open(other, SMALL)) {
            // Each of the two has the lower sequence once.
            opened.put(bytes("small"), bytes("value"));
            opened.put(bytes(otherKey), otherValue);
        }
        return new Path[] {store, other};
    }

    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of("another key", "beta", random(LENGTH, 2)),
                Arguments.of("another value of the key", "alfa", random(LENGTH, 2)),
                Arguments.of("a longer value of the key", "alfa", random(LENGTH + 5_000, 2)));
    }

    @ParameterizedTest
    @MethodSource("others")
    void theFileOfAnotherValueIsNamedAndNeverServed(String what, String otherKey, byte[] otherValue)
            throws IOException {
        Path[] stores = diverged("alfa", random(LENGTH, 1), otherKey, otherValue);
        exchange(stores[0], stores[1]);
        for (Path store : stores) {
            if (what.startsWith("a longer") && store.equals(stores[1])) {
                continue; // It got the shorter file, which is named for its length.
            }
            for (boolean hasCheckpoint : new boolean[] {true, false}) {
                if (!hasCheckpoint) {
                    Files.delete(store.resolve("CHECKPOINT"));
                }
                for (boolean readOnly : new boolean[] {true, false}) {
                    CorruptionException refused = assertThrows(
                            CorruptionException.class, () -> Store.open(store, SMALL.withReadOnly(readOnly)));
                    assertEquals(FILE, refused.file());
                    assertTrue(refused.getMessage().contains("another record"), refused.getMessage());
                }
                VerifyReport report = StoreVerifier.verify(store, ProgressListener.NONE);
                assertFalse(report.isSound(), what);
                assertTrue(report.findings().stream().map(Finding::file).anyMatch(FILE::equals), what);
            }
        }
        exchange(stores[0], stores[1]);
        try (Store store = Store.open(stores[0], SMALL)) {
            assertArrayEquals(random(LENGTH, 1), store.getBytes(bytes("alfa")));
        }
    }

    private static void exchange(Path one, Path other) throws IOException {
        Path aside = one.resolveSibling("aside");
        Files.move(one.resolve(FILE), aside);
        Files.move(other.resolve(FILE), one.resolve(FILE));
        Files.move(aside, other.resolve(FILE), StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * A reference that was written anew, or moved by compaction, still leads to the value that was stored before it.
     */
    @Test
    void aReferenceThatIsWrittenAnewLeadsToTheSameValue() {
        Path store = root.resolve("store");
        try (Store opened = Store.open(store, SMALL)) {
            opened.write(new WriteBatch().put(bytes("alfa"), random(LENGTH, 1)).put(bytes("beta"), random(LENGTH, 2)));
            for (int i = 0; i < 2_000; i++) {
                opened.put(bytes("small"), new byte[1_000]);
            }
            opened.setExpiry(bytes("alfa"), Instant.MAX);
            opened.compact(ProgressListener.NONE);
        }
        for (boolean readOnly : new boolean[] {true, false}) {
            try (Store opened = Store.open(store, SMALL.withReadOnly(readOnly))) {
                assertArrayEquals(random(LENGTH, 1), opened.getBytes(bytes("alfa")));
                assertArrayEquals(random(LENGTH, 2), opened.getBytes(bytes("beta")));
            }
        }
        assertEquals(
                List.of(), StoreVerifier.verify(store, ProgressListener.NONE).findings());
    }
}
