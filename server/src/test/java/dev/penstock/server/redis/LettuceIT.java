package dev.penstock.server.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.TestServer;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lettuce, unmodified, in both versions of the protocol. */
class LettuceIT {

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void lettuceWorks(ProtocolVersion version) throws Exception {
        try (TestServer server = new TestServer(directory)) {
            RedisClient client = RedisClient.create(RedisURI.builder()
                    .withHost("127.0.0.1")
                    .withPort(server.port())
                    .withClientName("lettuce-test")
                    .withTimeout(Duration.ofSeconds(20))
                    .build());
            try (StatefulRedisConnection<String, String> connection = connect(client, version, StringCodec.UTF8);
                    StatefulRedisConnection<byte[], byte[]> binary =
                            connect(client, version, ByteArrayCodec.INSTANCE)) {
                strings(connection.sync());
                transactions(connection.sync());
                pipelineAndScan(connection);
                byte[] value = new byte[3_000_000];
                new Random(1).nextBytes(value);
                assertEquals("OK", binary.sync().set(new byte[] {0, 1}, value));
                assertArrayEquals(value, binary.sync().get(new byte[] {0, 1}));
            } finally {
                client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
            }
        }
    }

    private static <T> StatefulRedisConnection<T, T> connect(
            RedisClient client, ProtocolVersion version, RedisCodec<T, T> codec) {
        client.setOptions(ClientOptions.builder().protocolVersion(version).build());
        return client.connect(codec);
    }

    private static void transactions(RedisCommands<String, String> redis) {
        assertEquals("OK", redis.psetex("e", 1_000_000, "1"));
        assertEquals("OK", redis.multi());
        redis.incr("e");
        redis.persist("e");
        redis.copy("e", "f");
        assertEquals(List.of(2L, true, true), redis.exec().stream().toList());
        redis.watch("e");
        redis.append("e", "x");
        redis.multi();
        redis.del("e");
        assertTrue(redis.exec().wasDiscarded());
        assertEquals(-1, redis.ttl("e"));
        assertEquals(2, redis.del("e", "f"));
    }

    private static void strings(RedisCommands<String, String> redis) {
        assertEquals("PONG", redis.ping());
        assertEquals("lettuce-test", redis.clientGetname());
        assertEquals("OK", redis.set("k", "v"));
        assertEquals("v", redis.get("k"));
        assertNull(redis.get("none"));
        assertNull(redis.set("k", "w", SetArgs.Builder.nx()));
        assertEquals("v", redis.setGet("k", "w"));
        assertEquals(2, redis.exists("k", "k"));
        assertEquals("OK", redis.mset(Map.of("a", "1", "b", "2")));
        assertEquals("1", redis.mget("a", "none").get(0).getValue());
        assertTrue(redis.mget("a", "none").get(1).isEmpty());
        assertEquals(1, redis.unlink("a"));
        assertThrows(RedisCommandExecutionException.class, () -> redis.incr("k"));
        assertTrue(redis.commandCount() > 40);
        assertEquals(1, redis.commandInfo("get").size());
        assertTrue(redis.info().contains("redis_version"));
        assertEquals("", redis.configGet("save").get("save"));
        assertTrue(redis.clientList().contains("name=lettuce-test"));
    }

    private static void pipelineAndScan(StatefulRedisConnection<String, String> connection) {
        List<RedisFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            futures.add(connection.async().set("key:" + i, "value:" + i));
        }
        assertTrue(LettuceFutures.awaitAll(Duration.ofSeconds(20), futures.toArray(RedisFuture[]::new)));
        Set<String> seen = new HashSet<>();
        KeyScanCursor<String> cursor =
                connection.sync().scan(ScanArgs.Builder.matches("key:*").limit(100));
        seen.addAll(cursor.getKeys());
        while (!cursor.isFinished()) {
            cursor = connection
                    .sync()
                    .scan(cursor, ScanArgs.Builder.matches("key:*").limit(100));
            seen.addAll(cursor.getKeys());
        }
        assertEquals(1000, seen.size());
    }
}
