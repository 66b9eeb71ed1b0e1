package dev.penstock.store.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;

/** Whoever closes a store may be interrupted; what its threads are at is not. */
class AgentThreadTest {

    private static final Set<Thread.State> WAITING = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

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
