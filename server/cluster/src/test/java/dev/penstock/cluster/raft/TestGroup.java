package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.FreePorts;
import dev.penstock.cluster.Polling;
import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Three nodes in this JVM, on the loopback address, with a store each. They stop and start again on their folders. */
final class TestGroup implements AutoCloseable {

    static final int SIZE = 3;
    private static final long LIMIT_SECONDS = 60;

    /** What a node told its listener. */
    record Event(String what, @Nullable Throwable cause) {}

    private final Path folder;
    private final List<RaftMember> members = new ArrayList<>();
    private final RaftNode[] nodes = new RaftNode[SIZE];
    private final StoreReplica[] replicas = new StoreReplica[SIZE];
    private final List<BlockingQueue<Event>> events = new ArrayList<>();
    private final Map<Long, String> leaders = new ConcurrentHashMap<>();

    private TestGroup(Path folder) {
        this.folder = folder;
        Iterator<Integer> ports = FreePorts.take(SIZE);
        for (int i = 0; i < SIZE; i++) {
            members.add(new RaftMember("" + (char) ('a' + i), "127.0.0.1", ports.next()));
            events.add(new LinkedBlockingQueue<>());
        }
    }

    /** Starts all three. */
    static TestGroup start(Path folder) throws IOException {
        TestGroup group = new TestGroup(folder);
        try {
            group.start();
        } catch (IOException | RuntimeException e) {
            group.close();
            throw e;
        }
        return group;
    }

    /** Starts those that do not run. */
    void start() throws IOException {
        for (int i = 0; i < SIZE; i++) {
            if (nodes[i] == null) {
                start(i);
            }
        }
    }

    RaftSettings settings(int node) {
        return RaftSettings.of(members.get(node).id(), members, "group", folder.resolve("raft" + node));
    }

    void start(int node) throws IOException {
        start(node, GroupMachine::new);
    }

    void start(int node, GroupMachine.Maker maker) throws IOException {
        replicas[node] = new StoreReplica(folder.resolve("store" + node));
        BlockingQueue<Event> queue = events.get(node);
        queue.clear();
        RaftListener listener = new RaftListener() {
            @Override
            public void onLeader(String leader, long term) {
                leaders.put(term, leader);
            }

            @Override
            public void onFault(Throwable cause) {
                queue.add(new Event("fault", cause));
            }

            @Override
            public void onRecovery() {
                queue.add(new Event("recovery", null));
            }

            @Override
            public void onStopped(Throwable cause) {
                queue.add(new Event("stopped", cause));
            }
        };
        nodes[node] = RaftNode.start(settings(node), replicas[node], listener, maker);
    }

    void stop(int node) {
        if (nodes[node] != null) {
            nodes[node].close();
            nodes[node] = null;
        }
        if (replicas[node] != null) {
            replicas[node].close();
            replicas[node] = null;
        }
    }

    RaftNode node(int node) {
        return nodes[node];
    }

    StoreReplica replica(int node) {
        return replicas[node];
    }

    boolean hasNoEvent(int node, String what) {
        return events.get(node).stream().noneMatch(event -> event.what().equals(what));
    }

    /** Waits for a node to tell something, whatever it tells before. */
    Event event(int node, String what) throws InterruptedException {
        while (true) {
            Event event = events.get(node).poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertTrue(event != null, "no " + what + " from node " + node);
            if (event.what().equals(what)) {
                return event;
            }
        }
    }

    /** Waits for a node that leads and takes entries. */
    int leader() throws Exception {
        int[] leader = new int[1];
        Polling.await("a leader", () -> {
            for (int i = 0; i < SIZE; i++) {
                if (nodes[i] != null && nodes[i].isReady()) {
                    leader[0] = i;
                    return true;
                }
            }
            return false;
        });
        return leader[0];
    }

    /** Whether a node leads or has led in a term after that one, as its nodes have told. */
    boolean hasLed(int node, long afterTerm) {
        String id = members.get(node).id();
        return leaders.entrySet().stream()
                .anyMatch(led -> led.getKey() > afterTerm && led.getValue().equals(id));
    }

    /** A node that does not lead. */
    int follower() throws Exception {
        return (leader() + 1) % SIZE;
    }

    static LogEntry entry(String... words) {
        LogEntryWriter writer = new LogEntryWriter();
        writer.command(Arrays.stream(words)
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new));
        return writer.finish(LogEntry.Kind.COMMANDS, 1);
    }

    /** Has an entry applied, by whatever node leads; only what is known not to be done is submitted again. */
    void apply(String... words) throws Exception {
        SubmitOutcome[] outcome = new SubmitOutcome[1];
        Polling.await("that " + String.join(" ", words) + " is applied", () -> {
            outcome[0] = nodes[leader()].submit(entry(words)).get(LIMIT_SECONDS, TimeUnit.SECONDS);
            return !(outcome[0] instanceof SubmitOutcome.Refused);
        });
        assertInstanceOf(SubmitOutcome.Applied.class, outcome[0]);
    }

    /** Waits until all nodes that run have applied the same entries; their stores are then the same. */
    void awaitEqual() throws Exception {
        Polling.await(
                "equal replicas",
                () -> Arrays.stream(replicas)
                                .filter(replica -> replica != null)
                                .map(StoreReplica::applied)
                                .distinct()
                                .count()
                        == 1);
        List<?> contents = Arrays.stream(replicas)
                .filter(replica -> replica != null)
                .map(StoreReplica::contents)
                .distinct()
                .toList();
        assertEquals(1, contents.size(), contents::toString);
    }

    @Override
    public void close() {
        for (int i = 0; i < SIZE; i++) {
            if (replicas[i] != null) {
                replicas[i].trouble(_ -> {});
            }
            stop(i);
        }
    }
}
