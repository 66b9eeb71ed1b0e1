package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.Polling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk fails is equal to the others or stopped, never different, and the group goes on. */
class LocalFaultTest {

    private static final long LIMIT_SECONDS = 60;
    private static final String NO_SPACE = "no space left on device";

    @TempDir
    Path folder;

    /** Before the batch nothing is applied, after it all of it; either way the entries come once. */
    @Test
    void eachApplyThatFailsOnceIsMadeUpFor() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("LocalFaultTest: -Dpenstock.seed=" + seed);
        try (TestGroup group = TestGroup.start(folder)) {
            AtomicInteger failed = new AtomicInteger();
            for (int node = 0; node < TestGroup.SIZE; node++) {
                Random random = new Random(seed + node);
                AtomicBoolean mayFail = new AtomicBoolean(true);
                group.replica(node).trouble(step -> {
                    // A step that has failed succeeds when it comes again.
                    if (mayFail.getAndSet(!mayFail.get()) && random.nextBoolean()) {
                        failed.incrementAndGet();
                        throw new IOException(NO_SPACE);
                    }
                });
            }
            int least = 0;
            int most = 0;
            boolean applied = false;
            // All that nobody knows of is applied, or never will be, when an entry after it is.
            for (int i = 0; i < 20 || !applied; i++) {
                assertTrue(i < 200, "nothing is applied any more");
                applied = false;
                // A leader with a fault hands the lead on, and then nobody knows of an entry whether it is applied.
                switch (group.node(group.leader())
                        .submit(TestGroup.entry("INCR", "counter"))
                        .get(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    case SubmitOutcome.Applied _ -> {
                        applied = true;
                        least++;
                        most++;
                    }
                    case SubmitOutcome.Unknown _ -> most++;
                    case SubmitOutcome.Refused _ -> {
                        // Nothing is done.
                    }
                }
            }
            group.awaitEqual();
            int counted = Integer.parseInt(group.replica(0).get("counter"));
            assertTrue(counted >= least && counted <= most, counted + " of " + least + " to " + most);
            assertTrue(failed.get() > 0, "no apply has failed");
        }
    }

    @Test
    void aFollowerWhoseDiskIsFullWaitsAndCatchesUp() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            group.awaitEqual();
            int follower = group.follower();
            LogPosition before = group.replica(follower).applied();
            group.replica(follower).trouble(_ -> {
                throw new IOException(NO_SPACE);
            });
            for (int i = 0; i < 10; i++) {
                group.apply("INCR", "counter");
            }
            assertTrue(group.event(follower, "fault").cause().toString().contains(NO_SPACE));
            assertEquals(before, group.replica(follower).applied(), "no entry is skipped");
            assertTrue(group.node(follower).status().hasFault());
            group.replica(follower).trouble(_ -> {});
            group.event(follower, "recovery");
            group.awaitEqual();
            assertEquals("11", group.replica(follower).get("counter"));
        }
    }

    /** It would acknowledge nothing, as long as it leads. */
    @Test
    void aLeaderWhoseDiskIsFullHandsTheLeadOn() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            group.awaitEqual();
            int leader = group.leader();
            group.replica(leader).trouble(_ -> {
                throw new IOException(NO_SPACE);
            });
            CompletableFuture<SubmitOutcome> submitted = group.node(leader).submit(TestGroup.entry("INCR", "counter"));
            Polling.await("another leader", () -> group.leader() != leader);
            assertEquals(new SubmitOutcome.Unknown(), submitted.get(LIMIT_SECONDS, TimeUnit.SECONDS));
            group.replica(leader).trouble(_ -> {});
            group.apply("INCR", "counter");
            group.awaitEqual();
            assertEquals("3", group.replica(leader).get("counter"), "what was of unknown outcome is applied, once");
        }
    }

    /** Its own first entry waits behind the others, so that it is never ready. */
    @Test
    void aLeaderWhoseQueueIsFullHandsTheLeadOn() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            group.awaitEqual();
            int first = group.leader();
            int faulty = (first + 1) % TestGroup.SIZE;
            group.stop((first + 2) % TestGroup.SIZE); // so that there is one node to hand the lead to
            group.replica(faulty).trouble(_ -> {
                throw new IOException(NO_SPACE);
            });
            RaftNode behind = group.node(faulty);
            while (behind.status().waiting() < ApplyQueue.MAX_WAITING_ENTRIES) {
                group.apply("INCR", "counter");
            }
            long term = behind.term();
            Polling.await("a hand-over", () -> {
                group.node(first).handOver().get(LIMIT_SECONDS, TimeUnit.SECONDS);
                return group.hasLed(faulty, term);
            });
            Polling.await("the first leader", () -> group.node(first).isReady());
            assertFalse(behind.isReady());
            group.apply("INCR", "counter");
            group.replica(faulty).trouble(_ -> {});
            group.awaitEqual();
        }
    }

    @Test
    void aReplicaWhoseStoreHasFailedStopsAndTheOthersGoOn() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            group.awaitEqual();
            int leader = group.leader();
            group.replica(leader).fail();
            SubmitOutcome outcome = group.node(leader)
                    .submit(TestGroup.entry("INCR", "counter"))
                    .get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertInstanceOf(SubmitOutcome.Unknown.class, outcome, "not acknowledged: this node has not applied it");
            assertTrue(group.event(leader, "stopped").cause().getMessage().contains("the store has failed"));
            assertEquals("1", group.replica(leader).get("counter"));
            group.stop(leader);
            group.apply("INCR", "counter");
            group.start(leader);
            group.awaitEqual();
            assertEquals("3", group.replica(leader).get("counter"));
        }
    }

    /** Its end must not wait for entries that it cannot apply. */
    @Test
    void aNodeWithAFaultCloses() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            int follower = group.follower();
            group.replica(follower).trouble(_ -> {
                throw new IOException(NO_SPACE);
            });
            group.apply("INCR", "counter");
            group.event(follower, "fault");
            group.stop(follower);
            group.start(follower);
            group.awaitEqual();
            assertEquals("2", group.replica(follower).get("counter"));
        }
    }
}
