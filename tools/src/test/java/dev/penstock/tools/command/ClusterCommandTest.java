package dev.penstock.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.FreePorts;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.program.ServeCommandIT;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands of {@code cluster} refuse, each in one line that says what to do. Nothing is started. */
class ClusterCommandTest {

    private static final String PEERS = "a=127.0.0.1:7001,b=127.0.0.1:7002,c=127.0.0.1:7003";

    @TempDir
    Path folder;

    private Path data() {
        return folder.resolve("data");
    }

    private Cli.Result init(Path directory, String name) {
        return Cli.run("cluster", "init", directory, "--name", name, "--peers", PEERS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "init", "node", "status"})
    void eachSubcommandExplainsItself(String command) {
        Cli.Result help = Cli.run("cluster", command, "--help").exits(0);
        assertTrue(help.out().startsWith("\nUsage: penstock cluster " + command + " "), help.out());
        assertTrue(help.out().contains("Exit codes:"), help.out());
        assertFalse(help.out().contains("--supervised"), "is for programs alone");
        assertTrue(help.out().lines().allMatch(line -> line.length() <= 100), "a line is longer than 100 columns");
    }

    @Test
    void aClusterWithoutASubcommandNamesThem() {
        String problem = Cli.run("cluster").exits(ExitCode.USAGE).complaint();
        assertTrue(problem.startsWith("penstock: cluster needs one of start, init, node, status"), problem);
        problem = Cli.run("cluster", "strat", "data").exits(ExitCode.USAGE).complaint();
        assertTrue(problem.startsWith("penstock: unknown command 'cluster strat'; did you mean 'start'?"), problem);
    }

    @Test
    void initMakesADirectoryOnce() throws IOException {
        assertTrue(init(data(), "b").exits(0).out().contains("node b, at 127.0.0.1:7002"));
        String again = init(data(), "b").exits(ExitCode.STORE).complaint();
        assertTrue(again.contains("belongs to node b of the cluster penstock already"), again);
        assertTrue(again.contains("'penstock cluster node " + data() + "' starts it"), again);
        String other = init(data(), "a").exits(ExitCode.STORE).complaint();
        assertTrue(other.contains("belongs to node b"), other);
        String started =
                Cli.run("cluster", "start", data()).exits(ExitCode.STORE).complaint();
        assertTrue(started.contains("the directory of a single node"), started);
    }

    @Test
    void initTakesNoDirectoryThatHasSomethingElse() throws IOException {
        Cli.run("put", Files.createDirectories(data()), "key", "value").exits(0);
        String store = init(data(), "a").exits(ExitCode.STORE).complaint();
        assertTrue(store.endsWith("is not empty, and not the directory of a node; give a missing or empty directory"));
        assertEquals("value", Cli.run("get", data(), "key").exits(0).out().strip());
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertTrue(init(file, "a").exits(ExitCode.STORE).complaint().contains("is not empty"));
    }

    @Test
    void initRefusesNodesThatCannotBe() {
        String absent = init(data(), "d").exits(ExitCode.USAGE).complaint();
        assertTrue(absent.contains("node d is not among the nodes a, b, c"), absent);
        String even = Cli.run("cluster", "init", data(), "--name", "a", "--peers", "a=127.0.0.1:1,b=127.0.0.1:2")
                .exits(ExitCode.USAGE)
                .complaint();
        assertTrue(even.contains("odd number"), even);
        assertFalse(Files.exists(data()));
    }

    /** The port of the log has no password: that it is protected has to be said. */
    @Test
    void otherHostsNeedATrustedNetwork() {
        Object[] words = {"cluster", "init", data(), "--name", "a", "--peers", "a=10.0.0.1:6380"};
        String refused = Cli.run(words).exits(ExitCode.USAGE).complaint();
        assertTrue(refused.contains("--trusted-network"), refused);
        Object[] trusted = Arrays.copyOf(words, words.length + 1);
        trusted[words.length] = "--trusted-network";
        Cli.run(trusted).exits(0);
    }

    @Test
    void statusNeedsANodeThatAnswers() throws Exception {
        int port = FreePorts.first(1);
        String stranger = Cli.run("cluster", "status", "127.0.0.1:" + port)
                .exits(ExitCode.IO)
                .complaint();
        assertTrue(stranger.contains("127.0.0.1:" + port + ": cannot connect"), stranger);
        String none = Cli.run("cluster", "status", data()).exits(ExitCode.USAGE).complaint();
        assertTrue(none.contains("is neither HOST:PORT nor an existing directory"), none);
        String peers = "a=127.0.0.1:" + port;
        Cli.run("cluster", "init", data(), "--name", "a", "--peers", peers).exits(0);
        String stopped = Cli.run("cluster", "status", data()).exits(ExitCode.IO).complaint();
        assertTrue(stopped.contains("127.0.0.1:" + port + ": cannot connect"), stopped);
        try (Child server = Child.start("serve", folder.resolve("alone"), "--port", "0")) {
            String address = ServeCommandIT.address(server.readLine()).toString();
            String alone =
                    Cli.run("cluster", "status", address).exits(ExitCode.USAGE).complaint();
            assertEquals("penstock: " + address + " is not a node of a Penstock cluster", alone);
        }
    }

    @Test
    void aNodeNeedsADirectoryThatWasMadeForIt() throws IOException {
        for (Path directory : new Path[] {data(), Files.createDirectories(folder.resolve("empty"))}) {
            String problem =
                    Cli.run("cluster", "node", directory).exits(ExitCode.STORE).complaint();
            assertEquals(
                    "penstock: " + directory
                            + " is not the directory of a node; 'penstock cluster init' makes one of a missing or "
                            + "empty directory",
                    problem);
        }
        assertFalse(Files.exists(data()));
    }

    /** The log knows the node and the others by what {@code node} says. */
    @Test
    void theTwoFilesOfADirectoryMustNameTheSameNode() throws IOException {
        init(data(), "a").exits(0);
        Files.writeString(data().resolve("node"), "cluster penstock\nnode b\n");
        String problem = Cli.run("cluster", "node", data()).exits(ExitCode.IO).complaint();
        assertEquals(
                "penstock: " + data() + " is the directory of cluster penstock, node b: it cannot be that of"
                        + " cluster penstock, node a",
                problem);
    }

    @Test
    void aNodeOfANewerReleaseIsRefused() throws IOException {
        init(data(), "a").exits(0);
        Path file = data().resolve("node.properties");
        Files.writeString(file, Files.readString(file).replace("format=1", "format=2"));
        String problem =
                Cli.run("cluster", "node", data()).exits(ExitCode.STORE).complaint();
        assertTrue(problem.endsWith("has format '2', and this release reads 1; use a newer release"), problem);
    }

    @Test
    void aNodeTakesNoSettingOfAServerAlone() {
        for (String option : new String[] {"--port=1", "--http-port=1", "--tls-port=1", "--event-loops=2"}) {
            String problem = Cli.run("cluster", "node", data(), option)
                    .exits(ExitCode.USAGE)
                    .complaint();
            assertTrue(problem.startsWith("penstock: unknown option '" + option), problem);
        }
    }

    @Test
    void startRefusesNumbersThatCannotBe() {
        for (String option : new String[] {"--nodes=2", "--nodes=0", "--nodes=11", "--port=0", "--port=55534"}) {
            String problem = Cli.run("cluster", "start", data(), option)
                    .exits(ExitCode.USAGE)
                    .complaint();
            assertTrue(problem.startsWith("penstock: " + option.substring(0, option.indexOf('='))), problem);
        }
        assertFalse(Files.exists(data()));
    }

    @Test
    void startTakesNoDirectoryThatHasSomethingElse() throws IOException {
        Cli.run("put", Files.createDirectories(data()), "key", "value").exits(0);
        String problem =
                Cli.run("cluster", "start", data()).exits(ExitCode.STORE).complaint();
        assertTrue(problem.contains(data() + " contains "), problem);
        assertTrue(problem.endsWith(", which is no part of a cluster; give a missing or empty directory"), problem);
    }

    @Test
    void startNamesThePortThatIsTaken() throws IOException {
        int port = FreePorts.first(3);
        try (ServerSocket taken = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
            String problem = Cli.run("cluster", "start", data(), "--port", port)
                    .exits(ExitCode.IO)
                    .complaint();
            assertTrue(
                    problem.startsWith("penstock: port " + taken.getLocalPort() + ", which node n2 needs, is taken"));
            assertTrue(problem.contains("'penstock cluster status 127.0.0.1:" + port + "' shows it"), problem);
        }
        try (ServerSocket taken = new ServerSocket(port + 10_002, 1, InetAddress.getLoopbackAddress())) {
            String problem = Cli.run("cluster", "start", data(), "--port", port)
                    .exits(ExitCode.IO)
                    .complaint();
            assertTrue(problem.contains("port " + taken.getLocalPort() + ", which node n3 needs for the log"), problem);
        }
        assertFalse(Files.exists(data()), "the next try may have other ports");
    }

    /** What a cluster is does not change. */
    @Test
    void startRefusesAnotherShapeAndAnIncompleteCluster() throws IOException {
        int port = 7000;
        for (String name : new String[] {"n1", "n2", "n3"}) {
            String peers = "n1=127.0.0.1:7000,n2=127.0.0.1:7001,n3=127.0.0.1:7002";
            Cli.run("cluster", "init", data().resolve(name), "--name", name, "--peers", peers)
                    .exits(0);
        }
        for (String option : new String[] {"--port=" + (port + 1), "--nodes=5"}) {
            String problem = Cli.run("cluster", "start", data(), option)
                    .exits(ExitCode.USAGE)
                    .complaint();
            assertTrue(problem.contains("has a cluster of 3 nodes from port " + port + " on"), problem);
        }
        Path second = data().resolve("n2");
        Path third = data().resolve("n3");
        Files.move(second, folder.resolve("kept"));
        String missing =
                Cli.run("cluster", "start", data()).exits(ExitCode.STORE).complaint();
        assertTrue(missing.contains(second + " is missing"), missing);
        assertTrue(missing.contains("docs/guide/cluster.md"), missing);

        Files.move(third, second);
        Files.move(folder.resolve("kept"), third);
        String exchanged =
                Cli.run("cluster", "start", data()).exits(ExitCode.STORE).complaint();
        assertTrue(exchanged.contains(second + " belongs to node n3="), exchanged);
    }
}
