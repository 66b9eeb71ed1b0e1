package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When {@code close} returns, the store is closed, on whatever thread. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClosingTest {

    @TempDir
    Path directory;

    private Path path;
    private Store store;

    @BeforeEach
    void open() {
        path = directory.resolve("store");
        store = Store.open(path, StoreOptions.defaults().withSegmentSize(1 << 20));
        store.setCompactionRate(0); // leaves something to compact
        for (int i = 0; i < 30_000; i++) {
            store.put(bytes("key" + i % 10_000), new byte[100]);
        }
    }

    private static Thread start(Runnable work, CompletableFuture<?> outcome) {
        return Thread.ofPlatform().start(() -> {
            try {
                work.run();
                outcome.complete(null);
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
    }

    /** Waits until a thread waits for others, or has ended. */
    private static Thread.State settled(Thread thread) {
        while (true) {
            Thread.State state = thread.getState();
            if (state == Thread.State.WAITING || state == Thread.State.TERMINATED) {
                return state;
            }
            Thread.onSpinWait();
        }
    }

    private boolean isClosed() {
        try {
            store.count();
            return false;
        } catch (StoreClosedException e) {
            return true;
        }
    }

    @Test
    void theSecondCallReturnsWhenTheFirstIsOver() throws Exception {
        CountDownLatch compacting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread compaction = start(
                () -> store.compact((done, total) -> {
                    compacting.countDown();
                    while (goOn.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                }),
                new CompletableFuture<>());
        compacting.await();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Thread first = start(store::close, closed);
        while (!isClosed()) {
            Thread.onSpinWait();
        }
        CompletableFuture<Void> reopened = new CompletableFuture<>();
        List<Thread> seconds = new ArrayList<>();
        seconds.add(start(
                () -> {
                    store.close();
                    Store.open(path).close();
                },
                reopened));
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        seconds.add(Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            store.close();
            interrupted.complete(Thread.currentThread().isInterrupted());
        }));
        for (Thread second : seconds) {
            assertEquals(Thread.State.WAITING, settled(second));
            second.interrupt();
        }
        goOn.countDown();
        closed.get(30, TimeUnit.SECONDS);
        reopened.get(30, TimeUnit.SECONDS);
        assertTrue(interrupted.get(30, TimeUnit.SECONDS));
        compaction.join();
        first.join();
    }

    @Test
    void aListenerOfCompactionCannotCloseTheStore() {
        assertThrows(IllegalStateException.class, () -> store.compact((done, total) -> store.close()));
        store.put(bytes("after"), bytes("value"));
        store.compact(ProgressListener.NONE);
        store.close();
        try (Store again = Store.open(path)) {
            assertArrayEquals(bytes("value"), again.getBytes(bytes("after")));
            assertEquals(10_001, again.count());
        }
    }

    @Test
    void aListenerOfABackupMayCloseTheStore() {
        Path target = directory.resolve("backup");
        assertThrows(StoreClosedException.class, () -> store.backup(target, (done, total) -> store.close()));
        try (Store again = Store.open(path)) {
            again.backup(target, ProgressListener.NONE);
        }
        try (Store backup = Store.open(target)) {
            assertEquals(10_000, backup.count());
        }
    }

    @Test
    void aVisitorMayCloseTheStore() {
        assertThrows(StoreClosedException.class, () -> store.forEach((key, value) -> store.close()));
        Store.open(path).close();
    }
}
