package dev.penstock.store.internal.recovery;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.LiveFile;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.internal.log.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version that a client has seen never comes to stand for another value. */
class SequenceTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);

    @TempDir
    Path temporary;

    /** What a power cut leaves that takes everything since now, except what is forced meanwhile: nothing, here. */
    private Path image(Path directory, String name) throws IOException {
        Path image = Files.createDirectory(temporary.resolve(name));
        try (Stream<Path> paths = Files.list(directory)) {
            for (Path path : paths.toList()) {
                if (!path.endsWith("LOCK")) {
                    LiveFile.copy(path, image.resolve(path.getFileName()));
                }
            }
        }
        return image;
    }

    private static long version(Store store, String key) {
        try (ValueView view = store.get(bytes(key))) {
            return view.version();
        }
    }

    @Test
    void aVersionThatAPowerCutTookMatchesNothingAfterwards() throws IOException {
        Path place = temporary.resolve("store");
        Set<Long> seen = new HashSet<>();
        for (int life = 0; life < 5; life++) {
            Path left;
            try (Store store = Store.open(place, OPTIONS)) {
                store.put(bytes("key"), bytes("kept " + life));
                assertTrue(seen.add(version(store, "key")), "life " + life);
                store.sync();
                left = image(place, "life" + life);
                for (int i = 0; i < 10; i++) {
                    store.put(bytes("key"), bytes("lost " + life));
                    assertTrue(seen.add(version(store, "key")), "life " + life);
                }
            }
            place = left;
        }
    }

    @Test
    void aConditionOnAVersionThatWasLostDoesNotHold() throws IOException {
        Path place = temporary.resolve("store");
        Path left;
        long lost;
        try (Store store = Store.open(place, OPTIONS)) {
            store.put(bytes("key"), bytes("kept"));
            store.sync();
            left = image(place, "left");
            store.put(bytes("key"), bytes("lost"));
            lost = version(store, "key");
        }
        try (Store store = Store.open(left, OPTIONS)) {
            assertArrayEquals(bytes("kept"), store.getBytes(bytes("key")));
            store.put(bytes("key"), bytes("other"));
            assertFalse(store.put(
                    bytes("key"), bytes("wrong"), WriteOptions.defaults().ifVersion(lost)));
            WriteBatch batch =
                    new WriteBatch().expectVersion(bytes("key"), lost).put(bytes("key"), bytes("wrong"));
            assertFalse(store.write(batch));
            assertArrayEquals(bytes("other"), store.getBytes(bytes("key")));
        }
    }

    /** An owner that only opens the store after the power cut, or dies at once, has said so all the same. */
    @Test
    void anOpeningThatWritesNothingDoesNotForgetThePowerCut() throws IOException {
        Path place = temporary.resolve("store");
        Path left;
        long lost;
        try (Store store = Store.open(place, OPTIONS)) {
            store.sync();
            left = image(place, "left");
            store.put(bytes("key"), bytes("lost"));
            lost = version(store, "key");
        }
        Store.open(left, OPTIONS).close();
        try (Store store = Store.open(left, OPTIONS)) {
            store.put(bytes("key"), bytes("other"));
            assertTrue(version(store, "key") > lost + Log.MAX_UNFORCED_RECORDS / 2);
        }
    }

    @Test
    void aNewStoreAndOneThatWasClosedGoOnWithTheNextVersion() throws IOException {
        Path place = temporary.resolve("store");
        long first;
        try (Store store = Store.open(place, OPTIONS)) {
            store.put(bytes("key"), bytes("first"));
            first = version(store, "key");
            assertEquals(1, first);
        }
        try (Store store = Store.open(place, OPTIONS)) {
            store.put(bytes("key"), bytes("second"));
            assertTrue(version(store, "key") < first + 10, "version " + version(store, "key"));
        }
    }

    /** Else more versions than are passed over could be lost. */
    @Test
    void theLogIsForcedBeforeTooMuchOfItIsNotDurable() throws IOException {
        AtomicInteger forces = new AtomicInteger();
        try (Store store = Store.open(temporary.resolve("store"), OPTIONS)) {
            StoreAccess.owner(store).log.mostUnforcedBytes(3 << 20);
            StoreAccess.owner(store).log.forceBy(() -> {
                forces.incrementAndGet();
                StoreAccess.owner(store).groupCommit.await();
            });
            for (int i = 0; i < 100; i++) {
                store.put(bytes("key" + i), random(200_000, i));
            }
            assertTrue(forces.get() >= 3 && forces.get() <= 7, forces + " forces of 20 MiB");
        }
    }
}
