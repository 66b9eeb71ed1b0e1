package dev.penstock.store.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;

/** Whoever closes a store may be interrupted; what its threads are at is not. */
class AgentThreadTest {

    private static final Set<Thread.State> WAITING = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private static final int MOST_LOOKS = 5_000;

    private final CountDownLatch working = new CountDownLatch(1);
    private final AtomicBoolean goesOn = new AtomicBoolean();
    private final AtomicBoolean isAgentInterrupted = new AtomicBoolean();
    private final AtomicBoolean isCloserInterrupted = new AtomicBoolean();

    private final class BusyAgent implements Agent {

        @Override
        public int doWork() {
            working.countDown();
            while (!goesOn.get()) {
                Thread.onSpinWait();
            }
            if (Thread.currentThread().isInterrupted()) {
                isAgentInterrupted.set(true);
            }
            return 0;
        }

        @Override
        public String roleName() {
            return "busy";
        }
    }

    @Test
    void aCloseThatIsInterruptedWaitsForTheAgentsAndInterruptsNone() throws InterruptedException {
        AgentThread agents = new AgentThread("agents");
        agents.start(new BusyAgent());
        working.await();
        Thread closer = Thread.ofPlatform().start(() -> {
            agents.close();
            isCloserInterrupted.set(Thread.interrupted());
        });
        awaitWaiting(closer);
        closer.interrupt();
        while (closer.isInterrupted()) {
            Thread.onSpinWait();
        }
        awaitWaiting(closer);
        goesOn.set(true);
        closer.join();
        assertFalse(isAgentInterrupted.get(), "the agent was interrupted");
        assertTrue(isCloserInterrupted.get(), "the interrupt is lost");
    }

    /** The JVM interrupts a thread that is reading what another one releases. */
    @Test
    void agentsWhoseThreadIsInterruptedWhileTheyWorkGoOn() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(4);
        Logger.getLogger("dev.penstock.store").setLevel(Level.OFF);
        try (AgentThread agents = new AgentThread("agents")) {
            agents.start(new Agent() {
                @Override
                public int doWork() {
                    Thread.currentThread().interrupt();
                    runs.countDown();
                    if (runs.getCount() == 2) {
                        throw new IllegalStateException("of the test");
                    }
                    return 0;
                }

                @Override
                public String roleName() {
                    return "interrupted";
                }
            });
            for (int i = 0; i < MOST_LOOKS && !runs.await(1, TimeUnit.MILLISECONDS); i++) {
                agents.wakeUp();
            }
        } finally {
            Logger.getLogger("dev.penstock.store").setLevel(null);
        }
        assertEquals(0, runs.getCount(), "the thread has ended");
    }

    @Test
    void theThreadHasTheNameThatItWasGiven() throws InterruptedException {
        AtomicReference<String> name = new AtomicReference<>();
        try (AgentThread agents = new AgentThread("agents")) {
            agents.start(new Agent() {
                @Override
                public int doWork() {
                    name.set(Thread.currentThread().getName());
                    working.countDown();
                    return 0;
                }

                @Override
                public String roleName() {
                    return "role";
                }
            });
            working.await();
        }
        assertEquals("agents", name.get());
    }

    private static void awaitWaiting(Thread thread) {
        while (!WAITING.contains(thread.getState())) {
            assertTrue(thread.isAlive(), "it did not wait");
            Thread.onSpinWait();
        }
    }
}
