package dev.penstock.store.internal.reclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several threads take a lease each and end the one that was taken last. So one is held at every moment. */
class LeaseCountTest {

    private static final int THREADS = 3;
    private static final int LOOKS = 500_000;

    private final AtomicInteger reclaimed = new AtomicInteger();
    private final Reclaimer reclaimer = new Reclaimer(new Reclaimer.Schedule() {
        @Override
        public void wakeUp() {}

        @Override
        public void lookAgainAfter(long nanos) {}
    });
    private final LeaseCount leases = new LeaseCount(reclaimed::incrementAndGet, reclaimer);

    @Test
    void aLeaseThatIsHandedFromThreadToThreadIsSeenAtEveryMoment() throws InterruptedException {
        AtomicInteger last = new AtomicInteger(leases.hold());
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    leases.release(last.getAndSet(leases.hold()));
                }
            }));
        }
        int missed = 0;
        for (int look = 0; look < LOOKS; look++) {
            missed += leases.isHeld() ? 0 : 1;
        }
        done.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, missed, "of " + LOOKS + " looks missed the lease");
        leases.release(last.get());
        assertFalse(leases.isHeld());
    }

    @Test
    void whatIsRetiredMeanwhileIsReclaimedWhenTheLastLeaseEndsAndNotBefore() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            LeaseCount retiring = new LeaseCount(reclaimed::incrementAndGet, reclaimer);
            AtomicInteger last = new AtomicInteger(retiring.hold());
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int move = 0; move < 2_000; move++) {
                        retiring.release(last.getAndSet(retiring.hold()));
                    }
                }));
            }
            retiring.retire();
            for (Thread thread : threads) {
                thread.join();
            }
            reclaimer.doWork();
            assertEquals(round, reclaimed.get(), "reclaimed under a lease");
            assertEquals(Leased.NO_LEASE, retiring.acquire());
            retiring.release(last.get());
            reclaimer.doWork();
            assertEquals(round + 1, reclaimed.get(), "never reclaimed");
        }
    }
}
