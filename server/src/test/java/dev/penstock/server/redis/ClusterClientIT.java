package dev.penstock.server.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.FixedCluster;
import dev.penstock.server.TestServer;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.ClusterPipeline;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Cluster clients, unmodified, find the node of every key, and follow it when it moves. Three servers share the slots
 * by a map that the test changes; nothing is replicated.
 */
class ClusterClientIT {

    private static final int KEYS = 300;
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path directory;

    private FixedCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new FixedCluster(directory);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** All nodes have keys, and none has one of another's slots. */
    private void assertSpread(int keys) {
        List<Long> counts = IntStream.range(0, FixedCluster.NODES)
                .mapToObj(node -> cluster.server(node).store().count())
                .toList();
        assertTrue(counts.stream().allMatch(count -> count > 0), counts.toString());
        assertEquals(keys, counts.stream().mapToLong(Long::longValue).sum(), counts.toString());
    }

    /** From now on the first node has all slots; the values stay where they were. */
    private void move() throws IOException {
        for (int node = 1; node < FixedCluster.NODES; node++) {
            TestServer from = cluster.server(node);
            from.store().forEach((key, value) -> cluster.server(0).store().put(key, value.toByteArray()));
        }
        cluster.publish(2, 1);
    }

    @Test
    void redisCliGoesWhereItIsSent() throws Exception {
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < KEYS; i++) {
            commands.append("SET key")
                    .append(i)
                    .append(" value")
                    .append(i)
                    .append("\r\nGET key")
                    .append(i)
                    .append("\r\n");
        }
        String printed =
                RedisTools.run(commands.toString(), "redis-cli", "-c", "-p", Integer.toString(cluster.port(0)));
        assertTrue(printed.contains("value" + (KEYS - 1)), printed);
        assertSpread(KEYS);
    }

    @Test
    void redisCliFindsNothingWrongWithTheCluster() throws Exception {
        String printed = RedisTools.run("", "redis-cli", "--cluster", "check", "127.0.0.1:" + cluster.port(1));
        assertTrue(printed.contains("[OK] All 16384 slots covered."), printed);
        assertTrue(printed.contains("[OK] All nodes agree about slots configuration."), printed);
        String info = RedisTools.run("", "redis-cli", "--cluster", "info", "127.0.0.1:" + cluster.port(2));
        assertTrue(info.contains("[OK] 0 keys in 3 masters."), info);
    }

    @ParameterizedTest
    @EnumSource(RedisProtocol.class)
    void jedisFindsEveryKeyAlsoAfterItHasMoved(RedisProtocol protocol) throws Exception {
        DefaultJedisClientConfig config =
                DefaultJedisClientConfig.builder().protocol(protocol).build();
        try (JedisCluster jedis = new JedisCluster(Set.of(new HostAndPort("127.0.0.1", cluster.port(0))), config)) {
            for (int i = 0; i < KEYS; i++) {
                assertEquals("OK", jedis.set("key" + i, "value" + i));
            }
            assertSpread(KEYS);
            try (ClusterPipeline pipeline = jedis.pipelined()) {
                List<Response<String>> values = IntStream.range(0, KEYS)
                        .mapToObj(i -> pipeline.get("key" + i))
                        .toList();
                pipeline.sync();
                for (int i = 0; i < KEYS; i++) {
                    assertEquals("value" + i, values.get(i).get());
                }
            }
            assertEquals("OK", jedis.mset("{tag}a", "1", "{tag}b", "2"));
            assertEquals(List.of("1", "2"), jedis.mget("{tag}a", "{tag}b"));
            byte[] large = new byte[3_000_000];
            new Random(1).nextBytes(large);
            assertEquals("OK", jedis.set("large".getBytes(UTF_8), large));
            assertArrayEquals(large, jedis.get("large".getBytes(UTF_8)));
            move();
            for (int i = 0; i < KEYS; i++) {
                assertEquals("value" + i, jedis.get("key" + i));
                assertEquals("OK", jedis.set("key" + i, "moved" + i));
            }
            assertEquals("moved7", jedis.get("key7"));
            assertThrows(JedisDataException.class, () -> jedis.lpush("list", "x"));
        }
    }

    @Test
    void lettuceFindsEveryKeyAlsoAfterItHasMoved() throws Exception {
        RedisClusterClient client = RedisClusterClient.create(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(cluster.port(1))
                .withTimeout(Duration.ofSeconds(20))
                .build());
        try (StatefulRedisClusterConnection<String, String> connection = client.connect()) {
            List<RedisFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                futures.add(connection.async().set("key" + i, "value" + i));
            }
            assertTrue(LettuceFutures.awaitAll(Duration.ofSeconds(20), futures.toArray(RedisFuture[]::new)));
            assertSpread(KEYS);
            assertEquals(KEYS, connection.sync().keys("*").size());
            assertEquals(KEYS, connection.sync().dbsize());
            assertEquals("OK", connection.sync().mset(Map.of("one", "1", "two", "2", "three", "3")));
            assertEquals(3, connection.sync().del("one", "two", "three"));
            move();
            for (int i = 0; i < KEYS; i++) {
                assertEquals("value" + i, connection.sync().get("key" + i));
            }
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
        }
    }

    @Test
    void redisPyFindsEveryKeyAlsoAfterItHasMoved() throws Exception {
        Assumptions.assumeTrue(
                isPythonThere(), "python3-redis is not installed (Debian: apt-get install python3-redis): skipped");
        assertEquals(
                "written\n", python("for i in range(300): assert r.set(f'key{i}', f'value{i}')\nprint('written')"));
        assertSpread(KEYS);
        move();
        assertEquals("read\n", python("""
                        for i in range(300): assert r.get(f'key{i}') == f'value{i}'.encode()
                        p = r.pipeline()
                        for i in range(300): p.get(f'key{i}')
                        assert len(p.execute()) == 300
                        print('read')
                        """));
    }

    private static boolean isPythonThere() throws IOException, InterruptedException {
        return Path.of(PYTHON).toFile().canExecute()
                && new ProcessBuilder(PYTHON, "-c", "import redis.cluster")
                                .redirectErrorStream(true)
                                .start()
                                .waitFor()
                        == 0;
    }

    private String python(String body) throws IOException, InterruptedException {
        String program = "from redis.cluster import RedisCluster\nr = RedisCluster(host='127.0.0.1', port="
                + cluster.port(2) + ")\n" + body;
        Process process = new ProcessBuilder(PYTHON, "-W", "ignore", "-c", program)
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), printed);
        return printed;
    }
}
