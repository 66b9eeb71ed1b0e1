package dev.penstock.server.replica;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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

        private static byte[] mark(int index, long millis) {
            return ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                    .putInt(index)
                    .putLong(millis)
                    .array();
        }

        /** Number of entries that the store has. */
        int applied() {
            byte[] mark = store.mark();
            return mark.length == 0 ? 0 : ByteBuffer.wrap(mark).getInt() + 1;
        }

        private long markedMillis() {
            byte[] mark = store.mark();
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
                    new String(key, ISO_8859_1),
                    value.expiryMillis() + " " + new String(value.toByteArray(), ISO_8859_1)));
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
                restarted.execute(new Entry(index, millis, withoutReplies(entry.steps())));
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

    /** How many bytes an entry changes does not depend on what is left on a node, so all replicas refuse the same. */
    @Test
    void theLimitsOfAnEntryAreThoseOfItsValues() {
        try (Replica replica = new Replica(directory)) {
            String value = "v".repeat(1 << 19);
            WriteStep[] sets = new WriteStep[5];
            WriteStep[] expiries = new WriteStep[40];
            for (int i = 0; i < sets.length; i++) {
                sets[i] = step("SET", "k" + i, value);
            }
            for (int i = 0; i < expiries.length; i++) {
                expiries[i] = step("COPY", "k" + i % sets.length, "copy" + i);
            }
            execute(replica, 0, sets);
            String replies = execute(replica, 1, expiries);
            assertTrue(
                    replies.startsWith(":1\r\n".repeat(32) + "-ERR commands that are replicated together "), replies);
            assertEquals(sets.length + 32, replica.store.count());
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
