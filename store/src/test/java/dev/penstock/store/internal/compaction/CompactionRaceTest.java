package dev.penstock.store.internal.compaction;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compactions one after the other, while others write and read: no write is lost, no reader sees an old value or none.
 */
class CompactionRaceTest {

    private static final int WRITERS = 3;
    private static final int KEYS_OF_EACH = 40;
    private static final int WRITES_OF_EACH = 50_000;

    @TempDir
    Path directory;

    @Test
    @Timeout(120)
    void nothingWrittenDuringACompactionIsLost() throws InterruptedException {
        List<String> failures = new CopyOnWriteArrayList<>();
        StoreOptions options = StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);
        int[][] last = new int[WRITERS][KEYS_OF_EACH];
        try (Store store = Store.open(directory, options)) {
            AtomicBoolean done = new AtomicBoolean();
            Thread compactor = start(failures, () -> {
                while (!done.get()) {
                    store.compact(ProgressListener.NONE);
                }
            });
            List<Thread> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int number = writer;
                writers.add(start(failures, () -> write(store, number, last[number])));
            }
            for (Thread writer : writers) {
                writer.join();
            }
            done.set(true);
            compactor.join();
            assertEquals(List.of(), failures);
            compare(store, last);
        }
        try (Store store = Store.open(directory, options)) {
            compare(store, last);
        }
    }

    /** Writes to its own keys, so that it knows what it must read. */
    private static void write(Store store, int writer, int[] last) {
        for (int n = 1; n <= WRITES_OF_EACH; n++) {
            int key = n * 7 % KEYS_OF_EACH;
            byte[] name = name(writer, key);
            assertArrayEquals(last[key] == 0 ? null : value(last[key]), store.getBytes(name), "before write " + n);
            if (n % 5 == 0) {
                store.remove(name);
                last[key] = 0;
            } else {
                store.put(name, value(n));
                last[key] = n;
            }
        }
    }

    private static void compare(Store store, int[][] last) {
        for (int writer = 0; writer < WRITERS; writer++) {
            for (int key = 0; key < KEYS_OF_EACH; key++) {
                int n = last[writer][key];
                assertArrayEquals(n == 0 ? null : value(n), store.getBytes(name(writer, key)));
            }
        }
    }

    private static byte[] name(int writer, int key) {
        return bytes("writer " + writer + ", key " + key);
    }

    private static byte[] value(int n) {
        return ByteBuffer.allocate(100 + n % 400).putInt(0, n).array();
    }

    private static Thread start(List<String> failures, Runnable task) {
        Thread thread = new Thread(task);
        thread.setUncaughtExceptionHandler((failed, error) -> failures.add(error.toString()));
        thread.start();
        return thread;
    }
}
