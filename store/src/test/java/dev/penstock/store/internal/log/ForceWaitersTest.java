package dev.penstock.store.internal.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ForceWaitersTest {

    private static final int THREADS = 3;

    private final ForceWaiters waiters = new ForceWaiters();

    /** A thread that forces must not be kept by those that it wakes, and yields as often as it woke somebody. */
    @Test
    void waitersThatListThemselvesAgainAtOnceAreWokenOnce() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(THREADS);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                ForceWaiters.Waiter waiter = new ForceWaiters.Waiter();
                waiters.list(waiter);
                begun.countDown();
                while (!done.get()) {
                    waiters.list(waiter);
                }
            }));
        }
        begun.await();
        int woken = 0;
        for (int round = 0; round < 200_000; round++) {
            int count = waiters.wakeAll();
            assertTrue(count <= THREADS, count + " of " + THREADS + " were woken");
            woken += count;
        }
        done.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(woken >= THREADS, woken + " were woken");
    }

    @Test
    void whoIsListedIsWoken() throws InterruptedException {
        CountDownLatch listed = new CountDownLatch(THREADS);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                waiters.list(new ForceWaiters.Waiter());
                listed.countDown();
                LockSupport.park();
            }));
        }
        listed.await();
        assertEquals(THREADS, waiters.wakeAll());
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, waiters.wakeAll());
    }
}
