package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.Polling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At no moment do two leaders answer for reads. */
class LeaseTest {

    private static final long LIMIT_SECONDS = 60;
    private static final int ATTEMPTS = 20;

    /** Where Ratis lets tests in: a request of another node has arrived. */
    private static final String REQUEST_VOTE = "RaftServerImpl.requestVote";

    private static final String APPEND_ENTRIES = "RaftServerImpl.appendEntries";

    @TempDir
    Path folder;

    /** Is reached by no other node, and reaches none; empty while all reach each other. */
    private volatile String apart = "";

    @BeforeEach
    void listen() {
        CodeInjectionForTesting.put(APPEND_ENTRIES, (to, from, _) -> hears(to, from));
        CodeInjectionForTesting.put(REQUEST_VOTE, (to, from, _) -> hears(to, from));
    }

    @AfterEach
    void letAll() {
        CodeInjectionForTesting.remove(REQUEST_VOTE);
        CodeInjectionForTesting.remove(APPEND_ENTRIES);
    }

    private boolean hears(Object to, Object from) {
        if (apart.equals(String.valueOf(to)) || apart.equals(String.valueOf(from))) {
            throw new IllegalStateException(to + " is out of reach for " + from);
        }
        return true;
    }

    /** Waits for a leader among the others; fails if the last one answers for reads when another one does. */
    private static void awaitNext(TestGroup group, int last) throws Exception {
        Polling.await("another leader", () -> {
            boolean isReady = false;
            for (int i = 0; i < TestGroup.SIZE; i++) {
                isReady |= i != last && group.node(i).isReady();
            }
            boolean isAnswering =
                    group.node(last).isCurrent() || group.node(last).fence().getNow(false);
            assertFalse(isReady && isAnswering, "two leaders answer for reads");
            return isReady;
        });
    }

    /** Ratis itself answers without a message here, if the commit index is the one of a read before. */
    @Test
    void aLeaderThatIsCutOffDoesNotAnswerWhenAnotherOneDoes() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            boolean isUnaware = false;
            for (int i = 0; i < ATTEMPTS && !isUnaware; i++) {
                group.apply("SET", "key", "value");
                group.awaitEqual();
                int leader = group.leader();
                RaftNode last = group.node(leader);
                assertTrue(last.fence().get(LIMIT_SECONDS, TimeUnit.SECONDS));
                apart = group.settings(leader).self();
                awaitNext(group, leader);
                isUnaware = last.isReady();
                assertFalse(last.isCurrent());
                assertFalse(last.fence().getNow(false));
                apart = "";
            }
            assertTrue(isUnaware, "each time the last leader had given up before");
        }
    }

    /** The next leader does not wait for a timeout, so that the lease of the last one would still hold. */
    @Test
    void aLeaderThatIsCutOffWhileItHandsTheLeadOnDoesNotAnswer() throws Exception {
        try (TestGroup group = TestGroup.start(folder)) {
            group.apply("SET", "key", "value");
            group.awaitEqual();
            int leader = group.leader();
            RaftNode last = group.node(leader);
            assertTrue(last.fence().get(LIMIT_SECONDS, TimeUnit.SECONDS));
            apart = group.settings(leader).self();
            CompletableFuture<Boolean> handedOn = last.handOver();
            assertFalse(last.fence().getNow(false), "by a lease that began before");
            awaitNext(group, leader);
            apart = "";
            handedOn.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            group.apply("SET", "key", "other");
            group.awaitEqual();
        }
    }

    @Test
    void aLeaseHoldsFromTheEntryOnAndInItsTermAlone() {
        ReadLease lease = new ReadLease(100);
        assertFalse(lease.holds(1, 0));
        lease.extend(1, 1000);
        lease.extend(1, 900);
        assertTrue(lease.holds(1, 1099));
        assertFalse(lease.holds(1, 1100));
        assertFalse(lease.holds(2, 1050));
        assertFalse(lease.isEnding(1050));
        assertTrue(lease.isEnding(1051));
        lease.extend(2, 1020);
        lease.extend(1, 1090);
        assertTrue(lease.holds(2, 1119));
        assertFalse(lease.holds(1, 1100));
        lease.end(2);
        lease.extend(2, 1110);
        assertFalse(lease.holds(2, 1111));
        lease.extend(3, 1110);
        assertTrue(lease.holds(3, 1111));
        assertFalse(new ReadLease(0).holds(-1, 0));
    }

    /** The entry that is under way may have been appended before the reads arrived. */
    @Test
    void aFenceThatComesWhileAnEntryIsUnderWayWaitsForTheNextOrForALease() {
        AtomicBoolean hasLease = new AtomicBoolean();
        List<CompletableFuture<Boolean>> entries = new ArrayList<>();
        Fences fences = new Fences(hasLease::get, () -> {
            CompletableFuture<Boolean> entry = new CompletableFuture<>();
            entries.add(entry);
            return entry;
        });
        CompletableFuture<Boolean> first = fences.ask();
        CompletableFuture<Boolean> second = fences.ask();
        assertSame(second, fences.ask());
        fences.renew();
        assertEquals(1, entries.size());
        entries.get(0).complete(true);
        assertTrue(first.join());
        assertFalse(second.isDone());
        assertEquals(2, entries.size());
        CompletableFuture<Boolean> third = fences.ask();
        hasLease.set(true);
        entries.get(1).complete(false);
        assertFalse(second.join());
        assertTrue(third.join(), "by the lease");
        assertEquals(2, entries.size());
        fences.renew();
        assertEquals(3, entries.size());
    }
}
