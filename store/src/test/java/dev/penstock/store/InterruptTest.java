package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An interrupt is the thread's own, whatever it is doing with a store. */
class InterruptTest {

    @TempDir
    Path directory;

    /** A cancelled task interrupts its thread: that must hurt nobody, least of all the other threads. */
    @Test
    void anInterruptedThreadCanDoEverythingAndDisturbsNobody() throws InterruptedException {
        byte[] large = random(500_000, 1);
        List<String> failures = new CopyOnWriteArrayList<>();
        Thread interrupted = new Thread(() -> {
            Thread.currentThread().interrupt();
            try (Store store = Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20))) {
                store.put(bytes("small"), bytes("value"));
                store.put(bytes("large"), large);
                store.sync();
                try (ValueView view = store.get(bytes("large"))) {
                    assertArrayEquals(large, view.toByteArray());
                }
                for (int i = 0; i < 10; i++) {
                    store.put(bytes("key" + i), random(200_000, i));
                }
                store.compact(ProgressListener.NONE);
                Thread other = new Thread(() -> {
                    assertArrayEquals(large, store.getBytes(bytes("large")));
                    store.put(bytes("other"), bytes("value"));
                    store.sync();
                });
                other.setUncaughtExceptionHandler((thread, error) -> failures.add("other: " + error));
                other.start();
                Thread.interrupted();
                other.join();
                Thread.currentThread().interrupt();
                assertTrue(Thread.currentThread().isInterrupted(), "the interrupt is the thread's own");
            } catch (InterruptedException e) {
                failures.add(e.toString());
            }
            assertTrue(Thread.interrupted(), "after close too");
        });
        interrupted.setUncaughtExceptionHandler((thread, error) -> failures.add(error.toString()));
        interrupted.start();
        interrupted.join();
        assertEquals(List.of(), failures);
        try (Store store = Store.open(directory)) {
            assertArrayEquals(large, store.getBytes(bytes("large")));
            assertTrue(store.contains(bytes("other")));
        }
    }
}
