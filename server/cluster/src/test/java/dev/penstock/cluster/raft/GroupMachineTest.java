package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.Polling;
import dev.penstock.cluster.entry.LogEntry;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of the state machine, each beside a machine that breaks it. */
@SuppressWarnings("FutureReturnValueIgnored") // of entries whose end the test sees otherwise
class GroupMachineTest {

    private static final long LIMIT_SECONDS = 60;

    @TempDir
    Path folder;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private StoreReplica replica;
    private ApplyQueue queue;
    private volatile Throwable stopped;

    private final ApplyQueue.Faults faults = new ApplyQueue.Faults() {
        @Override
        public void onFault(Throwable cause) {}

        @Override
        public void onRecovery() {}

        @Override
        public void onStop(Throwable cause) {
            stopped = cause;
        }
    };

    private final GroupMachine.Events events = new GroupMachine.Events() {
        @Override
        public void onLeader(String leader) {}

        @Override
        public void onReady() {}

        @Override
        public void onTooFarBehind() {}

        @Override
        public void onLogFailed(Throwable cause) {}

        @Override
        public void onShutdown() {}
    };

    @BeforeEach
    void open() {
        replica = new StoreReplica(folder.resolve("store"));
        queue = new ApplyQueue(replica, timer, faults);
    }

    @AfterEach
    void close() {
        replica.trouble(_ -> {});
        queue.close();
        replica.close();
        timer.shutdownNow();
    }

    private GroupMachine machine() {
        return new GroupMachine(replica, queue, _ -> null, events);
    }

    private static CompletableFuture<Message> apply(GroupMachine machine, long index, ByteString data) {
        LogEntryProto entry = LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(index)
                .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder().setLogData(data))
                .build();
        return machine.applyTransaction(TransactionContext.newBuilder()
                .setStateMachine(machine)
                .setServerRole(RaftPeerRole.FOLLOWER)
                .setLogEntry(entry)
                .build());
    }

    private static CompletableFuture<Message> apply(GroupMachine machine, long index, String... words) {
        return apply(machine, index, ByteString.copyFrom(TestGroup.entry(words).bytes()));
    }

    /** Ratis tells of its own entry while ours before it is still on the way to the store. */
    private void checkThatTheMarkFollowsTheEntries(GroupMachine machine) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        replica.trouble(step -> {
            arrived.countDown();
            released.await();
        });
        CompletableFuture<Message> first = apply(machine, 0, "INCR", "counter");
        assertTrue(arrived.await(LIMIT_SECONDS, TimeUnit.SECONDS));
        machine.notifyTermIndexUpdated(1, 1);
        LogPosition mark = replica.applied();
        long told = machine.getLastAppliedTermIndex().getIndex();
        released.countDown();
        first.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertEquals(LogPosition.NONE, mark, "the mark ran ahead");
        assertEquals(-1, told, "Ratis was told too much");
    }

    @Test
    void theMarkNeverRunsAheadOfRatisOwnEntries() throws Exception {
        GroupMachine machine = machine();
        checkThatTheMarkFollowsTheEntries(machine);
        Polling.await("a mark that names them", () -> replica.applied().equals(new LogPosition(1, 1)));
        assertEquals("1", replica.get("counter"));
    }

    /** Without the queue for Ratis' own entries, the check above fails. */
    @Test
    void aMachineThatTakesRatisOwnEntriesPastTheQueueIsNoticed() {
        GroupMachine mutant = new GroupMachine(replica, queue, _ -> null, events) {
            @Override
            public void notifyTermIndexUpdated(long term, long index) {
                replica.markNow(new LogPosition(term, index));
            }
        };
        assertThrows(AssertionError.class, () -> checkThatTheMarkFollowsTheEntries(mutant));
    }

    /** An entry of a later version is not skipped: what follows it may depend on it. */
    @Test
    void anEntryThatCannotBeReadStopsTheReplica() throws Exception {
        GroupMachine machine = machine();
        apply(machine, 0, "SET", "key", "value").get(LIMIT_SECONDS, TimeUnit.SECONDS);
        CompletableFuture<Message> unreadable = apply(machine, 1, ByteString.copyFromUtf8("of a later version"));
        assertTrue(unreadable.isDone() && !unreadable.isCompletedExceptionally());
        assertTrue(stopped.getMessage().contains("entry 1 of term 1"), stopped.toString());
        assertTrue(apply(machine, 2, "SET", "key", "other").isDone());
        assertEquals("value", replica.get("key"));
        assertEquals(new LogPosition(1, 0), replica.applied());
    }

    @Test
    void theStoreIsTheSnapshotAndItsMarkTheIndex() throws Exception {
        GroupMachine machine = machine();
        assertNull(machine.getLatestSnapshot());
        apply(machine, 0, "INCR", "counter");
        machine.notifyTermIndexUpdated(1, 1);
        Polling.await("the entries", () -> queue.applied().index() == 1);
        assertNull(machine.getLatestSnapshot(), "nothing is on the device");
        machine.takeSnapshot();
        assertEquals(1, machine.getLatestSnapshot().getIndex());
        assertEquals(List.of(), machine.getLatestSnapshot().getFiles());

        replica.trouble(step -> {
            if (step == StoreReplica.Step.SYNC) {
                throw new java.io.IOException("input/output error");
            }
        });
        apply(machine, 2, "INCR", "counter").get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThrows(java.io.IOException.class, machine::takeSnapshot);
        assertEquals(1, machine.getLatestSnapshot().getIndex(), "the log keeps what is not on the device");
    }

    @Test
    void anEntryIsTheSameForAllReplicas() throws Exception {
        LogEntry entry = TestGroup.entry("SET", "key", "value");
        GroupMachine machine = machine();
        apply(machine, 0, ByteString.copyFrom(entry.bytes())).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertEquals("value", replica.get("key"));
    }
}
