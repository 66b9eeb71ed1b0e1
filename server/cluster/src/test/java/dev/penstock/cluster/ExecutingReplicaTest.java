package dev.penstock.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryWriter;
import dev.penstock.cluster.raft.CommittedEntry;
import dev.penstock.cluster.raft.LogPosition;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The replica of a node by itself, without a log. */
class ExecutingReplicaTest {

    @TempDir
    Path folder;

    private Store store;
    private ExecutingReplica replica;

    @BeforeEach
    void open() {
        EntryClock clock = new EntryClock();
        store = Store.open(
                folder, StoreOptions.defaults().withCreateIfMissing(true).withClock(clock));
        replica = new ExecutingReplica(store, clock, new GroupLog(clock, () -> {}));
    }

    @AfterEach
    void close() {
        replica.close();
        store.close();
    }

    private static CommittedEntry increment(long index) {
        LogEntryWriter writer = new LogEntryWriter();
        writer.command(bytes("INCR"), bytes("counter"));
        return new CommittedEntry(new LogPosition(1, index), writer.finish(LogEntry.Kind.COMMANDS, 1000 + index));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The clocks of the nodes differ, and an entry may come long after it was proposed. */
    @Test
    void anEntryIsExecutedAtItsTime() {
        LogEntryWriter writer = new LogEntryWriter();
        writer.command(bytes("SET"), bytes("key"), bytes("value"), bytes("PX"), bytes("500"));
        LogEntry entry = writer.finish(LogEntry.Kind.COMMANDS, 1_000_000);
        replica.apply(List.of(new CommittedEntry(new LogPosition(1, 0), entry))).join();
        assertEquals(Instant.ofEpochMilli(1_000_500), store.expiryOf(bytes("key")));
        assertArrayEquals(bytes("value"), store.getBytes(bytes("key")));
        LogEntry later = LogEntry.of(LogEntry.Kind.TICK, 1_000_501);
        replica.apply(List.of(new CommittedEntry(new LogPosition(1, 1), later))).join();
        assertNull(store.getBytes(bytes("key")));
    }

    /** A node that starts again reads the mark while a batch of the last one may be on its way. */
    @Test
    void entriesAtOrBelowTheMarkAreNotExecutedAgain() {
        replica.apply(List.of(increment(0), increment(1))).join();
        replica.apply(List.of(increment(1), increment(2))).join();
        replica.apply(List.of(increment(0), increment(1), increment(2))).join();
        replica.apply(List.of(new CommittedEntry(new LogPosition(1, 1), null))).join();
        assertArrayEquals(bytes("3"), store.getBytes(bytes("counter")));
        assertEquals(new LogPosition(1, 2), replica.applied());
    }
}
