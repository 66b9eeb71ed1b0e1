package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.FreePorts;
import dev.penstock.tools.Installed;
import dev.penstock.tools.WorkingCopy;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of processes, as the launcher starts it and as redis-cli uses it. */
class ClusterIT {

    private static final Pattern SERVES =
            Pattern.compile("[0-9:.]+  (n\\d) serves 127\\.0\\.0\\.1:(\\d+), process (\\d+)");
    private static final Pattern LEADS = Pattern.compile("[0-9:.]+  (n\\d) leads, term (\\d+)");
    /** A test that was started in the background ignores SIGINT, and so do its children. */
    private static final boolean IGNORES_INTERRUPTS = ignoresInterrupts();

    private static final String SIGNAL = IGNORES_INTERRUPTS ? "-TERM" : "-INT";
    private static final int SIGNALLED = 128 + (IGNORES_INTERRUPTS ? 15 : 2);

    @TempDir
    Path folder;

    private WorkingCopy copy;
    private final int port = FreePorts.first(3);

    @BeforeEach
    void install() throws IOException {
        Installed.assume("redis-cli");
        copy = new WorkingCopy(folder);
        copy.install();
        Files.createFile(copy.target().resolve("launcher-cluster.rehearsed"));
    }

    private static boolean ignoresInterrupts() {
        try {
            String mask = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .findFirst()
                    .orElseThrow();
            return (Long.parseUnsignedLong(mask.replaceFirst("SigIgn:\\s*", ""), 16) & 2) != 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start(String... options) throws IOException {
        String[] words = {"cluster", "start", "data"};
        String[] all = Arrays.copyOf(words, words.length + options.length);
        System.arraycopy(options, 0, all, words.length, options.length);
        return copy.start(all);
    }

    /** Lines of the program until one has the form. */
    private static Matcher await(Process process, Pattern form) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String line = process.inputReader(UTF_8).readLine();
                line != null;
                line = process.inputReader(UTF_8).readLine()) {
            before.append(line).append('\n');
            Matcher matcher = form.matcher(line);
            if (matcher.matches()) {
                return matcher;
            }
        }
        throw new AssertionError("no line " + form + " in:\n" + before);
    }

    /** The processes of the nodes that are there, by their command lines. */
    private List<ProcessHandle> nodes(Process cluster) {
        return cluster.children().toList();
    }

    private static ProcessHandle node(Process cluster, String name) {
        return cluster.children()
                .filter(node -> commandLine(node).contains("\0data/" + name + "\0"))
                .findFirst()
                .orElseThrow();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    private String redis(int offset, String... words) throws Exception {
        return Installed.run(
                Stream.concat(Stream.of("redis-cli", "-c", "-p", Integer.toString(port + offset)), Arrays.stream(words))
                        .toArray(String[]::new));
    }

    /** Asks again while no node leads, or the node does not know the leader yet, as a client would. */
    private void expect(String reply, int offset, String... words) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String got = redis(offset, words);
        while (got.startsWith("CLUSTERDOWN") && System.nanoTime() < deadline) {
            got = redis(offset, words);
        }
        assertEquals(reply, got.strip());
    }

    /** As Ctrl-C does in a terminal: all processes get the signal. */
    private static void interrupt(Process cluster) throws Exception {
        List<String> command = Stream.concat(
                        Stream.of("kill", SIGNAL, Long.toString(cluster.pid())),
                        cluster.children().map(node -> Long.toString(node.pid())))
                .toList();
        Installed.run(command.toArray(String[]::new));
    }

    private String address(String name) {
        return "127.0.0.1:" + (port + name.charAt(1) - '1');
    }

    private static JsonNode status(String target, int exitCode) throws IOException {
        return Cli.run("cluster", "status", target, "--json").exits(exitCode).json();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end");
        return process.exitValue();
    }

    @Test
    void aClusterSurvivesTheLossOfItsLeaderAndEndsWithoutATrace() throws Exception {
        Process cluster = start("--port", Integer.toString(port));
        List<ProcessHandle> nodes;
        try {
            for (int i = 0; i < 3; i++) {
                await(cluster, SERVES);
            }
            String leader = await(cluster, LEADS).group(1);
            nodes = nodes(cluster);
            assertEquals(3, nodes.size());
            expect("OK", 0, "set", "greeting", "hello");
            expect("OK", 1, "set", "farewell", "goodbye");
            expect("hello", 2, "get", "greeting");
            String check = redis(0, "--cluster", "check", "127.0.0.1:" + port);
            assertTrue(check.contains("[OK] All nodes agree about slots configuration."), check);
            assertTrue(check.contains("[OK] All 16384 slots covered."), check);

            JsonNode sound = status("127.0.0.1:" + port, ExitCode.OK);
            assertTrue(sound.get("sound").asBoolean(), sound.toString());
            assertEquals("penstock", sound.get("cluster").asText());
            assertEquals(address(leader), sound.get("leader").asText());
            assertEquals(3, sound.get("nodes").size());

            node(cluster, leader).destroyForcibly();
            String next = await(cluster, LEADS).group(1);
            assertFalse(next.equals(leader), "a node that was killed leads");
            // Another program than the cluster, and it may be there again by the time that this one asks.
            JsonNode state = Cli.run("cluster", "status", copy.folder().resolve("data"), "--json")
                    .json();
            assertEquals(address(next), state.get("leader").asText(), state.toString());
            int alive = leader.equals("n1") ? 1 : 0;
            expect("OK", alive, "set", "greeting", "still here");
            expect("goodbye", alive, "get", "farewell");
            assertEquals(leader, await(cluster, SERVES).group(1), "the node that was killed starts again");
            expect("still here", leader.charAt(1) - '1', "get", "greeting");
            nodes = Stream.concat(nodes.stream(), nodes(cluster).stream()).toList();
        } finally {
            interrupt(cluster);
        }
        assertEquals(SIGNALLED, exitCode(cluster));
        assertEquals(List.of(), nodes.stream().filter(ProcessHandle::isAlive).toList());
        assertEquals("", Files.readString(folder.resolve("stderr-of-started")), "nothing was wrong");

        Process again = start();
        try {
            await(again, LEADS);
            expect("still here", 0, "get", "greeting");
        } finally {
            interrupt(again);
        }
        assertEquals(SIGNALLED, exitCode(again));
    }

    /** Whatever ends the program, its nodes end too, and close their stores. */
    @Test
    void nodesDoNotOutliveTheProgramThatStartedThem() throws Exception {
        Process cluster = start("--port", Integer.toString(port), "--nodes", "1");
        await(cluster, LEADS);
        List<ProcessHandle> nodes = nodes(cluster);
        assertEquals(1, nodes.size());
        expect("OK", 0, "set", "key", "value");
        cluster.destroyForcibly();
        nodes.getFirst().onExit().get(60, TimeUnit.SECONDS);
        assertEquals("value", copy.run("get", "data/n1/store", "key").out().strip());
    }

    /** A failed write to standard output ends the program with code 4, and it stops its nodes first. */
    @Test
    void aClusterWhoseOutputIsClosedStops() throws Exception {
        Path script = Files.writeString(
                folder.resolve("script.sh"),
                "timeout -k 10 60 ./penstock cluster start data --nodes 1 --port " + port
                        + " | head -1\nexit ${PIPESTATUS[0]}");
        WorkingCopy.Run run =
                copy.run(Path.of("/bin/bash"), Path.of(System.getProperty("java.home")), script.toString());
        assertEquals(ExitCode.IO, run.exitCode(), run.err());
        assertEquals("", run.err());
        assertEquals("starting 1 node in data\n", run.out());
    }

    /** Ctrl-C interrupts the program as well, which then starts nothing. */
    @Test
    void aNodeThatAloneIsInterruptedStartsAgain() throws Exception {
        assumeFalse(IGNORES_INTERRUPTS, "interrupts are ignored in the background");
        Process cluster = start("--port", Integer.toString(port), "--nodes", "1");
        try {
            String first = await(cluster, SERVES).group(3);
            await(cluster, LEADS);
            Installed.run("kill", "-INT", first);
            assertNotEquals(first, await(cluster, SERVES).group(3));
        } finally {
            interrupt(cluster);
        }
        String rest = cluster.inputReader(UTF_8).lines().collect(Collectors.joining("\n"));
        assertFalse(rest.contains("starts again"), rest);
        assertTrue(rest.endsWith("  stopped"), rest);
        assertEquals(SIGNALLED, exitCode(cluster));
    }

    /** An option of the environment would count twice, and the port of a debugger would be taken. */
    @Test
    void optionsOfTheEnvironmentReachANodeOnce() throws Exception {
        Map<String, String> environment = Map.of("JAVA_TOOL_OPTIONS", "-Dpenstock.once=yes");
        try (Child cluster =
                Child.start(environment, "cluster", "start", folder.resolve("data"), "--nodes", "1", "--port", port)) {
            cluster.readLine();
            assertTrue(cluster.readLine().contains("n1 serves"));
            ProcessHandle node = ProcessHandle.of(cluster.pid())
                    .orElseThrow()
                    .children()
                    .findFirst()
                    .orElseThrow();
            assertEquals(2, commandLine(node).split("-Dpenstock.once=yes", -1).length, commandLine(node));
            String variables = Files.readString(Path.of("/proc", Long.toString(node.pid()), "environ"));
            assertFalse(variables.contains("JAVA_TOOL_OPTIONS="), "the option is given twice");
            cluster.terminate();
        }
    }

    private Process startAlone(String host, String... options) throws Exception {
        WorkingCopy.Run init =
                copy.run("cluster", "init", "node", "--name", "only", "--peers", "only=" + host + ":" + port);
        assertEquals(0, init.exitCode(), init.err());
        Process node = copy.start(Stream.concat(Stream.of("cluster", "node", "node"), Arrays.stream(options))
                .toArray(String[]::new));
        await(node, Pattern.compile("node only of the cluster penstock serving node on " + host + ":" + port + ", .*"));
        return node;
    }

    /** Even where that is the default of a server alone. */
    @Test
    void aNodeListensWhereItIsTold() throws Exception {
        Process node = startAlone("127.0.0.2", "--bind", "127.0.0.1,-::1");
        try {
            assertEquals("PONG", redis(0, "ping").strip());
        } finally {
            node.destroy();
        }
        exitCode(node);
    }

    /** As by {@code --password-file <(pass show penstock)}, which can be read once. */
    @Test
    void statusReadsThePasswordOnce() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "secret of the cluster\n");
        Process node = startAlone("127.0.0.1", "--password-file", password.toString());
        try {
            Path pipe = folder.resolve("pipe");
            Installed.run("mkfifo", pipe.toString());
            CompletableFuture<Void> written = CompletableFuture.runAsync(() -> write(pipe, "secret of the cluster\n"));
            JsonNode state = Cli.run("cluster", "status", "127.0.0.1:" + port, "--json", "--password-file", pipe)
                    .json();
            assertEquals("only", state.get("nodes").get(0).get("name").asText(), state.toString());
            written.get(60, TimeUnit.SECONDS);
        } finally {
            node.destroy();
        }
        exitCode(node);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As an operator runs it, without the program that starts all nodes. */
    @Test
    void aNodeAloneSaysWhereItServesAndThatItLeads() throws Exception {
        Process node = startAlone("127.0.0.1");
        try {
            expect("OK", 0, "set", "key", "value");
        } finally {
            node.destroy();
        }
        assertEquals(Child.SIGTERMED, exitCode(node));
        String log = Files.readString(folder.resolve("stderr-of-started"));
        assertTrue(log.contains("group penstock: only leads in term "), log);
        assertFalse(log.contains("org.apache.ratis"), log);
    }

    @Test
    void aNodeThatCannotStartEndsTheCluster() throws Exception {
        Process first = start("--port", Integer.toString(port), "--nodes", "1");
        await(first, LEADS);
        interrupt(first);
        exitCode(first);
        Files.writeString(copy.folder().resolve("data/n1/store/STORE"), "damaged");
        WorkingCopy.Run second = copy.run("cluster", "start", "data");
        assertEquals(ExitCode.STORE, second.exitCode(), second.err());
        assertTrue(second.err().startsWith("n1: penstock: "), second.err());
        assertTrue(second.out().contains(" before it was ready; stopping the others"), second.out());
    }

    private String peers() {
        return IntStream.range(0, 3)
                .mapToObj(i -> "n" + (i + 1) + "=127.0.0.1:" + (port + i))
                .collect(Collectors.joining(","));
    }

    private void init(String name) throws Exception {
        WorkingCopy.Run init = copy.run("cluster", "init", name, "--name", name, "--peers", peers());
        assertEquals(0, init.exitCode(), init.err());
    }

    /** By the steps of "Replacing a node" in docs/guide/cluster.md. */
    @Test
    void aLostNodeIsReplacedByACopyOfTheLeader() throws Exception {
        Pattern serves = Pattern.compile("node n\\d of the cluster penstock serving .*");
        Map<String, Process> nodes = new TreeMap<>();
        try {
            for (String name : List.of("n1", "n2", "n3")) {
                init(name);
                nodes.put(name, copy.start("cluster", "node", name));
            }
            for (Process node : nodes.values()) {
                await(node, serves);
            }
            for (int i = 0; i < 20; i++) {
                expect("OK", i % 3, "set", "key" + i, "value" + i);
            }
            String first = address("n1");
            String lost = status(first, ExitCode.OK).get("leader").asText().equals(first) ? "n2" : "n1";
            nodes.remove(lost).destroyForcibly().waitFor();
            Path directory = copy.folder().resolve(lost);
            Installed.run("rm", "-r", directory.toString());
            WorkingCopy.Run refused = copy.run("cluster", "node", lost);
            assertEquals(ExitCode.STORE, refused.exitCode(), refused.err());

            JsonNode before = status(address("n3"), ExitCode.NEGATIVE);
            String leader = before.get("leader").asText().equals(address("n3")) ? "n3" : other(lost, "n3");
            assertEquals(address(leader), before.get("leader").asText());
            Process stopped = nodes.remove(leader);
            stopped.destroy();
            assertEquals(Child.SIGTERMED, exitCode(stopped));
            init(lost);
            Path source = copy.folder().resolve(leader);
            for (String part : List.of("store", "raft")) {
                Installed.run("cp", "-r", source.resolve(part).toString(), directory.toString());
            }
            for (String name : List.of(lost, leader)) {
                nodes.put(name, copy.start("cluster", "node", name));
                await(nodes.get(name), serves);
            }

            expect("OK", 0, "set", "key", "after");
            JsonNode after = awaitSound(first);
            assertTrue(after.get("term").asLong() > before.get("term").asLong(), after.toString());
        } finally {
            nodes.values().forEach(Process::destroy);
            for (Process node : nodes.values()) {
                exitCode(node);
            }
        }
        for (String name : nodes.keySet()) {
            for (int i = 0; i < 20; i++) {
                Cli.Result read = Cli.run("get", copy.folder().resolve(name).resolve("store"), "key" + i);
                assertEquals("value" + i, read.exits(0).out().strip(), name);
            }
        }
    }

    private static String other(String one, String two) {
        return Stream.of("n1", "n2", "n3")
                .filter(name -> !name.equals(one) && !name.equals(two))
                .findFirst()
                .orElseThrow();
    }

    /** The state when all nodes run and are equally far. */
    private static JsonNode awaitSound(String address) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            JsonNode state = Cli.run("cluster", "status", address, "--json").json();
            boolean isSound = state.get("sound").asBoolean()
                    && state.get("nodes").findValues("lag").stream().allMatch(lag -> lag.asLong() == 0);
            if (isSound) {
                return state;
            }
            assertTrue(System.nanoTime() < deadline, state.toString());
        }
    }
}
