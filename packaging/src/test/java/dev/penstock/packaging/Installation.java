package dev.penstock.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * An installed Penstock that the tests use as its users do.
 *
 * @param command that starts it
 * @param folder to run it in
 */
record Installation(List<String> command, Path folder) {

    private static final Pattern ADDRESS = Pattern.compile("127\\.0\\.0\\.1:(\\d+)");
    private static final int TERMINATED = 128 + 15;
    private static final int NODES = 3;

    /** Stores a value, reads it, and asks for the version. */
    void worksOnTheCommandLine(String data) throws Exception {
        assertEquals(
                "penstock " + Staging.VERSION,
                run("--version").lines().findFirst().orElseThrow());
        run("put", data, "greeting", "hello");
        assertEquals("hello", run("get", data, "greeting").strip());
    }

    /** Starts a server on the store of the test before, which a client of Redis reads. SIGTERM ends it. */
    void serves(String data, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("serve", data, "--port", "0"));
        words.addAll(List.of(options));
        Process server = start("serve.log", words);
        try {
            String ready = String.valueOf(server.inputReader(UTF_8).readLine());
            Matcher address = ADDRESS.matcher(ready);
            assertTrue(address.find(), () -> ready + log("serve.log"));
            int port = Integer.parseInt(address.group(1));
            assertEquals("PONG", redis(port, "ping"));
            assertEquals("hello", redis(port, "get", "greeting"));
        } finally {
            server.destroy();
        }
        assertEquals(TERMINATED, server.waitFor(), "after SIGTERM");
    }

    /** Starts three nodes, which a cluster client of Redis uses. SIGTERM ends the program and all of them. */
    void runsACluster(String data) throws Exception {
        int port = freePorts();
        Process cluster = start("cluster.log", List.of("cluster", "start", data, "--port", Integer.toString(port)));
        List<ProcessHandle> nodes = List.of();
        BufferedReader out = cluster.inputReader(UTF_8);
        try {
            awaitNodes(out);
            nodes = cluster.children().toList();
            assertEquals(NODES, nodes.size(), "processes of nodes");
            assertEquals("OK", served(port, "set", "greeting", "hello"));
            for (int node = 0; node < NODES; node++) {
                assertEquals("hello", served(port + node, "get", "greeting"));
            }
            String status = run("cluster", "status", "127.0.0.1:" + port);
            assertEquals(1, status.split(" leads  ", -1).length - 1, status);
            assertEquals(NODES - 1, status.split(" follows  ", -1).length - 1, status);
        } finally {
            cluster.toHandle().destroy(); // leaves its output open
        }
        List<String> rest = out.lines().toList();
        assertEquals(TERMINATED, cluster.waitFor(), "after SIGTERM");
        assertTrue(rest.getLast().endsWith("  stopped"), rest.toString());
        assertTrue(nodes.stream().noneMatch(ProcessHandle::isAlive), "a node outlives the cluster");
    }

    private void awaitNodes(BufferedReader out) throws IOException {
        List<String> lines = new ArrayList<>();
        int serving = 0;
        boolean isReady = false;
        while (serving < NODES || !isReady) {
            String line = out.readLine();
            assertTrue(line != null, () -> lines + log("cluster.log"));
            lines.add(line);
            serving += line.contains(" serves 127.0.0.1:") ? 1 : 0;
            isReady |= line.equals("The cluster is ready.");
        }
    }

    /** Asks a node again while it does not know the leader. */
    private String served(int port, String... arguments) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        String reply = redis(port, arguments);
        while (reply.startsWith("CLUSTERDOWN") && deadline - System.nanoTime() > 0) {
            reply = redis(port, arguments);
        }
        return reply;
    }

    /** The first of three ports for clients in a row; those of the log are 10,000 higher. */
    private static int freePorts() {
        while (true) {
            int first = ThreadLocalRandom.current().nextInt(11_000, 22_000);
            if (IntStream.range(first, first + NODES).allMatch(port -> isFree(port) && isFree(port + 10_000))) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private Process start(String log, List<String> arguments) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectError(folder.resolve(log).toFile());
        builder.environment().put("JAVA_HOME", Staging.JDK.toString());
        return builder.start();
    }

    private String log(String name) {
        try {
            return "\n" + Files.readString(folder.resolve(name));
        } catch (IOException e) {
            return "\nno log: " + e;
        }
    }

    private String run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        return Staging.run(folder, Map.of(), all);
    }

    /** As a client of one server, or of a cluster, follows redirections. */
    private String redis(int port, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("redis-cli", "-c", "-p", Integer.toString(port)));
        all.addAll(Arrays.asList(arguments));
        return Staging.run(folder, Map.of(), all).strip();
    }
}
