package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.Polling;
import dev.penstock.cluster.entry.LogEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas survive what they are meant to survive, and say what they do not know. */
class RaftNodeTest {

    private static final long LIMIT_SECONDS = 60;
    private static final long END_SECONDS = 3;

    @TempDir
    Path folder;

    private static SubmitOutcome outcome(CompletableFuture<SubmitOutcome> submitted) throws Exception {
        return submitted.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void whatIsAcknowledgedIsOnAllReplicas() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            int leader = group.leader();
            List<CompletableFuture<SubmitOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                outcomes.add(group.node(leader).submit(TestGroup.entry("INCR", "counter")));
            }
            long index = -1;
            for (CompletableFuture<SubmitOutcome> outcome : outcomes) {
                long next = assertInstanceOf(SubmitOutcome.Applied.class, outcome(outcome))
                        .index();
                assertTrue(next > index, "entries are applied in the order in which they were submitted");
                index = next;
            }
            assertEquals("40", group.replica(leader).get("counter"), "applied before it is acknowledged");
            group.awaitEqual();

            GroupStatus status = group.node(leader).status();
            assertEquals(group.settings(leader).self(), status.leader());
            assertTrue(status.isReady() && status.term() > 0, status.toString());
            assertEquals(index, status.appliedIndex());
            assertEquals(index, status.commitIndex());
            assertEquals(0, status.waiting());
            Polling.await(
                    "the followers' commits at the leader",
                    () -> group.node(leader).status().members().stream()
                            .allMatch(member -> member.commitIndex() == status.commitIndex()));
        }
    }

    /** No answer is worth more than an answer that comes twice: a follower does nothing. */
    @Test
    void aFollowerRefusesAndKnowsWhoLeads() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("SET", "key", "value");
            group.awaitEqual();
            int leader = group.leader();
            int follower = group.follower();
            assertEquals(
                    new SubmitOutcome.Refused(SubmitOutcome.Reason.NOT_LEADER),
                    outcome(group.node(follower).submit(TestGroup.entry("SET", "key", "other"))));
            assertFalse(group.node(follower).fence().get(LIMIT_SECONDS, TimeUnit.SECONDS));
            assertTrue(group.node(leader).fence().get(LIMIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(group.settings(leader).self(), group.node(follower).leader());
            assertFalse(group.node(follower).isReady());
            assertEquals("value", group.replica(leader).get("key"));
        }
    }

    @Test
    void whenTheLeaderStopsAnotherOneGoesOn() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            for (int i = 1; i <= 3; i++) {
                group.apply("INCR", "counter");
                int leader = group.leader();
                long term = group.node(leader).term();
                group.stop(leader);
                group.apply("INCR", "counter");
                int next = group.leader();
                assertNotEquals(leader, next);
                assertTrue(group.node(next).term() > term);
                assertEquals("" + 2 * i, group.replica(next).get("counter"));
                group.start(leader);
            }
            group.awaitEqual();
        }
    }

    @Test
    void aReplicaThatStartsAgainAppliesOnlyWhatIsAboveItsMark() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            for (int i = 0; i < 5; i++) {
                group.apply("INCR", "counter");
            }
            group.awaitEqual();
            int follower = group.follower();
            long mark = group.replica(follower).applied().index();
            group.stop(follower);
            for (int i = 0; i < 5; i++) {
                group.apply("INCR", "counter");
            }
            group.start(follower);
            group.awaitEqual();
            assertEquals("10", group.replica(follower).get("counter"));
            List<Long> executed = group.replica(follower).executed();
            assertEquals(mark + 1, executed.getFirst());
            for (int i = 1; i < executed.size(); i++) {
                assertEquals(executed.get(i - 1) + 1, executed.get(i), "each entry once: " + executed);
            }
        }
    }

    /** Nothing but the folders survives: what was acknowledged is there, and no entry counts twice. */
    @Test
    void allThreeStopAndStartAgain() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            for (int i = 0; i < 10; i++) {
                group.apply("INCR", "counter");
            }
            for (int i = 0; i < TestGroup.SIZE; i++) {
                group.stop(i);
            }
            for (int i = 0; i < TestGroup.SIZE; i++) {
                group.start(i);
            }
            group.apply("INCR", "counter");
            group.awaitEqual();
            assertEquals("11", group.replica(0).get("counter"));
        }
    }

    @Test
    void aFollowerThatWasFarBehindCatchesUpWithoutGatheringTheLogInMemory() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            int follower = group.follower();
            CountDownLatch released = new CountDownLatch(1);
            group.replica(follower).trouble(_ -> released.await());
            String value = "v".repeat(100_000);
            for (int i = 0; i < 300; i++) {
                group.apply("SET", "key" + i % 10, value + i);
            }
            RaftNode behind = group.node(follower);
            Polling.await("a full queue", () -> behind.status().waiting() == ApplyQueue.MAX_WAITING_ENTRIES);
            released.countDown();
            group.awaitEqual();
            assertEquals(value + 299, group.replica(follower).get("key9"));
        }
    }

    @Test
    void aLeaderHandsTheLeadOnWithoutAnElectionThatWaits() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            group.awaitEqual();
            int leader = group.leader();
            long term = group.node(leader).term();
            assertTrue(group.node(leader).handOver().get(LIMIT_SECONDS, TimeUnit.SECONDS));
            assertFalse(group.node(leader).isReady());
            assertNotEquals(leader, group.leader());
            assertEquals(term + 1, group.node(group.leader()).term(), "one election, at once");
            assertFalse(group.node(leader).handOver().get(LIMIT_SECONDS, TimeUnit.SECONDS), "there is nothing to give");
            group.apply("INCR", "counter");
            group.awaitEqual();
        }
    }

    /** A transaction that depends on what its client has read must not come behind another leader's entries. */
    @Test
    void anEntryForATermThatIsOverIsRefusedAndTheLeadGoesOn() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            RaftNode node = group.node(group.leader());
            long term = node.term();
            assertEquals(
                    new SubmitOutcome.Refused(SubmitOutcome.Reason.NOT_LEADER),
                    outcome(node.submit(TestGroup.entry("INCR", "counter"), term - 1)));
            assertInstanceOf(
                    SubmitOutcome.Applied.class, outcome(node.submit(TestGroup.entry("INCR", "counter"), term)));
            assertEquals(term, node.term());
            assertTrue(node.isReady());
            group.awaitEqual();
            assertEquals("2", group.replica(0).get("counter"));
        }
    }

    /** Nobody may take it for done, and nobody for not done. */
    @Test
    void whatOnlyTheLeaderHasIsOfUnknownOutcome() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            int leader;
            RaftNode node;
            SubmitOutcome outcome;
            int attempts = 0;
            do {
                assertTrue(attempts++ < 10, "the leader steps down before the others have stopped");
                group.start();
                leader = group.leader();
                node = group.node(leader);
                group.stop((leader + 1) % TestGroup.SIZE);
                group.stop((leader + 2) % TestGroup.SIZE);
                outcome = outcome(node.submit(TestGroup.entry("INCR", "counter")));
            } while (outcome instanceof SubmitOutcome.Refused);
            assertEquals(new SubmitOutcome.Unknown(), outcome);
            assertEquals("1", group.replica(leader).get("counter"));
            RaftNode lonely = node;
            Polling.await(
                    "the end of the lead",
                    () -> outcome(lonely.submit(TestGroup.entry("INCR", "counter")))
                            .equals(new SubmitOutcome.Refused(SubmitOutcome.Reason.NOT_LEADER)));
            assertFalse(lonely.fence().get(LIMIT_SECONDS, TimeUnit.SECONDS), "no lease lasts for ever");
        }
    }

    @Test
    void noMoreIsUnderWayThanTheBounds() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            int leader = group.leader();
            CountDownLatch released = new CountDownLatch(1);
            group.replica(leader).trouble(_ -> released.await());
            List<CompletableFuture<SubmitOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < SubmissionWindow.MAX_ENTRIES; i++) {
                assertTrue(group.node(leader).admits(100));
                outcomes.add(group.node(leader).submit(TestGroup.entry("INCR", "counter")));
            }
            assertFalse(group.node(leader).admits(100));
            LogEntry more = TestGroup.entry("INCR", "counter");
            assertEquals(
                    new SubmitOutcome.Refused(SubmitOutcome.Reason.BUSY),
                    outcome(group.node(leader).submit(more)));
            released.countDown();
            for (CompletableFuture<SubmitOutcome> each : outcomes) {
                assertInstanceOf(SubmitOutcome.Applied.class, outcome(each));
            }
            assertTrue(group.node(leader).admits(100));
            group.awaitEqual();
            assertEquals("" + (1 + outcomes.size()), group.replica(leader).get("counter"));
        }
    }

    /** Its process lives on, and has to know. */
    @Test
    void aServerThatRatisClosesIsReportedAndStartsAgain() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            int leader = group.leader();
            group.node(leader).closeServer();
            assertTrue(group.event(leader, "stopped").cause().getMessage().contains("closed its server"));
            assertEquals(
                    new SubmitOutcome.Refused(SubmitOutcome.Reason.STOPPED),
                    outcome(group.node(leader).submit(TestGroup.entry("INCR", "counter"))));
            group.stop(leader);
            group.apply("INCR", "counter");
            group.start(leader);
            group.awaitEqual();
            assertEquals("2", group.replica(leader).get("counter"));
        }
    }

    @Test
    void aSnapshotIsASyncOfTheStore() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            int leader = group.leader();
            List<StoreReplica.Step> steps = new ArrayList<>();
            group.replica(leader).trouble(steps::add);
            long index = group.node(leader).snapshot().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertEquals(group.replica(leader).applied().index(), index);
            assertEquals(List.of(StoreReplica.Step.SYNC), steps);
        }
    }

    /** Each snapshot lets go of less than the mark, at which the node has begun. */
    @Test
    void aNodeThatStartedAgainTakesSnapshotsAndKeepsWhatIsNewInTheLog() throws Exception {
        KeptLog few = new KeptLog(5, 1 << 30);
        try (TestGroup group = TestGroup.start(folder)) {
            int follower = group.follower();
            for (int i = 0; i < 20; i++) {
                group.apply("INCR", "counter");
            }
            group.awaitEqual();
            group.stop(follower);
            group.start(
                    follower,
                    (replica, queue, submissions, events) ->
                            new GroupMachine(replica, queue, submissions, events, few));
            for (int i = 0; i < 3; i++) {
                group.apply("INCR", "counter");
                group.awaitEqual();
                group.node(follower).snapshot().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            assertEquals(23, Long.parseLong(group.replica(follower).get("counter")));
            assertTrue(group.hasNoEvent(follower, "stopped"));
        }
    }

    /** Ratis would end the process, and with it an embedding program. */
    @Test
    void aPortThatIsTakenIsAnErrorAndNotTheEndOfTheProcess() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                StoreReplica replica = new StoreReplica(folder.resolve("store"))) {
            RaftMember member = new RaftMember("a", "127.0.0.1", taken.getLocalPort());
            RaftSettings settings = RaftSettings.of("a", List.of(member), "group", folder.resolve("raft"));
            Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
            IOException refused =
                    assertThrows(IOException.class, () -> RaftNode.start(settings, replica, new RaftListener() {}));
            assertEquals("cannot listen on 127.0.0.1:" + taken.getLocalPort(), refused.getMessage());
            assertEquals(handler, Thread.getDefaultUncaughtExceptionHandler(), "Ratis handles no other threads");
        }
    }

    /** Two groups on one folder would be one store with the entries of both. */
    @Test
    void aFolderWithTheLogOfAnotherGroupIsRefused() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            group.stop(0);
            RaftSettings settings = group.settings(0);
            RaftSettings other = RaftSettings.of(settings.self(), settings.members(), "other", settings.folder());
            try (StoreReplica replica = new StoreReplica(folder.resolve("other"))) {
                Exception refused =
                        assertThrows(Exception.class, () -> RaftNode.start(other, replica, new RaftListener() {}));
                assertTrue(refused.toString().contains("another group"), refused.toString());
            }
            group.start(0);
            group.awaitEqual();
        }
    }

    /** The next node begins behind the mark, and would have the same entries executed again. */
    @Test
    void aNodeEndsWhenItsReplicaHasNothingUnderWay() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("INCR", "counter");
            group.awaitEqual();
            int follower = group.follower();
            CountDownLatch arrived = new CountDownLatch(1);
            CountDownLatch released = new CountDownLatch(1);
            group.replica(follower).trouble(_ -> {
                arrived.countDown();
                released.await();
            });
            group.apply("INCR", "counter");
            assertTrue(arrived.await(LIMIT_SECONDS, TimeUnit.SECONDS));
            CompletableFuture<Void> closed = CompletableFuture.runAsync(group.node(follower)::close);
            Polling.await(
                    "a queue that is closed",
                    () -> group.node(follower).status().waiting() == 0);
            // It would end within an election timeout.
            assertThrows(TimeoutException.class, () -> closed.get(END_SECONDS, TimeUnit.SECONDS));
            released.countDown();
            closed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertEquals("2", group.replica(follower).get("counter"));
        }
    }
}
