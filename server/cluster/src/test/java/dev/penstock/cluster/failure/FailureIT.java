package dev.penstock.cluster.failure;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes and 20 clients, while something goes wrong: what clients see is linearizable for each key, writes go
 * on when a majority is there, and nodes that are equally far are equal. {@code -Dpenstock.allFailures=true} takes
 * longer pauses and every kind of partition.
 */
@Tag("slow")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class FailureIT {

    private static final boolean ALL = Boolean.getBoolean("penstock.allFailures");
    private static final String NETWORK = "10.213.17.";
    private static final String BRIDGE = "penstock-br";
    private static final int HOUR_SECONDS = 3600;

    @TempDir
    Path folder;

    /** What has to be undone, the last first. */
    private final List<String[]> undo = new ArrayList<>();

    @AfterEach
    void undo() throws InterruptedException {
        for (String[] command : undo.reversed()) {
            Shell.succeeds(command);
        }
    }

    private void run(String... command) throws Exception {
        Shell.run(command);
    }

    @Test
    void killedNodes() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.start(folder, new ProcessCluster.Layout() {})) {
            int leader = cluster.leader();
            cluster.node(leader).kill();
            cluster.awaitProgress("the leader was killed");
            cluster.node(leader).start();
            cluster.awaitProgress("it has started again");
            int follower = (cluster.leader() + 1) % ProcessCluster.SIZE;
            cluster.node(follower).kill();
            cluster.awaitProgress("a follower was killed");
            cluster.node(follower).start();
            cluster.awaitProgress("it has started again");
            for (int i = 0; i < ProcessCluster.SIZE; i++) {
                cluster.node(i).kill();
            }
            for (int i = 0; i < ProcessCluster.SIZE; i++) {
                cluster.node(i).start();
            }
            cluster.awaitProgress("all were killed");
            cluster.check();
        }
    }

    @Test
    void pausedLeaders() throws Exception {
        int[] seconds = ALL ? new int[] {1, 2, 3, 5, 10, 30, 90} : new int[] {1, 4};
        try (ProcessCluster cluster = ProcessCluster.start(folder, new ProcessCluster.Layout() {})) {
            for (int each : seconds) {
                int leader = cluster.leader();
                cluster.node(leader).pause();
                cluster.run(TimeUnit.SECONDS.toMillis(each));
                cluster.node(leader).resume();
                cluster.awaitProgress("a pause of " + each + " s");
                assertTrue(cluster.node(leader).isRunning());
            }
            cluster.check();
        }
    }

    private static boolean isRoot() throws Exception {
        return Shell.succeeds("sh", "-c", "test $(id -u) = 0");
    }

    private static String namespace(int node) {
        return "penstock" + node;
    }

    private static String address(int node) {
        return NETWORK + (node + 1);
    }

    private void makeNetwork() throws Exception {
        assumeTrue(
                isRoot() && Shell.succeeds("ip", "link", "add", BRIDGE, "type", "bridge"),
                "no right to make a network: partitions are not tested");
        undo.add(new String[] {"ip", "link", "del", BRIDGE});
        run("ip", "addr", "add", NETWORK + "254/24", "dev", BRIDGE);
        run("ip", "link", "set", BRIDGE, "up");
        for (int i = 0; i < ProcessCluster.SIZE; i++) {
            String name = namespace(i);
            run("ip", "netns", "add", name);
            undo.add(new String[] {"ip", "netns", "del", name});
            run("ip", "link", "add", "psv" + i, "type", "veth", "peer", "name", "eth0", "netns", name);
            run("ip", "link", "set", "psv" + i, "master", BRIDGE, "up");
            run("ip", "-n", name, "addr", "add", address(i) + "/24", "dev", "eth0");
            run("ip", "-n", name, "link", "set", "eth0", "up");
            run("ip", "-n", name, "link", "set", "lo", "up");
        }
    }

    /** What one node sends to another is lost. */
    private void cut(int from, int to) throws Exception {
        run("ip", "-n", namespace(from), "route", "add", "blackhole", address(to) + "/32");
    }

    private void mend(int from, int to) throws Exception {
        run("ip", "-n", namespace(from), "route", "del", "blackhole", address(to) + "/32");
    }

    private final ProcessCluster.Layout apart = new ProcessCluster.Layout() {
        @Override
        public String host(int node) {
            return address(node);
        }

        @Override
        public List<String> prefix(int node) {
            return List.of("ip", "netns", "exec", namespace(node));
        }
    };

    /** The clients reach all nodes all the time, so that each of them asks a leader that is not one any more. */
    @Test
    void partitions() throws Exception {
        makeNetwork();
        try (ProcessCluster cluster = ProcessCluster.start(folder, apart)) {
            int leader = cluster.leader();
            int second = (leader + 1) % ProcessCluster.SIZE;
            int third = (leader + 2) % ProcessCluster.SIZE;
            for (int other : new int[] {second, third}) {
                cut(leader, other);
                cut(other, leader);
            }
            cluster.awaitProgress("the leader was cut off");
            cluster.run(1000);
            for (int other : new int[] {second, third}) {
                mend(leader, other);
                mend(other, leader);
            }
            cluster.awaitProgress("it was back");
            for (int i = 0; i < (ALL ? 4 : 1); i++) {
                leader = cluster.leader();
                second = (leader + 1 + i % 2) % ProcessCluster.SIZE;
                third = (leader + 2 - i % 2) % ProcessCluster.SIZE;
                boolean isHeard = i >= 2;
                cut(isHeard ? second : leader, isHeard ? leader : second);
                cluster.run(1500);
                cut(isHeard ? third : leader, isHeard ? leader : third);
                cluster.run(3000);
                mend(isHeard ? second : leader, isHeard ? leader : second);
                cluster.run(1500);
                mend(isHeard ? third : leader, isHeard ? leader : third);
                cluster.awaitProgress("one direction was cut");
            }
            cluster.check();
        }
    }

    private final ProcessCluster.Layout small = new ProcessCluster.Layout() {
        @Override
        public Path folder(int node, Path usual) {
            return node == 2 ? usual : folder.resolve("disk" + node).resolve("node");
        }
    };

    private static void fill(Path disk) throws IOException {
        byte[] zeros = new byte[1 << 16];
        try (OutputStream file = Files.newOutputStream(disk.resolve("ballast"))) {
            while (true) {
                file.write(zeros);
            }
        } catch (IOException e) {
            if (!e.getMessage().contains("No space")) {
                throw e;
            }
        }
    }

    /** With one full disk the others go on, with two nobody acknowledges; with room again all is as before. */
    @Test
    void fullDisks() throws Exception {
        for (int i = 0; i < 2; i++) {
            Path disk = Files.createDirectory(folder.resolve("disk" + i));
            assumeTrue(
                    isRoot() && Shell.succeeds("mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", disk.toString()),
                    "no right to mount a small tmpfs: full disks are not tested");
            undo.add(new String[] {"umount", "-l", disk.toString()});
        }
        try (ProcessCluster cluster = ProcessCluster.start(folder, small)) {
            fill(folder.resolve("disk0"));
            cluster.run(2000);
            cluster.awaitProgress("one disk was full");
            fill(folder.resolve("disk1"));
            cluster.run(4000);
            for (int i = 0; i < 2; i++) {
                Files.delete(folder.resolve("disk" + i).resolve("ballast"));
            }
            for (int i = 0; i < 2; i++) {
                if (!cluster.node(i).isRunning()) {
                    cluster.node(i).start();
                }
            }
            cluster.awaitProgress("there was room again");
            for (int i = 0; i < 2; i++) {
                if (!cluster.node(i).isRunning()) {
                    cluster.node(i).start();
                }
            }
            cluster.awaitProgress("all nodes were back");
            cluster.check();
        }
    }

    /** Finds the library by which {@code faketime} sets the clock of a process. */
    private static Path fakeTime() throws Exception {
        try (Stream<Path> found =
                Files.find(Path.of("/usr/lib"), 4, (path, _) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            return found.findFirst().orElse(null);
        }
    }

    /**
     * Each node's clock is an hour ahead of the one before. The monotonic clock is set as well: with the true one, the
     * library has each wait of the JVM end at once. It must not be negative, which is why no clock is behind.
     */
    private static ProcessCluster.Layout hoursApart(Path library) {
        return new ProcessCluster.Layout() {
            @Override
            public List<String> prefix(int node) {
                return node == 0
                        ? List.of()
                        : List.of("env", "LD_PRELOAD=" + library, "FAKETIME=+" + node * HOUR_SECONDS + "s");
            }
        };
    }

    /** No read is stale. A value expires after its time, or after twice of it where the clock is behind the log. */
    @Test
    void clocksAnHourApart() throws Exception {
        Path library = fakeTime();
        assumeTrue(library != null, "faketime is not installed: clocks that differ are not tested");
        try (ProcessCluster cluster = ProcessCluster.start(folder, hoursApart(library))) {
            Set<Integer> leaders = new HashSet<>();
            int last = -1;
            boolean hasGoneBack = false;
            while (!hasGoneBack || ALL && leaders.size() < ProcessCluster.SIZE) {
                int leader = cluster.leader();
                leaders.add(leader);
                hasGoneBack |= leader < last;
                last = leader;
                cluster.checkExpiry();
                cluster.node(leader).kill();
                cluster.awaitProgress("the leader was killed");
                cluster.node(leader).start();
                cluster.awaitProgress("it has started again");
            }
            cluster.checkExpiry();
            cluster.check();
        }
    }
}
