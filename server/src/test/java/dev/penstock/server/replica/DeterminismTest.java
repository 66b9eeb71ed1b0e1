package dev.penstock.server.replica;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.WriteStep;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replicas that execute the same entries are equal in contents, expiries and replies, whatever else happens to each of
 * them; and they do what a server does that executes the commands itself.
 */
class DeterminismTest {

    private static final long SEED = Long.getLong("penstock.seed", new Random().nextLong());
    private static final int ENTRIES = Integer.getInteger("penstock.entries", 800);

    /** In the year 2001: whatever goes by the system's clock expires something else. */
    private static final long BEGIN_MILLIS = 1_000_000_000_000L;

    private static final int COMPARED = 100;

    @TempDir
    Path directory;

    /** The store of one node. */
    private static final class Replica implements AutoCloseable {

        private Path folder;
        private EntryClock clock;
        private Store store;
        private EntryExecutor executor;

        Replica(Path folder) {
            open(folder, 0);
        }

        private void open(Path place, long millis) {
            folder = place;
            clock = new EntryClock();
            store = Store.open(place, StoreOptions.defaults().withClock(clock));
            clock.advance(millis);
            executor = new EntryExecutor(store, clock);
        }

        List<byte[]> execute(Entry entry) {
            return executor.execute(
                    entry.millis(), entry.steps(), mark(entry.index(), Math.max(entry.millis(), clock.millis())));
        }

        /** Executes an entry, and perhaps crashes after a part of it, which is as often as a coin says. */
        void executeWithCrashes(Entry entry, BooleanSupplier crashes) {
            clock.advance(entry.millis());
            byte[] mark = mark(entry.index(), Math.max(entry.millis(), clock.millis()));
            while (!executor.executePart(entry.steps(), mark)) {
                if (crashes.getAsBoolean()) {
                    reopen();
                    clock.advance(entry.millis());
                }
            }
        }

        private static byte[] mark(int index, long millis) {
            return ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                    .putInt(index)
                    .putLong(millis)
                    .array();
        }

        /** Number of entries that the store has. */
        int applied() {
            byte[] mark = EntryMark.ofEntry(store.mark());
            return mark.length == 0 ? 0 : ByteBuffer.wrap(mark).getInt() + 1;
        }

        private long markedMillis() {
            byte[] mark = EntryMark.ofEntry(store.mark());
            return mark.length == 0 ? 0 : ByteBuffer.wrap(mark).getLong(Integer.BYTES);
        }

        void reopen() {
            close();
            open(folder, 0);
            clock.advance(markedMillis());
        }

        /** Goes on with a copy of an earlier moment. */
        void open(Path copy) {
            close();
            open(copy, 0);
            clock.advance(markedMillis());
        }

        SortedMap<String, String> contents() {
            SortedMap<String, String> contents = new TreeMap<>();
            store.forEach((key, value) -> contents.put(
                    new String(key, ISO_8859_1), value.expiry() + " " + new String(value.toByteArray(), ISO_8859_1)));
            return contents;
        }

        @Override
        public void close() {
            executor.close();
            store.close();
        }
    }

    private record Entry(int index, long millis, List<WriteStep> steps) {}

    private static List<WriteStep> withoutReplies(List<WriteStep> steps) {
        return steps.stream()
                .map(step -> new WriteStep(step.commands(), step.isTransaction(), WriteStep.NO_REPLY))
                .toList();
    }

    private static String executedByServer(RespClient client, WriteStep step) throws IOException {
        if (step.isTransaction()) {
            client.call("MULTI");
        }
        String reply = "";
        for (List<byte[]> command : step.commands()) {
            reply = client.call(command.stream()
                    .map(argument -> new String(argument, ISO_8859_1))
                    .toArray(String[]::new));
        }
        return step.isTransaction() ? client.call("EXEC") : reply;
    }

    @Test
    void replicasAgreeWhateverHappensToThem() throws IOException {
        System.out.println("DeterminismTest: -Dpenstock.seed=" + SEED);
        Histories histories = new Histories(SEED);
        List<Entry> log = new ArrayList<>();
        EntryClock serverClock = new EntryClock();
        Path copy = null;
        int copies = 0;
        try (Replica leader = new Replica(directory.resolve("leader"));
                Replica compacted = new Replica(directory.resolve("compacted"));
                Replica restarted = new Replica(directory.resolve("restarted"));
                TestServer server = new TestServer(directory.resolve("server"), serverClock);
                RespClient second = server.client();
                RespClient third = server.client()) {
            third.call("HELLO", "3");
            long millis = BEGIN_MILLIS;
            for (int index = 0; index < ENTRIES; index++) {
                millis += histories.pauseMillis();
                Entry entry = new Entry(index, millis, histories.entry());
                log.add(entry);
                List<byte[]> replies = leader.execute(entry);
                serverClock.advance(millis);
                for (int i = 0; i < replies.size(); i++) {
                    WriteStep step = entry.steps().get(i);
                    String expected = executedByServer(step.protocolVersion() == 3 ? third : second, step);
                    assertEquals(expected, new String(replies.get(i), ISO_8859_1), () -> describe(entry));
                }
                List<byte[]> again = compacted.execute(entry);
                for (int i = 0; i < replies.size(); i++) {
                    assertArrayEquals(replies.get(i), again.get(i), () -> describe(entry));
                }
                restarted.executeWithCrashes(
                        new Entry(index, millis, withoutReplies(entry.steps())), () -> histories.chance(2));
                if (histories.chance(60)) {
                    compacted.store.compact(ProgressListener.NONE);
                }
                if (histories.chance(60)) {
                    restarted.reopen();
                }
                if (copy == null && histories.chance(100)) {
                    copy = directory.resolve("copy" + copies++);
                    restarted.store.backup(copy, ProgressListener.NONE);
                } else if (copy != null && histories.chance(50)) {
                    restarted.open(copy); // for good; the next copy is one of it
                    copy = null;
                    assertTrue(restarted.applied() <= log.size());
                    log.subList(restarted.applied(), log.size()).forEach(restarted::execute);
                }
                if (index % COMPARED == COMPARED - 1) {
                    SortedMap<String, String> contents = leader.contents();
                    assertEquals(contents, compacted.contents(), () -> describe(entry));
                    assertEquals(contents, restarted.contents(), () -> describe(entry));
                    assertArrayEquals(leader.store.mark(), restarted.store.mark());
                    assertEquals(index + 1, restarted.applied());
                }
            }
        }
    }

    private static String describe(Entry entry) {
        StringBuilder text = new StringBuilder("seed " + SEED + ", entry " + entry.index() + ":");
        for (WriteStep step : entry.steps()) {
            text.append(step.isTransaction() ? "\nMULTI" : "\n");
            for (List<byte[]> command : step.commands()) {
                text.append(" | ");
                command.forEach(argument ->
                        text.append(new String(argument, ISO_8859_1)).append(' '));
            }
        }
        return text.toString();
    }

    @Test
    void everyCommandThatWritesOccurs() throws IOException {
        Set<String> writing = new HashSet<>();
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            String[] lines = client.call("ACL", "CAT", "write").split("\r\n", -1);
            for (int i = 2; i < lines.length; i += 2) {
                writing.add(lines[i]);
            }
        }
        writing.removeAll(Histories.names());
        assertEquals(Set.of(), writing);
    }

    private static WriteStep step(String... words) {
        List<byte[]> arguments = new ArrayList<>();
        for (String word : words) {
            arguments.add(word.getBytes(ISO_8859_1));
        }
        return new WriteStep(List.of(arguments), false, 2);
    }

    private static String execute(Replica replica, int index, WriteStep... steps) {
        StringBuilder replies = new StringBuilder();
        replica.execute(new Entry(index, BEGIN_MILLIS, List.of(steps)))
                .forEach(reply -> replies.append(new String(reply, ISO_8859_1)));
        return replies.toString();
    }

    @Test
    void longValuesAreRefusedAndChangeNothing() {
        String refused = "-ERR a node of a cluster takes values of less than 1 MiB\r\n";
        try (Replica replica = new Replica(directory)) {
            String large = "v".repeat(1 << 20);
            assertEquals(refused, execute(replica, 0, step("SET", "k", large)));
            assertEquals(refused, execute(replica, 1, step("SETRANGE", "k", "1048575", "v")));
            assertEquals("+OK\r\n", execute(replica, 2, step("SET", "k", large.substring(1))));
            assertEquals(refused, execute(replica, 3, step("APPEND", "k", "v")));
            assertEquals((1 << 20) - 1, replica.store.getBytes("k".getBytes(ISO_8859_1)).length);
        }
    }

    private static WriteStep transaction(WriteStep... steps) {
        List<List<byte[]>> commands = new ArrayList<>();
        for (WriteStep step : steps) {
            commands.addAll(step.commands());
        }
        return new WriteStep(commands, true, 2);
    }

    private static WriteStep[] copies(int count, int sources) {
        WriteStep[] copies = new WriteStep[count];
        for (int i = 0; i < count; i++) {
            copies[i] = step("COPY", "k" + i % sources, "copy" + i);
        }
        return copies;
    }

    private static WriteStep[] sets(int count, int length) {
        WriteStep[] sets = new WriteStep[count];
        for (int i = 0; i < count; i++) {
            sets[i] = step("SET", "k" + i, "v".repeat(length));
        }
        return sets;
    }

    /** How many bytes a step changes does not depend on what is left on a node, so all replicas refuse the same. */
    @Test
    void theLimitsOfATransactionAreThoseOfItsValues() {
        try (Replica replica = new Replica(directory)) {
            execute(replica, 0, sets(5, 1 << 19));
            String replies = execute(replica, 1, transaction(copies(40, 5)));
            assertTrue(
                    replies.startsWith("*40\r\n" + ":1\r\n".repeat(32)
                            + "-ERR a command or transaction on a node of a cluster may change 16 MiB of values"
                            + " at most\r\n"),
                    replies);
            assertEquals(5 + 32, replica.store.count());
        }
    }

    /** They may be of many clients. */
    @Test
    void theStepsOfAnEntryDoNotShareALimit() {
        try (Replica replica = new Replica(directory)) {
            execute(replica, 0, sets(20, 100_000));
            WriteStep[] expiries = new WriteStep[200];
            for (int i = 0; i < expiries.length; i++) {
                expiries[i] = step("PEXPIREAT", "k" + i % 20, Long.toString(BEGIN_MILLIS + 1000 + i));
            }
            assertEquals(":1\r\n".repeat(expiries.length), execute(replica, 1, expiries));
            execute(replica, 2, sets(5, 1 << 19));
            assertEquals(":1\r\n".repeat(100), execute(replica, 3, copies(100, 5)));
            assertEquals(120, replica.store.count());
            assertEquals(4, replica.applied());
        }
    }

    /** A part of an entry is there after a crash, and is not executed again. */
    @Test
    void anEntryIsExactAfterACrashBehindEachOfItsParts() {
        List<WriteStep> steps = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            steps.add(step("INCR", "n"));
            steps.add(transaction(step("APPEND", "k" + i % 5, "x"), step("INCR", "m"), step("INCRBY", "n", "100")));
            steps.add(step("COPY", "k" + i % 5, "copy" + i));
        }
        Entry entry = new Entry(1, BEGIN_MILLIS, steps);
        try (Replica whole = new Replica(directory.resolve("whole"));
                Replica crashing = new Replica(directory.resolve("crashing"))) {
            execute(whole, 0, sets(5, 1 << 19));
            execute(crashing, 0, sets(5, 1 << 19));
            whole.execute(entry);
            List<String> marks = new ArrayList<>();
            crashing.executeWithCrashes(entry, () -> {
                assertEquals(1, crashing.applied(), "the entry before");
                marks.add(new String(crashing.store.mark(), ISO_8859_1));
                return true;
            });
            assertTrue(marks.size() > 5 && new HashSet<>(marks).size() == marks.size(), marks.size() + " parts");
            assertEquals(whole.contents(), crashing.contents());
            assertArrayEquals(whole.store.mark(), crashing.store.mark());
            assertEquals("4040", new String(whole.store.getBytes("n".getBytes(ISO_8859_1)), ISO_8859_1));
        }
    }

    /** As after a full disk: the entry comes again, and its client wants all replies. */
    @Test
    void theRepliesToAPartAreKeptUntilTheEntryIsExecuted() {
        try (Replica replica = new Replica(directory)) {
            execute(replica, 0, sets(5, 1 << 19));
            List<WriteStep> steps = List.of(copies(40, 5));
            byte[] mark = Replica.mark(1, BEGIN_MILLIS);
            assertFalse(replica.executor.executePart(steps, mark));
            assertFalse(replica.executor.executePart(steps, mark));
            List<byte[]> replies = replica.executor.execute(BEGIN_MILLIS, steps, mark);
            assertEquals(40, replies.size());
            replies.forEach(reply -> assertEquals(":1\r\n", new String(reply, ISO_8859_1)));
            assertEquals(List.of(), replica.executor.execute(BEGIN_MILLIS, List.of(), Replica.mark(2, BEGIN_MILLIS)));
        }
    }

    /** Only the leader executes them, for the replies; all others would wait for it for hours. */
    @Test
    void readsOfATransactionThatWritesAreBounded() {
        try (Replica replica = new Replica(directory)) {
            execute(replica, 0, step("SET", "a", "ab".repeat(2000)), step("SET", "b", "ba".repeat(2000)));
            List<WriteStep> commands = new ArrayList<>(List.of(step("SET", "c", "1")));
            for (int i = 0; i < 6; i++) {
                commands.add(step("LCS", "a", "b", "LEN"));
            }
            commands.add(step("GET", "a"));
            commands.add(step("INCR", "c"));
            String replies = execute(replica, 1, transaction(commands.toArray(WriteStep[]::new)));
            String refused = "-ERR commands that only read take too long in a transaction that writes\r\n";
            assertTrue(replies.startsWith("*9\r\n+OK\r\n:3999\r\n"), replies);
            assertTrue(replies.endsWith(refused + refused + ":2\r\n"), replies);
        }
    }

    @Test
    void aStepWhoseReplyIsTooLongIsExecuted() {
        String done = "-ERR the write was done, but there is no memory for its reply\r\n";
        try (Replica replica = new Replica(directory)) {
            execute(replica, 0, step("SET", "k", "v".repeat((1 << 20) - 1)));
            WriteStep[] reads = new WriteStep[70];
            Arrays.fill(reads, step("GETEX", "k", "PERSIST"));
            reads[69] = step("INCR", "n");
            assertEquals(done, execute(replica, 1, transaction(reads)));
            assertEquals(2, replica.applied());
            List<byte[]> replies = replica.execute(new Entry(2, BEGIN_MILLIS, List.of(reads)));
            assertTrue(replies.getFirst().length > 1 << 20);
            assertEquals(done, new String(replies.get(68), ISO_8859_1));
            assertEquals(":2\r\n", new String(replies.get(69), ISO_8859_1));
        }
    }

    @Test
    void anEntryOfANodeWhoseStoreFailsThrowsAndChangesNothing() {
        Replica replica = new Replica(directory);
        try (replica) {
            execute(replica, 0, step("SET", "k", "v"));
            replica.store.close();
            assertThrows(RuntimeException.class, () -> execute(replica, 1, step("INCR", "n"), step("SET", "k", "w")));
        }
        try (Replica again = new Replica(directory)) {
            assertEquals(1, again.applied());
            assertEquals(":1\r\n", execute(again, 1, step("INCR", "n")));
        }
    }

    @Test
    void aStoreThatGoesByAnotherClockIsRefused() {
        try (Store store = Store.open(directory)) {
            assertThrows(IllegalArgumentException.class, () -> new EntryExecutor(store, new EntryClock()));
        }
    }
}
