package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.tools.Child;
import dev.penstock.tools.FreePorts;
import dev.penstock.tools.Installed;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Cluster clients, unmodified, write on while the process of the leader is killed. Each writes keys one after another,
 * and notes which of them were acknowledged: all of these are there afterwards. A request in the middle may fail.
 */
class ClusterClientIT {

    private static final int NODES = 3;
    private static final int BEFORE = 100;
    private static final int AFTER = 100;
    private static final long LIMIT_SECONDS = 120;
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path folder;

    private final int port = FreePorts.first(NODES);
    private Child cluster;
    private String leader = "";

    /** Takes a key, and returns when a value of the same text is acknowledged. */
    @FunctionalInterface
    private interface Writer {
        void write(String key) throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        cluster = Child.start("cluster", "start", folder.resolve("data"), "--port", port);
        while (leader.isEmpty()) {
            String line = cluster.readLine();
            leader = line.matches(".*  n\\d leads, .*") ? line.replaceFirst(".*  (n\\d) leads, .*", "$1") : "";
        }
    }

    @AfterEach
    void stop() throws Exception {
        cluster.terminate();
        cluster.close();
    }

    private void killLeader() {
        List<ProcessHandle> found = ProcessHandle.of(cluster.pid())
                .orElseThrow()
                .children()
                .filter(node -> commandLine(node).contains("/data/" + leader + "\0"))
                .toList();
        assertEquals(1, found.size(), "processes of " + leader);
        found.getFirst().destroyForcibly();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    /** Writes keys until enough are acknowledged after the kill; returns those that were. */
    private List<String> writeThroughAFailover(Writer writer, Class<? extends Exception> failure) throws Exception {
        List<String> acknowledged = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        boolean isKilled = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        for (int i = 0; acknowledged.size() < BEFORE + AFTER; i++) {
            if (acknowledged.size() == BEFORE && !isKilled) {
                isKilled = true;
                killLeader();
            }
            try {
                writer.write("key" + i);
                acknowledged.add("key" + i);
            } catch (Exception e) {
                if (!failure.isInstance(e)) {
                    throw e;
                }
                failed.add(String.valueOf(e.getMessage()));
            }
            assertTrue(System.nanoTime() < deadline, "only " + acknowledged.size() + " writes, and " + failed);
        }
        return acknowledged;
    }

    private JedisCluster jedis() {
        return new JedisCluster(
                IntStream.range(port, port + NODES)
                        .mapToObj(each -> new HostAndPort("127.0.0.1", each))
                        .collect(Collectors.toSet()),
                (int) TimeUnit.SECONDS.toMillis(20));
    }

    private void assertThere(List<String> keys) {
        try (JedisCluster client = jedis()) {
            for (String key : keys) {
                assertEquals(key, client.get(key));
            }
        }
    }

    @Test
    void anAcknowledgedWriteSurvivesTheLossOfTheLeader() throws Exception {
        try (JedisCluster client = jedis()) {
            assertThere(writeThroughAFailover(key -> client.set(key, key), JedisException.class));
        }
    }

    @Test
    void lettuceWritesOnWhenTheLeaderIsKilled() throws Exception {
        RedisClusterClient client = RedisClusterClient.create(IntStream.range(port, port + NODES)
                .mapToObj(each -> RedisURI.builder()
                        .withHost("127.0.0.1")
                        .withPort(each)
                        .withTimeout(Duration.ofSeconds(5))
                        .build())
                .toList());
        // As its documentation recommends: without it the client looks for a new leader only when it connects.
        client.setOptions(ClusterClientOptions.builder()
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enablePeriodicRefresh(Duration.ofSeconds(1))
                        .build())
                .build());
        try (StatefulRedisClusterConnection<String, String> connection = client.connect()) {
            assertThere(writeThroughAFailover(key -> connection.sync().set(key, key), RedisException.class));
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
        }
    }

    @Test
    void redisPyWritesOnWhenTheLeaderIsKilled() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of(PYTHON)) && runs(PYTHON, "-c", "import redis.cluster"),
                "python3-redis is not installed (Debian: apt-get install python3-redis): skipped");
        assertThere(writeByProcess(PYTHON, "-W", "ignore", "-c", """
                import sys
                from redis.cluster import RedisCluster
                r = RedisCluster(host='127.0.0.1', port=%d, socket_timeout=20)
                for key in sys.stdin:
                    key = key.strip()
                    try:
                        r.set(key, key)
                        print(key, flush=True)
                    except Exception as e:
                        print('failed', repr(e), flush=True)
                """.formatted(port)));
    }

    @Test
    void ioredisWritesOnWhenTheLeaderIsKilled() throws Exception {
        Path modules = Files.createDirectories(folder.resolve("npm"));
        assumeTrue(
                Installed.has("node")
                        && Installed.has("npm")
                        && runs(
                                "npm",
                                "install",
                                "--prefix",
                                modules.toString(),
                                "--no-audit",
                                "--no-fund",
                                "--loglevel=error",
                                "ioredis@5.9.3"),
                "ioredis cannot be installed by npm: skipped");
        assertThere(writeByProcess("node", "-e", """
                const Redis = require('%s');
                const r = new Redis.Cluster([{host: '127.0.0.1', port: %d}]);
                const lines = require('readline').createInterface({input: process.stdin});
                (async () => {
                    for await (const key of lines) {
                        try {
                            await r.set(key, key);
                            console.log(key);
                        } catch (e) {
                            console.log('failed ' + e);
                        }
                    }
                    r.disconnect();
                })();
                """.formatted(modules.resolve("node_modules/ioredis"), port)));
    }

    private static boolean runs(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        boolean isDone = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        return isDone && process.exitValue() == 0;
    }

    /** A program that reads keys, and writes each that was acknowledged, or a line that begins with "failed". */
    private List<String> writeByProcess(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD) // redis-py logs each error
                .start();
        try (BufferedWriter keys = process.outputWriter(UTF_8)) {
            return writeThroughAFailover(
                    key -> {
                        keys.write(key + "\n");
                        keys.flush();
                        String line = process.inputReader(UTF_8).readLine();
                        if (!key.equals(line)) {
                            throw new IOException(line);
                        }
                    },
                    IOException.class);
        } finally {
            process.destroyForcibly();
        }
    }
}
