package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.entry.LogEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Entries are applied in order, each once, and none is skipped, whatever the replica does. */
@SuppressWarnings("FutureReturnValueIgnored") // of entries whose end the test sees otherwise
class ApplyQueueTest {

    private static final long LIMIT_SECONDS = 60;
    private static final LogEntry TICK = LogEntry.of(LogEntry.Kind.TICK, 1);

    /** A replica whose answers the test gives. */
    private static final class ScriptedReplica implements Replica {

        private final BlockingQueue<List<CommittedEntry>> batches = new LinkedBlockingQueue<>();
        private final BlockingQueue<CompletableFuture<Void>> answers = new LinkedBlockingQueue<>();
        private volatile LogPosition mark = LogPosition.NONE;
        private volatile boolean hasFailed;
        private volatile boolean canPass = true;

        @Override
        public LogPosition applied() {
            return mark;
        }

        @Override
        public boolean canPass(Throwable cause) {
            return canPass;
        }

        @Override
        public CompletableFuture<Void> apply(List<CommittedEntry> entries) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            answers.add(answer);
            batches.add(entries);
            return answer;
        }

        @Override
        public void sync() throws IOException {
            throw new IOException("is not called");
        }

        @Override
        public boolean hasFailed() {
            return hasFailed;
        }

        List<Long> batch() throws InterruptedException {
            List<CommittedEntry> batch = batches.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertTrue(batch != null, "no entries");
            return batch.stream().map(each -> each.position().index()).toList();
        }

        void succeed(long index) throws InterruptedException {
            mark = position(index);
            answers.take().complete(null);
        }

        void fail() throws InterruptedException {
            answers.take().completeExceptionally(new IOException("no space left on device"));
        }
    }

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ScriptedReplica replica = new ScriptedReplica();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final List<Throwable> causes = new ArrayList<>();
    private final ApplyQueue.Faults faults = new ApplyQueue.Faults() {
        @Override
        public void onFault(Throwable cause) {
            causes.add(cause);
            told.add("fault");
        }

        @Override
        public void onRecovery() {
            told.add("recovery");
        }

        @Override
        public void onStop(Throwable cause) {
            causes.add(cause);
            told.add("stop");
        }
    };
    private ApplyQueue queue = new ApplyQueue(replica, timer, faults);

    @AfterEach
    void stopTimer() {
        timer.shutdownNow();
    }

    private static LogPosition position(long index) {
        return new LogPosition(1, index);
    }

    private CompletableFuture<Void> add(long index) {
        return queue.add(new CommittedEntry(position(index), TICK), null);
    }

    private String told() throws InterruptedException {
        String next = told.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertTrue(next != null, "nothing was told");
        return next;
    }

    @Test
    void entriesGatherWhileTheReplicaIsBusy() throws Exception {
        CompletableFuture<Void> first = add(0);
        assertEquals(List.of(0L), replica.batch());
        CompletableFuture<Void> second = add(1);
        CompletableFuture<Void> third = add(2);
        assertTrue(replica.batches.isEmpty(), "one batch at a time");
        replica.succeed(0);
        assertTrue(first.isDone() && !second.isDone());
        assertEquals(List.of(1L, 2L), replica.batch());
        assertEquals(position(0), queue.applied());
        replica.succeed(2);
        assertTrue(second.isDone() && third.isDone());
        assertEquals(position(2), queue.applied());
        assertEquals(0, queue.waitingCount());
    }

    @Test
    void whatIsAtOrBelowTheMarkIsSkipped() throws Exception {
        replica.mark = position(7);
        queue = new ApplyQueue(replica, timer, faults);
        assertTrue(add(6).isDone());
        assertTrue(add(7).isDone());
        assertTrue(replica.batches.isEmpty());
        add(8);
        assertEquals(List.of(8L), replica.batch());
    }

    @Test
    void afterAFaultTheReplicaGetsTheSameEntriesUntilItAppliesThem() throws Exception {
        CompletableFuture<Void> first = add(0);
        replica.batch();
        for (int i = 0; i < 3; i++) {
            replica.fail();
            assertEquals("fault", told());
            assertTrue(queue.hasFault());
            assertFalse(first.isDone(), "Ratis would go on with the next entry");
            assertEquals(List.of(0L), replica.batch());
        }
        add(1);
        replica.succeed(0);
        assertEquals("recovery", told());
        assertFalse(queue.hasFault());
        assertTrue(first.isDone() && !first.isCompletedExceptionally());
        assertEquals(List.of(1L), replica.batch());
        assertInstanceOf(IOException.class, causes.getFirst(), "without wrappers");
    }

    /** The batch was written, and what came after it failed. */
    @Test
    void whatTheMarkNamesIsNotAppliedAgain() throws Exception {
        CompletableFuture<Void> first = add(0);
        replica.batch();
        add(1);
        CompletableFuture<Void> third = add(2);
        replica.mark = position(0);
        replica.fail();
        assertTrue(first.isDone());
        assertEquals(List.of(1L, 2L), replica.batch(), "without a retry: all that failed is applied");
        replica.mark = position(1);
        replica.fail();
        assertEquals("fault", told());
        assertEquals(List.of(2L), replica.batch());
        replica.succeed(2);
        third.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void aReplicaThatThrowsHasFailedToo() throws Exception {
        Replica throwing = new Replica() {
            @Override
            public LogPosition applied() {
                return LogPosition.NONE;
            }

            @Override
            public CompletableFuture<Void> apply(List<CommittedEntry> entries) {
                throw new IllegalStateException("cannot");
            }

            @Override
            public void sync() {}

            @Override
            public boolean hasFailed() {
                return false;
            }
        };
        queue = new ApplyQueue(throwing, timer, faults);
        CompletableFuture<Void> first = add(0);
        assertEquals("fault", told());
        assertEquals("fault", told(), "and again");
        assertFalse(first.isDone());
    }

    @Test
    void aReplicaThatHasFailedForGoodStops() throws Exception {
        Submission own = new Submission(1, TICK, RaftNode.ANY_TERM);
        own.append(1);
        CompletableFuture<Void> first = queue.add(new CommittedEntry(position(0), TICK), own);
        replica.batch();
        CompletableFuture<Void> second = add(1);
        replica.hasFailed = true;
        replica.fail();
        assertEquals("stop", told());
        assertTrue(first.isDone() && !first.isCompletedExceptionally(), "so that Ratis can end");
        assertTrue(second.isDone() && queue.isClosed());
        assertTrue(add(2).isDone());
        assertTrue(replica.batches.isEmpty(), "nothing is applied any more");
        assertEquals(LogPosition.NONE, queue.applied());
        assertEquals(new SubmitOutcome.Unknown(), own.outcome().join());
    }

    /** Damage, or too little memory for a step: neither goes away, and the entry must not be skipped. */
    @Test
    void aFailureThatCannotPassStopsTheQueueWhenItIsSure() throws Exception {
        replica.canPass = false;
        queue = new ApplyQueue(replica, timer, faults, 200);
        CompletableFuture<Void> first = add(0);
        add(1);
        int attempts = 0;
        String next;
        do {
            replica.batch();
            replica.fail();
            next = told();
            attempts++;
        } while (next.equals("fault"));
        assertEquals("stop", next);
        assertTrue(attempts > 2, "it was tried " + attempts + " times");
        Throwable cause = causes.getLast();
        assertInstanceOf(UnappliedEntryException.class, cause);
        assertEquals(
                "entry 0 of term 1 cannot be applied here, and must not be left out: no space left on device",
                cause.getMessage());
        assertTrue(first.isDone() && !first.isCompletedExceptionally(), "so that Ratis can end");
        assertEquals(LogPosition.NONE, queue.applied());
    }

    /** Were its word taken, the next start would apply the entries again, or skip some. */
    @Test
    void aReplicaWhoseMarkIsNotWhereItSaysStops() throws Exception {
        add(0);
        replica.batch();
        replica.succeed(-1);
        assertEquals("stop", told());
        assertTrue(causes.getFirst().getMessage().contains("its mark names"), causes.toString());
    }

    @Test
    void aReplicaWhoseMarkRunsAheadStops() throws Exception {
        add(0);
        replica.batch();
        replica.succeed(1);
        assertEquals("stop", told());
        assertTrue(causes.getFirst().getMessage().contains("up to 0"), causes.toString());
    }

    /** The thread of Ratis that adds waits; otherwise a replica that catches up has all of the log in memory. */
    @Test
    void addingWaitsWhenMuchIsWaiting() throws Exception {
        for (int i = 0; i < ApplyQueue.MAX_WAITING_ENTRIES; i++) {
            add(i);
        }
        Thread adding = Thread.ofPlatform().start(() -> add(ApplyQueue.MAX_WAITING_ENTRIES));
        while (adding.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertEquals(ApplyQueue.MAX_WAITING_ENTRIES, queue.waitingCount());
        replica.succeed(0);
        adding.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        assertFalse(adding.isAlive());
        assertEquals(ApplyQueue.MAX_WAITING_ENTRIES, queue.waitingCount());
    }

    @Test
    void closingEndsTheWait() throws Exception {
        CompletableFuture<Void> last = add(0);
        for (int i = 1; i < ApplyQueue.MAX_WAITING_ENTRIES; i++) {
            last = add(i);
        }
        Thread adding = Thread.ofPlatform().start(() -> add(ApplyQueue.MAX_WAITING_ENTRIES));
        while (adding.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        queue.close();
        adding.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        assertFalse(adding.isAlive());
        assertTrue(last.isDone());
        replica.batch();
        replica.succeed(0);
        assertTrue(replica.batches.isEmpty(), "what had gathered is not applied");
    }

    @Test
    void theReplicaGetsTheVeryEntryThatWasSubmitted() throws Exception {
        LogEntry entry = LogEntry.of(LogEntry.Kind.TICK, 5);
        Submission own = new Submission(1, entry, RaftNode.ANY_TERM);
        queue.add(new CommittedEntry(position(0), entry), own);
        assertSame(entry, replica.batches.take().getFirst().entry());
        assertFalse(own.outcome().isDone());
        replica.succeed(0);
        assertEquals(new SubmitOutcome.Applied(0), own.outcome().join());
    }

    /** One thread adds while another completes: two that both take the next entry would apply it twice. */
    @Test
    void entriesThatArriveAsTheReplicaBecomesIdleAreAppliedOnce() throws Exception {
        long count = 20_000;
        List<Long> applied = new ArrayList<>();
        try (ExecutorService loop = Executors.newSingleThreadExecutor()) {
            Replica quick = new Replica() {
                private volatile LogPosition mark = LogPosition.NONE;

                @Override
                public LogPosition applied() {
                    return mark;
                }

                @Override
                public CompletableFuture<Void> apply(List<CommittedEntry> entries) {
                    return CompletableFuture.runAsync(
                            () -> {
                                entries.forEach(
                                        each -> applied.add(each.position().index()));
                                mark = entries.getLast().position();
                            },
                            loop);
                }

                @Override
                public void sync() {}

                @Override
                public boolean hasFailed() {
                    return false;
                }
            };
            queue = new ApplyQueue(quick, timer, faults);
            for (long i = 0; i < count - 1; i++) {
                add(i);
            }
            add(count - 1).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        assertEquals(LongStream.range(0, count).boxed().toList(), applied);
        assertEquals(position(count - 1), queue.applied());
        assertTrue(told.isEmpty(), told + ": " + causes);
    }

    /** Whatever begins behind the mark afterwards must not meet entries that are still on their way. */
    @Test
    void aClosedQueueIsIdleWhenTheReplicaHasAnswered() throws Exception {
        add(0);
        replica.batch();
        queue.close();
        assertFalse(queue.idle().isDone());
        replica.succeed(0);
        queue.idle().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertTrue(replica.batches.isEmpty());
    }
}
