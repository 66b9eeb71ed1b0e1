package dev.penstock.server.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.TestServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.args.ExpiryOption;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** Jedis, unmodified, in both versions of the protocol. */
class JedisIT {

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(RedisProtocol.class)
    void jedisWorks(RedisProtocol protocol) throws Exception {
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .protocol(protocol)
                .clientName("jedis-test")
                .build();
        try (TestServer server = new TestServer(directory);
                Jedis jedis = new Jedis(new HostAndPort("127.0.0.1", server.port()), config)) {
            assertEquals("PONG", jedis.ping());
            assertEquals("jedis-test", jedis.clientGetname());
            stringsAndKeys(jedis);
            expiryAndTransactions(jedis);
            pipelineAndScan(jedis);
            binary(jedis);
            assertThrows(JedisDataException.class, () -> jedis.lpush("list", "x"));
            assertTrue(jedis.info("server").contains("redis_version"));
            assertEquals("no", jedis.configGet("appendonly").get("appendonly"));
            assertEquals("OK", jedis.flushAll());
            assertEquals(0, jedis.dbSize());
        }
    }

    private static void expiryAndTransactions(Jedis jedis) {
        assertEquals("OK", jedis.set("e", "1", new SetParams().ex(1000)));
        assertEquals(1, jedis.expire("e", 2000, ExpiryOption.GT));
        assertEquals(2, jedis.incr("e"));
        assertTrue(jedis.ttl("e") > 1000);
        assertEquals("OK", jedis.watch("e"));
        Transaction transaction = jedis.multi();
        Response<Long> sum = transaction.incrBy("e", 40);
        Response<String> renamed = transaction.rename("e", "f");
        assertEquals(List.of(42L, "OK"), transaction.exec());
        assertEquals(42, sum.get());
        assertEquals("OK", renamed.get());
        jedis.watch("f");
        jedis.set("f", "changed");
        transaction = jedis.multi();
        transaction.del("f");
        assertNull(transaction.exec());
        assertEquals(1, jedis.del("f"));
    }

    private static void stringsAndKeys(Jedis jedis) {
        assertEquals("OK", jedis.set("k", "v"));
        assertEquals("v", jedis.get("k"));
        assertNull(jedis.get("none"));
        assertNull(jedis.set("k", "w", new SetParams().nx()));
        assertEquals("OK", jedis.set("k", "w", new SetParams().xx()));
        assertEquals("w", jedis.setGet("k", "x"));
        assertEquals("OK", jedis.mset("a", "1", "b", "2"));
        List<String> values = new ArrayList<>(jedis.mget("a", "none", "b"));
        assertEquals("1", values.get(0));
        assertNull(values.get(1));
        assertEquals(3, jedis.append("a", "23"));
        assertEquals("23", jedis.getrange("a", 1, -1));
        assertEquals(3, jedis.strlen("a"));
        assertEquals("string", jedis.type("a"));
        assertEquals(2, jedis.exists("a", "b", "none"));
        assertEquals(2, jedis.del("a", "b"));
        assertEquals("x", jedis.getDel("k"));
    }

    private static void pipelineAndScan(Jedis jedis) {
        List<Response<String>> responses = new ArrayList<>();
        try (Pipeline pipeline = jedis.pipelined()) {
            for (int i = 0; i < 1000; i++) {
                pipeline.set("key:" + i, "value:" + i);
                responses.add(pipeline.get("key:" + i));
            }
        }
        for (int i = 0; i < 1000; i++) {
            assertEquals("value:" + i, responses.get(i).get());
        }
        List<String> seen = new ArrayList<>();
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            ScanResult<String> page =
                    jedis.scan(cursor, new ScanParams().match("key:1*").count(50));
            seen.addAll(page.getResult());
            cursor = page.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        assertEquals(111, seen.stream().distinct().count());
        assertEquals(10, jedis.keys("key:99?").size());
    }

    private static void binary(Jedis jedis) {
        byte[] key = "binary\0\r\n".getBytes(UTF_8);
        byte[] value = new byte[3_000_000];
        new Random(1).nextBytes(value);
        assertEquals("OK", jedis.set(key, value));
        assertArrayEquals(value, jedis.get(key));
    }
}
