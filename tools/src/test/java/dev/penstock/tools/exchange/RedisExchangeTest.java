package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.RedisServer;
import dev.penstock.tools.process.ExitCode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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

    @Test
    void aRunningServerIsReadWithItsExpiries() throws Exception {
        Path files = Files.createDirectories(folder.resolve("redis"));
        try (RedisServer server = RedisServer.start(files);
                Jedis redis = new Jedis("127.0.0.1", server.port())) {
            fill(redis);
            Path store = folder.resolve("store");
            String url = "redis://" + server.address();
            Cli.Result dry =
                    Cli.run("import", store, url, "--dry-run", "--json").exits(ExitCode.NEGATIVE);
            assertFalse(Files.exists(store));
            Cli.Result imported = Cli.run("import", store, url, "--json").exits(ExitCode.NEGATIVE);
            Map<String, byte[]> strings = strings(redis);
            assertStore(store, strings, redis.pexpireTime("expires"));
            assertEquals(strings.size(), imported.json().get("entries").asLong());
            assertEquals(
                    "{\"hash\":2,\"list\":2,\"set\":3,\"sorted set\":2,\"stream\":1}",
                    imported.json().get("skipped").toString());
            assertTrue(imported.err().contains("penstock: skipped sorted set 'long sorted'\n"), imported.err());
            assertEquals(imported.json().get("bytes"), dry.json().get("bytes"));
            assertEquals(imported.json().get("skipped"), dry.json().get("skipped"));

            Path other = folder.resolve("other");
            Cli.run("import", other, url + "/3").exits(0);
            assertEquals("x", Cli.run("get", other, "elsewhere").exits(0).out());
            Cli.run("import", folder.resolve("third"), url, "--db", "3").exits(0);
            assertArrayEquals(new String[] {"other", "redis", "store", "third"}, sorted(folder));
        }
    }

    private static String[] sorted(Path directory) {
        String[] names = directory.toFile().list();
        Arrays.sort(names);
        return names;
    }

    /** Servers before 7.0 tell what is left of a key's life; the real one can be made to forget the newer command. */
    @Test
    void anOldServerTellsWhatIsLeft() throws Exception {
        Path files = Files.createDirectories(folder.resolve("redis"));
        try (RedisServer server = RedisServer.start(files, "--rename-command", "PEXPIRETIME", "");
                Jedis redis = new Jedis("127.0.0.1", server.port())) {
            long expiry = System.currentTimeMillis() + 3_600_000;
            redis.set("expires", "soon", SetParams.setParams().pxAt(expiry));
            redis.set("stays", "for ever");
            Path store = folder.resolve("store");
            Cli.run("import", store, "redis://" + server.address()).exits(0);
            try (Store open = Store.open(store)) {
                long told = open.expiryOf("expires".getBytes(UTF_8)).toEpochMilli();
                assertTrue(told <= expiry && expiry - told < 10_000, told + " is not " + expiry);
                assertNull(open.expiryOf("stays".getBytes(UTF_8)));
            }
        }
    }

    @Test
    void anImportThatIsCutGoesOnWhereItStopped() throws Exception {
        Path files = Files.createDirectories(folder.resolve("redis"));
        int count = 5000;
        try (RedisServer server = RedisServer.start(files);
                Jedis redis = new Jedis("127.0.0.1", server.port());
                Forwarder forwarder = new Forwarder(server.port(), 300_000)) {
            for (int i = 0; i < count; i++) {
                redis.set("key" + i, "value of " + i + "x".repeat(100));
            }
            Path store = folder.resolve("store");
            String url = "redis://127.0.0.1:" + forwarder.port();
            Cli.Result cut = Cli.run("import", store, url).exits(ExitCode.IO);
            assertTrue(cut.err().contains("the server closed the connection"), cut.err());
            assertTrue(cut.err().contains("the same command goes on where this import stopped"), cut.err());
            Path point = folder.resolve("store.import");
            assertTrue(Files.exists(point));
            long stored;
            try (Store open = Store.open(store)) {
                stored = open.count();
            }
            assertTrue(stored > 500 && stored < count, stored + " were stored before");

            forwarder.lead(server.port(), Long.MAX_VALUE);
            Cli.Result rest = Cli.run("import", store, url, "--json").exits(0);
            assertEquals("penstock: going on where an earlier import from this server stopped", rest.complaint());
            long entries = rest.json().get("entries").asLong();
            assertTrue(entries < count - stored + 1000, entries + " were read again after " + stored);
            assertFalse(Files.exists(point));
            try (Store open = Store.open(store)) {
                assertEquals(count, open.count());
                for (int i = 0; i < count; i++) {
                    byte[] key = ("key" + i).getBytes(UTF_8);
                    assertEquals("value of " + i + "x".repeat(100), new String(open.getBytes(key), UTF_8));
                }
            }
        }
    }

    /** Its cursors mean nothing to another process. */
    @Test
    void aServerThatWasRestartedIsReadFromTheBeginning() throws Exception {
        Path files = Files.createDirectories(folder.resolve("redis"));
        Path others = Files.createDirectories(folder.resolve("redis2"));
        try (RedisServer server = RedisServer.start(files);
                RedisServer restarted = RedisServer.start(others);
                Jedis redis = new Jedis("127.0.0.1", server.port());
                Jedis again = new Jedis("127.0.0.1", restarted.port());
                Forwarder forwarder = new Forwarder(server.port(), 100_000)) {
            int count = 2000;
            for (int i = 0; i < count; i++) {
                redis.set("key" + i, "x".repeat(100));
                again.set("key" + i, "y".repeat(100));
            }
            Path store = folder.resolve("store");
            String url = "redis://127.0.0.1:" + forwarder.port();
            Cli.run("import", store, url).exits(ExitCode.IO);
            assertTrue(Files.exists(folder.resolve("store.import")));
            forwarder.lead(restarted.port(), Long.MAX_VALUE);
            Cli.Result all = Cli.run("import", store, url, "--json").exits(0);
            assertEquals("", all.err());
            assertEquals(count, all.json().get("entries").asLong());
            assertFalse(Files.exists(folder.resolve("store.import")));

            Files.writeString(folder.resolve("store.import"), "something else");
            Cli.Result refused = Cli.run("import", store, url).exits(ExitCode.IO);
            assertTrue(refused.complaint().contains("remove it to import from the beginning"), refused.err());
        }
    }

    /** What an import stored is not in another store, even if that is in the same place. */
    @Test
    void anotherStoreIsFilledFromTheBeginning() throws Exception {
        Path files = Files.createDirectories(folder.resolve("redis"));
        int count = 2000;
        try (RedisServer server = RedisServer.start(files);
                Jedis redis = new Jedis("127.0.0.1", server.port());
                Forwarder forwarder = new Forwarder(server.port(), 100_000)) {
            for (int i = 0; i < count; i++) {
                redis.set("key" + i, "x".repeat(100));
            }
            Path store = folder.resolve("store");
            String url = "redis://127.0.0.1:" + forwarder.port();
            Cli.run("import", store, url).exits(ExitCode.IO);
            assertTrue(Files.exists(folder.resolve("store.import")));
            for (File left : store.toFile().listFiles()) {
                Files.delete(left.toPath());
            }
            Files.delete(store);
            Cli.run("put", store, "another", "store").exits(0);
            forwarder.lead(server.port(), Long.MAX_VALUE);
            Cli.Result all = Cli.run("import", store, url, "--json").exits(0);
            assertEquals("", all.err());
            assertEquals(count, all.json().get("entries").asLong());
            try (Store open = Store.open(store)) {
                assertEquals(count + 1, open.count());
            }
        }
    }

    /** Whatever listens there: one line, and no store. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\n\r\n",
                "$9223372036854775807\r\nabc",
                "*9223372036854775807\r\n",
                "-NOAUTH Authentication required.\r\n",
                "-LOADING Redis is loading the dataset in memory\r\n",
                "+OK\r\n",
                ""
            })
    void aServerThatTalksNonsenseIsRefused(String answer) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = listening.accept()) {
                    socket.getInputStream().read(new byte[100]);
                    socket.getOutputStream().write(answer.getBytes(UTF_8));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            Cli.Result refused = Cli.run(
                            "import", folder.resolve("new"), "redis://127.0.0.1:" + listening.getLocalPort())
                    .exits(ExitCode.IO);
            assertTrue(refused.complaint().startsWith("penstock: 127.0.0.1:"), refused.err());
            assertFalse(Files.exists(folder.resolve("new")));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "redis://user:secret@localhost, --password-file",
        "redis://, is not redis://HOST:PORT",
        "redis://localhost:0, the port must be from 1",
        "redis://localhost:6379/x, is not redis://HOST:PORT",
        "redis://localhost:6379?db=1, is not redis://HOST:PORT"
    })
    void aUrlThatIsNoneIsAUsageError(String url, String reason) {
        Cli.Result refused = Cli.run("import", folder.resolve("new"), url).exits(ExitCode.USAGE);
        assertTrue(refused.complaint().contains(reason), refused.err());
        assertFalse(refused.err().contains("secret"), refused.err());
    }
}
