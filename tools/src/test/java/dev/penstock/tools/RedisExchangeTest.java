package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.tools.process.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.SetParams;

/** Data of the real redis-server, by its files and over the network. */
class RedisExchangeTest {

    @TempDir
    Path folder;

    /** Everything that a server can hold, but a module's values. */
    private static void fill(Jedis redis) {
        redis.set("text", "hello");
        redis.set("number", "12345");
        redis.set("negative", "-7");
        redis.set("beyond 32 bits", "9999999999");
        redis.set("compressed", "abcdefgh".repeat(5000));
        redis.set(new byte[] {(byte) 0xff, 0}, new byte[] {0, 1, (byte) 0xfe});
        byte[] large = new byte[3 << 20];
        new Random(1).nextBytes(large);
        redis.set("large".getBytes(UTF_8), large);
        redis.set("empty", "");
        redis.set("expires", "soon", SetParams.setParams().pxAt(System.currentTimeMillis() + 3_600_000));
        redis.setbit("bits", 100_000, true);
        redis.pfadd("loglog", "a", "b", "c");
        redis.rpush("list", "a", "b");
        redis.sadd("numbers", "1", "2");
        redis.sadd("set", "a", "b");
        redis.hset("hash", "field", "value");
        redis.zadd("sorted", 1.5, "a");
        redis.xadd("stream", StreamEntryID.NEW_ENTRY, Map.of("field", "value"));
        redis.xgroupCreate("stream", "group", new StreamEntryID(), false);
        for (int i = 0; i < 600; i++) {
            redis.rpush("long list", "element" + i);
            redis.hset("long hash", "field" + i, "value" + i);
            redis.sadd("long set", "member" + i);
            redis.zadd("long sorted", i, "member" + i);
        }
        redis.functionLoad("#!lua name=lib\nredis.register_function('f', function() return 1 end)");
        redis.select(3);
        redis.set("elsewhere", "x");
        redis.select(0);
    }

    @Test
    void theFileOfARealServerIsReadAndTheOneThatIsWrittenIsLoaded() throws Exception {
        Path dump = Files.createDirectories(folder.resolve("first"));
        Map<String, byte[]> strings;
        long expiry;
        try (RedisServer server = RedisServer.start(dump);
                Jedis redis = new Jedis("127.0.0.1", server.port())) {
            fill(redis);
            strings = strings(redis);
            expiry = redis.pexpireTime("expires");
            redis.save();
        }
        Path store = folder.resolve("store");
        Cli.Result imported =
                Cli.run("import", store, dump.resolve("dump.rdb"), "--json").exits(ExitCode.NEGATIVE);
        assertEquals(strings.size(), imported.json().get("entries").asLong());
        JsonNode skipped = imported.json().get("skipped");
        assertEquals(
                "{\"function library\":1,\"hash\":2,\"key of database 3\":1,\"list\":2,\"set\":3,\"sorted set\":2,"
                        + "\"stream\":1}",
                skipped.toString());
        assertTrue(imported.err().contains("penstock: skipped key of database 3 'elsewhere'\n"), imported.err());
        assertStore(store, strings, expiry);

        Path back = Files.createDirectories(folder.resolve("second"));
        Cli.run("export", store, back.resolve("dump.rdb")).exits(0);
        try (RedisServer server = RedisServer.start(back);
                Jedis redis = new Jedis("127.0.0.1", server.port())) {
            awaitLoaded(redis);
            assertEquals(strings.size(), redis.dbSize());
            Map<String, byte[]> loaded = strings(redis);
            strings.forEach((key, value) -> assertArrayEquals(value, loaded.get(key), key));
            assertEquals(expiry, redis.pexpireTime("expires"));
            assertEquals(-1, redis.pexpireTime("text"));
            assertEquals(12346, redis.incr("number"), "a number is one again");
            assertEquals(3, redis.pfcount("loglog"));
        }
    }

    /** The port is open before the file is loaded. */
    private static void awaitLoaded(Jedis redis) {
        while (redis.info("persistence").contains("loading:1")) {
            Thread.onSpinWait();
        }
    }

    private static Map<String, byte[]> strings(Jedis redis) {
        Map<String, byte[]> strings = new HashMap<>();
        for (byte[] key : redis.keys("*".getBytes(UTF_8))) {
            if (redis.type(key).equals("string")) {
                strings.put(new String(key, ISO_8859_1), redis.get(key));
            }
        }
        return strings;
    }

    private static void assertStore(Path directory, Map<String, byte[]> strings, long expiry) {
        try (Store store = Store.open(directory)) {
            assertEquals(strings.size(), store.count());
            strings.forEach((key, value) -> assertArrayEquals(value, store.getBytes(key.getBytes(ISO_8859_1)), key));
            assertEquals(Instant.ofEpochMilli(expiry), store.expiryOf("expires".getBytes(UTF_8)));
            assertNull(store.expiryOf("text".getBytes(UTF_8)));
        }
    }
}
