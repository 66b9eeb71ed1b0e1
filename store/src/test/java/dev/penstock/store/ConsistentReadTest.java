package dev.penstock.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of several keys belong to one moment, whatever others write. */
public class ConsistentReadTest {

    private static final int KEYS = 12;
    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir
    Path directory;

    private static byte[] key(int i) {
        return ("key " + i).getBytes(UTF_8);
    }

    private static byte[] number(int n) {
        return Integer.toString(n).getBytes(UTF_8);
    }

    private static int read(Store store, int i) {
        byte[] value = store.getBytes(key(i));
        return value == null ? 0 : Integer.parseInt(new String(value, UTF_8));
    }

    private static List<Integer> readAll(Store store, ConsistentRead moment) {
        int[] values = new int[KEYS];
        IntStream.range(0, KEYS).forEach(i -> moment.add(key(i)));
        moment.run(() -> IntStream.range(0, KEYS).forEach(i -> values[i] = read(store, i)));
        return IntStream.of(values).distinct().boxed().toList();
    }

    /** What a writer does again and again. */
    @FunctionalInterface
    private interface Step {
        void take(int round);
    }

    private static void whileWriting(Step step, Runnable reading) throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        Thread writer = Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, e) -> failures.add(e))
                .start(() -> {
                    for (int round = 1; !done.get(); round++) {
                        step.take(round);
                    }
                });
        try {
            reading.run();
        } finally {
            done.set(true);
            writer.join();
        }
        assertEquals(List.of(), failures);
    }

    @Test
    void aBatchIsSeenAsAWholeOrNotAtAll() throws InterruptedException {
        try (Store store = Store.open(directory, SMALL)) {
            whileWriting(
                    round -> {
                        WriteBatch batch = new WriteBatch();
                        IntStream.range(0, KEYS).forEach(i -> batch.put(key(i), number(round)));
                        store.write(batch);
                    },
                    () -> {
                        ConsistentRead moment = store.consistentRead();
                        for (int n = 0; n < 30_000; n++) {
                            List<Integer> seen = readAll(store, moment);
                            assertEquals(1, seen.size(), "of different batches: " + seen);
                        }
                    });
        }
    }

    /** Keys are raised one after the other: at any moment the values descend, by one at the most. */
    @Test
    void noSingleWriteFallsBetweenReads() throws InterruptedException {
        try (Store store = Store.open(directory, SMALL)) {
            IntStream.range(0, KEYS).forEach(i -> store.put(key(i), number(0)));
            whileWriting(round -> IntStream.range(0, KEYS).forEach(i -> store.put(key(i), number(round))), () -> {
                ConsistentRead moment = store.consistentRead();
                for (int n = 0; n < 30_000; n++) {
                    List<Integer> seen = readAll(store, moment);
                    boolean oneMoment = seen.size() == 1 || seen.size() == 2 && seen.get(0) - seen.get(1) == 1;
                    assertTrue(oneMoment, "of different moments: " + seen);
                }
            });
        }
    }

    @Test
    void aStoreThatIsClearedIsEmptyForAllKeysAtOnce() throws InterruptedException {
        try (Store store = Store.open(directory, SMALL)) {
            whileWriting(
                    round -> {
                        WriteBatch batch = new WriteBatch();
                        IntStream.range(0, KEYS).forEach(i -> batch.put(key(i), number(1)));
                        store.write(batch);
                        store.clear();
                    },
                    () -> {
                        ConsistentRead moment = store.consistentRead();
                        for (int n = 0; n < 10_000; n++) {
                            assertEquals(1, readAll(store, moment).size());
                        }
                    });
        }
    }

    @Test
    void aFollowerSeesABatchAsAWholeOrNotAtAll() throws InterruptedException {
        try (Store owner = Store.open(directory, SMALL);
                Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            Random random = new Random(1);
            whileWriting(
                    round -> {
                        WriteBatch batch = new WriteBatch();
                        IntStream.range(0, KEYS).forEach(i -> batch.put(key(i), number(round)));
                        batch.put(key(KEYS + random.nextInt(1000)), number(round));
                        owner.write(batch);
                    },
                    () -> {
                        ConsistentRead moment = follower.consistentRead();
                        for (int n = 0; n < 30_000; n++) {
                            List<Integer> seen = readAll(follower, moment);
                            assertEquals(1, seen.size(), "of different batches: " + seen);
                        }
                    });
        }
    }

    @Test
    void clearingDependsOnWhatIsExpected() {
        try (Store store = Store.open(directory, SMALL)) {
            store.put(key(0), number(1));
            long version;
            try (ValueView view = store.get(key(0))) {
                version = view.version();
            }
            assertFalse(store.replaceAll(new WriteBatch().expectVersion(key(0), version + 1)));
            assertFalse(store.replaceAll(
                    new WriteBatch().expectVersion(key(0), version).expectVersion(key(1), version)));
            assertEquals(1, store.count());
            assertTrue(store.replaceAll(
                    new WriteBatch().expectVersion(key(0), version).expectVersion(key(1), 0)));
            assertEquals(0, store.count());
        }
    }
}
