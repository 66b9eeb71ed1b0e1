package dev.penstock.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryWriter;
import dev.penstock.cluster.raft.LogPosition;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.server.shard.Proposal;
import dev.penstock.server.shard.WriteStep;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of a node that need no other nodes. */
class GroupPartsTest {

    private static final List<ClusterMember> MEMBERS = List.of(
            new ClusterMember("a", "127.0.0.1", 7001, 17001),
            new ClusterMember("b", "127.0.0.1", 7002, 17002),
            new ClusterMember("c", "127.0.0.1", 7003, 17003));

    private static ClusterOptions options() {
        return ClusterOptions.of("b", MEMBERS, Path.of("folder"));
    }

    /** A store of the next version has to be read as one of this version. */
    @Test
    void theBytesOfAMarkAreThoseOfTheFormat() {
        ReplicaMark mark = new ReplicaMark(new LogPosition(3, 258), 0x0102030405060708L);
        assertEquals(
                "0300000000000000" + "0201000000000000" + "0807060504030201",
                HexFormat.of().formatHex(mark.bytes()));
        assertEquals(mark, ReplicaMark.of(mark.bytes()));
        assertEquals(ReplicaMark.NONE, ReplicaMark.of(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> ReplicaMark.of(new byte[16]));
    }

    private static List<byte[]> command(String... words) {
        return Arrays.stream(words)
                .map(word -> word.getBytes(StandardCharsets.US_ASCII))
                .toList();
    }

    /** Limits count for each step, so all nodes have to divide an entry into the same ones. */
    @Test
    void anEntryIsReadAsTheStepsThatItWasWrittenFrom() {
        List<WriteStep> steps = List.of(
                new WriteStep(List.of(command("set", "exec", "multi")), false, 2),
                new WriteStep(List.of(command("incr", "a"), command("ping")), true, 3),
                new WriteStep(List.of(command("flushall")), false, 2),
                new WriteStep(List.of(command("incr", "b")), true, 2));
        LogEntryWriter writer = new LogEntryWriter();
        steps.forEach(step -> EntrySteps.write(step, writer));
        assertEquals(describe(steps), describe(EntrySteps.read(writer.finish(LogEntry.Kind.COMMANDS, 1))));
    }

    private static String describe(List<WriteStep> steps) {
        StringBuilder text = new StringBuilder();
        for (WriteStep step : steps) {
            text.append(step.isTransaction() ? "transaction:" : "command:");
            step.commands().forEach(command -> {
                command.forEach(word -> text.append(' ').append(new String(word, StandardCharsets.US_ASCII)));
                text.append(',');
            });
            text.append('\n');
        }
        return text.toString();
    }

    @Test
    void requestsWaitForALeaderAndAreSentToIt() {
        GroupView view = new GroupView(options(), () -> null);
        CompletableFuture<Void> waiting = view.router().admit(5, false);
        assertNotNull(waiting);
        view.show(null, true, 1);
        assertTrue(waiting.isDone(), "a new term is news");
        CompletableFuture<Void> again = view.router().admit(5, false);
        assertNotNull(again);
        view.show("b", false, 1);
        assertNotNull(view.router().admit(5, false), "a leader that does not serve yet");
        view.show("b", true, 1);
        assertTrue(again.isDone());
        assertNull(view.router().admit(5, false));
        view.show("c", true, 2);
        CommandError moved =
                assertThrows(CommandError.class, () -> view.router().admit(5, false));
        assertEquals("MOVED 5 127.0.0.1:7003", moved.getMessage());
        view.show(null, true, 2);
        assertNotNull(view.router().admit(5, false));
        assertEquals(7003, view.map().ranges().getFirst().leader().port(), "clients see the last leader meanwhile");
    }

    /** The server does not let such values through; the log does not rely on it. */
    @Test
    void aValueThatTheLogDoesNotTakeIsAnErrorAndNothingElseIs() {
        GroupLog log = new GroupLog(new EntryClock(), () -> {});
        byte[] set = "SET".getBytes(StandardCharsets.US_ASCII);
        WriteStep tooLong = new WriteStep(List.of(List.of(set, set, new byte[1 << 20])), false, 2);
        for (int i = 0; i < 2; i++) {
            Proposal proposal = new Proposal(List.of(tooLong), Proposal.ANY_TERM);
            log.propose(proposal);
            Proposal.Applied applied = assertInstanceOf(
                    Proposal.Applied.class,
                    proposal.outcome().toCompletableFuture().join());
            assertArrayEquals(
                    "-ERR a value in a cluster must be shorter than 1 MiB; this one has 1048576 bytes\r\n"
                            .getBytes(StandardCharsets.US_ASCII),
                    applied.replies().getFirst());
        }
    }

    @Test
    void optionsThatContradictEachOtherAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> ClusterOptions.of("d", MEMBERS, Path.of("folder")));
        assertThrows(
                IllegalArgumentException.class, () -> ClusterOptions.of("a", MEMBERS.subList(0, 2), Path.of("folder")));
        List<ClusterMember> twins = List.of(MEMBERS.get(0), MEMBERS.get(0), MEMBERS.get(1));
        assertThrows(IllegalArgumentException.class, () -> ClusterOptions.of("a", twins, Path.of("folder")));
        assertThrows(IllegalArgumentException.class, () -> new ClusterMember("a", "127.0.0.1", 7001, 7001));
        assertThrows(IllegalArgumentException.class, () -> new ClusterMember("a b", "127.0.0.1", 7001, 17001));
        StoreOptions small = StoreOptions.defaults().withSegmentSize(16 << 20);
        assertThrows(IllegalArgumentException.class, () -> options().withStore(small));
    }

    private static void assertRefused(ClusterOptions options, String part) {
        IOException refused = assertThrows(IOException.class, () -> NodeFolder.claim(options));
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }

    /** It would vote in the name of both. */
    @Test
    void aNodeRefusesTheDirectoryOfAnotherNode(@TempDir Path folder) throws IOException {
        NodeFolder.claim(ClusterOptions.of("a", MEMBERS, folder));
        NodeFolder.claim(ClusterOptions.of("a", MEMBERS.reversed(), folder));
        assertRefused(ClusterOptions.of("b", MEMBERS, folder), "is the directory of cluster penstock, node a");
        assertRefused(ClusterOptions.of("a", MEMBERS, folder).withGroup("other"), "cluster penstock, node a");
        List<ClusterMember> others =
                List.of(MEMBERS.get(0), MEMBERS.get(1), new ClusterMember("c", "127.0.0.1", 7003, 1));
        assertRefused(ClusterOptions.of("a", others, folder), "member c 127.0.0.1:17003");
        ClusterMember moved = new ClusterMember("c", "127.0.0.1", 8003, 17003);
        NodeFolder.claim(ClusterOptions.of("a", List.of(MEMBERS.get(0), MEMBERS.get(1), moved), folder));
    }
}
