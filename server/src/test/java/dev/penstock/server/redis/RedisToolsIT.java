package dev.penstock.server.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unmodified redis-cli and redis-benchmark against this server. */
class RedisToolsIT {

    @TempDir
    Path directory;

    private TestServer server;
    private String port;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory);
        port = Integer.toString(server.port());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void redisCliOneCommandAtATime() throws Exception {
        assertEquals("PONG\n", cli("", "PING"));
        assertEquals("OK\n", cli("", "SET", "k", "a b"));
        assertEquals("a b\n", cli("", "GET", "k"));
        assertEquals("a b\n", cli("", "-3", "GET", "k"));
        assertEquals("OK\n", cli("piped\nvalue", "-x", "SET", "p"));
        assertEquals("11\n", cli("", "STRLEN", "p"));
        assertTrue(cli("", "INFO").contains("redis_version:"));
    }

    @Test
    void redisCliInteractively() throws Exception {
        String printed = cli("SET k 1\nGET k\nHELLO 3\nGET none\nHELP GET\nQUIT\n");
        assertTrue(printed.startsWith("OK\n1\n"), printed);
        assertFalse(printed.contains("ERR"), printed);
    }

    @Test
    void redisCliLooksAround() throws Exception {
        try (RespClient client = server.client()) {
            for (int i = 0; i < 200; i++) {
                client.call("SET", "key:" + i, "x".repeat(i));
            }
        }
        String big = cli("", "--bigkeys");
        assertTrue(big.contains("Sampled 200 keys") && big.contains("\"key:199\""), big);
        String memory = cli("", "--memkeys");
        assertTrue(memory.contains("Sampled 200 keys"), memory);
        assertEquals(200, cli("", "--scan").lines().count());
        assertEquals(10, cli("", "--scan", "--pattern", "key:1?").lines().count());
    }

    @Test
    void redisCliPipesInBulk() throws Exception {
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            String key = "key:" + i;
            commands.append("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$1\r\nv\r\n");
        }
        String printed = cli(commands.toString(), "--pipe");
        assertTrue(printed.contains("errors: 0, replies: 20000"), printed);
        assertEquals(20_000, server.store().count());
    }

    @Test
    void redisBenchmarkRuns() throws Exception {
        for (String pipeline : new String[] {"1", "16"}) {
            String printed = RedisTools.run(
                    "",
                    "redis-benchmark",
                    "-p",
                    port,
                    "-t",
                    "ping,set,get,mset",
                    "-n",
                    "20000",
                    "-c",
                    "20",
                    "-P",
                    pipeline,
                    "-r",
                    "1000",
                    "-d",
                    "100",
                    "-q");
            for (String test : new String[] {"PING_INLINE", "PING_MBULK", "SET", "GET", "MSET (10 keys)"}) {
                assertTrue(printed.contains(test + ": "), printed);
            }
            assertFalse(printed.contains("WARNING") || printed.contains("Error"), printed);
        }
        assertTrue(server.store().count() > 900);
    }

    private String cli(String input, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 2];
        all[0] = "-p";
        all[1] = port;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return RedisTools.run(input, "redis-cli", all);
    }
}
