package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.recovery.StoreCreation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** At each limit of the format what adds is refused by name, and everything else continues. */
public class NumberLimitsTest {

    private static final int VALUE_LENGTH = 30_000;

    @TempDir
    Path directory;

    private final Logger logger = Logger.getLogger("dev.penstock.store");

    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    private StoreOptions create(int segmentShift, long firstSegment) throws IOException {
        try (DiskDirectory place = new SystemDisk().openDirectory(directory)) {
            new StoreCreation(place).create(new Identity(new UUID(17, segmentShift), segmentShift), firstSegment);
        }
        return StoreOptions.defaults().withVerifyOnRead(true).withCompactionRate(0);
    }

    private static byte[] key(int number) {
        return bytes("key" + number);
    }

    /** Puts until the store refuses it; how many keys there are then. */
    private static int fill(Store store, int from, int most) {
        int count = from;
        while (count < most) {
            try {
                store.put(key(count), random(VALUE_LENGTH, count));
            } catch (StoreFullException full) {
                assertTrue(full.getMessage().contains("Export the store"), full.getMessage());
                return count;
            }
            count++;
        }
        return count;
    }

    private static void check(Store store, int from, int count) {
        for (int i = from; i < count; i++) {
            assertArrayEquals(random(VALUE_LENGTH, i), store.getBytes(key(i)), "key " + i);
        }
        assertEquals(count - from, store.count());
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 20, 26, 30})
    void beyondTheLastSegmentOnlyRemovalsAreWritten(int segmentShift) throws IOException {
        long lastForData = Limits.lastSegment(segmentShift) - Limits.RESERVED_SEGMENTS;
        StoreOptions options = create(segmentShift, lastForData);
        int refused = segmentShift < 21 ? Integer.MAX_VALUE : 20;
        int count;
        try (Store store = Store.open(directory, options)) {
            count = fill(store, 0, refused);
            check(store, 0, count);
            if (segmentShift >= 21) {
                StoreAccess.owner(store).log.rollNow();
            }
        } catch (StoreFullException full) {
            throw new AssertionError("closing", full);
        } catch (IOException full) {
            count = refused;
            assertTrue(full.getMessage().contains("are reserved for removals"), full.getMessage());
        }
        try (Store store = Store.open(directory, options)) {
            check(store, 0, count);
            assertTrue(store.remove(key(0)));
            check(store, 1, count);
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }

    @Test
    void inTheVeryLastSegmentNothingOverflowsAndEverythingIsRead() throws IOException {
        int shift = 17;
        StoreOptions options = create(shift, Limits.lastSegment(shift));
        try (Store store = Store.open(directory, options)) {
            assertThrows(StoreFullException.class, () -> store.put(key(0), bytes("value")));
            assertFalse(store.remove(key(0)));
            assertEquals(0, store.count());
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }

    @Test
    void removalsGoOnInTheReserveOfSegments() throws IOException {
        int shift = 17;
        long last = Limits.lastSegment(shift);
        StoreOptions options = create(shift, last - Limits.RESERVED_SEGMENTS);
        try (Store store = Store.open(directory, options)) {
            int count = fill(store, 0, Integer.MAX_VALUE);
            assertTrue(count >= 3, count + " values in the last segment for data");
            for (int i = 0; i < count; i++) {
                assertTrue(store.remove(key(i)));
            }
            assertEquals(0, store.count());
            assertThrows(StoreFullException.class, () -> store.put(key(0), random(VALUE_LENGTH, 0)));
        }
        try (Store store = Store.open(directory, options)) {
            assertEquals(0, store.count());
        }
    }

    @Test
    void beyondTheLastVersionForDataOnlyRemovalsAreWritten() throws IOException {
        StoreOptions options = create(20, 1);
        long lastForData = Limits.LAST_SEQUENCE - Limits.RESERVED_SEQUENCES;
        try (Store store = Store.open(directory, options)) {
            store.put(key(0), random(VALUE_LENGTH, 0));
            store.put(key(1), random(VALUE_LENGTH, 1));
            StoreAccess.owner(store).log.passSequence(lastForData - 1);
            store.put(key(2), random(VALUE_LENGTH, 2));
            WriteBatch batch = new WriteBatch().put(key(3), bytes("a")).put(key(4), bytes("b"));
            assertThrows(StoreFullException.class, () -> store.write(batch));
            StoreFullException refused =
                    assertThrows(StoreFullException.class, () -> store.put(key(3), random(VALUE_LENGTH, 3)));
            assertTrue(refused.getMessage().contains("version"), refused.getMessage());
            check(store, 0, 3);
            assertTrue(store.remove(key(0)));
        }
        try (Store store = Store.open(directory, options)) {
            check(store, 1, 3);
            assertThrows(StoreFullException.class, () -> store.put(key(3), random(VALUE_LENGTH, 3)));
            StoreAccess.owner(store).log.passSequence(Limits.LAST_SEQUENCE - 2);
            assertThrows(StoreFullException.class, () -> store.remove(key(1)));
            check(store, 1, 3);
        }
        try (Store store = Store.open(directory, options)) {
            check(store, 1, 3);
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }

    @Test
    void beyondTheLastLargeValueOnlySmallOnesAreWritten() throws IOException {
        StoreOptions options = create(20, 1);
        byte[] large = random(300_000, 1);
        try (Store store = Store.open(directory, options)) {
            StoreAccess.engine(store).factory.startAt(2, Limits.LAST_VALUE);
            store.put(bytes("large"), large);
            for (int attempt = 0; attempt < 3; attempt++) {
                StoreFullException refused =
                        assertThrows(StoreFullException.class, () -> store.put(bytes("another"), large));
                assertTrue(refused.getMessage().contains("large values"), refused.getMessage());
            }
            store.put(bytes("small"), bytes("value"));
            assertArrayEquals(large, store.getBytes(bytes("large")));
        }
        assertTrue(Files.exists(directory.resolve(Limits.LAST_VALUE + ".value")));
        try (Store store = Store.open(directory, options)) {
            assertArrayEquals(large, store.getBytes(bytes("large")));
            assertThrows(StoreFullException.class, () -> store.put(bytes("another"), large));
            assertTrue(store.remove(bytes("large")));
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }

    /** The number of a value is no part of any position: nothing that has to do with the log depends on it. */
    @Test
    void highNumbersOfLargeValuesTakeNeitherPositionsNorSegmentNumbers() throws IOException {
        StoreOptions options = create(20, 1);
        byte[] large = random(300_000, 1);
        List<Long> numbers = List.of(1L << 20, 50_000_000L, 1L << 33, 10_000_000_000L, 1L << 53, Limits.LAST_VALUE - 5);
        try (Store store = Store.open(directory, options)) {
            for (long number : numbers) {
                StoreAccess.engine(store).factory.startAt(2, number);
                store.put(bytes("value " + number), large);
                store.putIfAbsent(bytes("short " + number), bytes("x"));
            }
            assertEquals(1, StoreAccess.engine(store).segments.newestNumber());
            assertTrue(store.compact(ProgressListener.NONE) != null);
        }
        for (boolean withCheckpoint : new boolean[] {true, false}) {
            if (!withCheckpoint) {
                Files.delete(directory.resolve("CHECKPOINT"));
            }
            try (Store store = Store.open(directory, options)) {
                for (long number : numbers) {
                    assertArrayEquals(large, store.getBytes(bytes("value " + number)));
                }
                assertEquals(2L * numbers.size(), store.count());
            }
            assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
        }
    }
}
