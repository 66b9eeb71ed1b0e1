package dev.penstock.store.internal.log;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupCommitTest {

    private static final int ATTEMPTS = 3;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    private volatile CountDownLatch force = new CountDownLatch(0);

    /** Otherwise it would sleep until its time is up, and the next force would yield to a thread that has left. */
    @Test
    void aWriterThatWaitsForAForceOfLargeValuesIsWokenAtItsEnd() throws InterruptedException {
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.FORCE) {
                awaitUninterruptibly(force);
            }
        });
        StoreOptions options = StoreOptions.defaults().withSegmentSize(1 << 20);
        try (Store store = StoreAccess.open(disk, directory, options)) {
            GroupCommit commit = StoreAccess.owner(store).groupCommit;
            boolean woken = false;
            // A waiter that looks just as the force ends may list itself too late, and leave on its own.
            for (int attempt = 0; attempt < ATTEMPTS && !woken; attempt++) {
                store.put(bytes("large" + attempt), random(300_000, attempt));
                force = new CountDownLatch(1);
                Thread forcing = Thread.ofPlatform().start(commit::forceUnforced);
                Thread waiting = Thread.ofPlatform().start(() -> {
                    while (!commit.isForcing()) {
                        Thread.onSpinWait();
                    }
                    commit.await();
                });
                while (LockSupport.getBlocker(waiting) != commit) {
                    Thread.onSpinWait();
                }
                force.countDown();
                forcing.join();
                waiting.join();
                woken = commit.wakeWaiters() == 0;
            }
            assertTrue(woken, "the writer is still listed");
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
