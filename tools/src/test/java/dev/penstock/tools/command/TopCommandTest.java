package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.server.PenstockServer;
import dev.penstock.server.ServerOptions;
import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.RedisServer;
import dev.penstock.tools.bench.load.StubServer;
import dev.penstock.tools.process.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/** {@code top} where there is no terminal: against Penstock, the real Redis and a directory. */
class TopCommandTest {

    @TempDir
    Path folder;

    @Test
    void aLookAtPenstockShowsWhatItDoes() throws Exception {
        try (Store store = Store.open(folder.resolve("store"));
                PenstockServer server = PenstockServer.start(
                        store, ServerOptions.defaults().withPort(0).withSlowLogThreshold(Duration.ZERO))) {
            String address = "127.0.0.1:" + server.port();
            try (Jedis client = new Jedis(HostAndPort.from(address))) {
                client.clientSetname("somebody");
                client.set("key", "value");
                Cli.Result once = Cli.run("top", address, "--interval", "0.1").exits(0);
                for (String wanted : new String[] {
                    address + "  penstock (as redis ",
                    "\nrequests   ",
                    "\nlatency    p50 <= ",
                    "\nnetwork    clients 2 ",
                    "\ntransfers  copy ",
                    "\nstore      keys 1 ",
                    "\ncompaction idle ",
                    "\nmemory     used ",
                    "\nCOMMAND ",
                    "\nCLIENT ",
                    " somebody ",
                    " SLOW ",
                    "SET key value\n"
                }) {
                    assertTrue(once.out().contains(wanted), wanted + " is not in\n" + once.out());
                }
                assertTrue(once.lines().stream().allMatch(line -> line.length() <= 120), once.out());
                JsonNode json = Cli.run("top", address, "--once", "--json", "--interval", "0.1")
                        .exits(0)
                        .json();
                assertEquals(1, json.get("store").get("keys").asLong());
                assertTrue(json.get("requests").get("perSecond").asDouble() > 0, json.toString());
                assertTrue(json.get("latency").get("p99Micros").asDouble() >= 1, json.toString());
                assertEquals(1, json.get("store").get("segments").asLong());
                assertTrue(json.get("seconds").asDouble() >= 0.1, json.toString());
                assertEquals("idle", json.get("compaction").get("state").asText());
                assertTrue(json.get("transfers").has("sendfilePerSecond"), json.toString());
                assertEquals(2, json.get("clients").size());
                assertTrue(json.get("slow").size() > 2, json.toString());
            }
        }
    }

    @Test
    void aLookAtRedisShowsWhatItTells() throws Exception {
        try (RedisServer redis = RedisServer.start(folder)) {
            Cli.Result once = Cli.run("top", redis.address(), "--once", "--interval", "0.1")
                    .exits(0);
            assertTrue(once.out().startsWith(redis.address() + "  redis 7."), once.out());
            assertTrue(once.out().contains("\nCLIENT "), once.out());
            assertTrue(once.out().contains("\nlatency    p50 <= "), once.out());
            assertTrue(!once.out().contains("\ncompaction"), once.out());
        }
    }

    @Test
    void aLookAtADirectoryFollowsItsWriter() throws Exception {
        Path directory = folder.resolve("store");
        try (Store store = Store.open(directory)) {
            for (int i = 0; i < 100; i++) {
                store.put(("key" + i).getBytes(UTF_8), new byte[1000]);
            }
            JsonNode json = Cli.run("top", directory, "--once", "--json", "--interval", "0.1")
                    .exits(0)
                    .json();
            assertEquals(100, json.get("store").get("keys").asLong());
            assertTrue(json.get("segments").size() >= 1, json.toString());
            Cli.Result once =
                    Cli.run("top", directory, "--once", "--interval", "0.1").exits(0);
            for (String wanted :
                    new String[] {"store      keys 100 ", "space      files ", "index      ", "SEGMENT "}) {
                assertTrue(once.out().contains("\n" + wanted), wanted + " is not in\n" + once.out());
            }
        }
    }

    /** Rights that a user does not have leave a table empty and do not end the look. */
    @Test
    void whatAUserMayNotSeeIsLeftOut() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "secret");
        Path users = Files.writeString(folder.resolve("users"), "user default off\nuser eye on >secret +info\n");
        try (Store store = Store.open(folder.resolve("store"));
                PenstockServer server = PenstockServer.start(
                        store, ServerOptions.defaults().withPort(0).withUsersFile(users))) {
            String address = "127.0.0.1:" + server.port();
            JsonNode json = Cli.run(
                            "top",
                            address,
                            "--once",
                            "--json",
                            "--interval",
                            "0.1",
                            "--user",
                            "eye",
                            "--password-file",
                            password)
                    .exits(0)
                    .json();
            assertEquals(0, json.get("clients").size() + json.get("slow").size());
            Cli.Result none = Cli.run("top", address, "--once").exits(ExitCode.IO);
            assertEquals(
                    "penstock: " + address + ": the server refused: NOAUTH Authentication required.", none.complaint());
        }
    }

    @Test
    void hostileServersEndInOneLine() throws Exception {
        for (String reply : List.of(
                "HTTP/1.1 400 Bad Request\r\n\r\n",
                "$99999999999\r\n",
                "*1000000000\r\n" + ":1\r\n".repeat(1_100_000),
                "*1\r\n".repeat(100),
                "$x\r\n",
                "+" + "x".repeat(17 << 20))) {
            try (StubServer server = new StubServer((words, number) -> number == 0 ? reply : null)) {
                Cli.Result result = Cli.run("top", server.address(), "--once").exits(ExitCode.IO);
                assertTrue(result.complaint().startsWith("penstock: " + server.address() + ": "), result.err());
            }
        }
    }

    @Test
    void whatIsNeitherServerNorDirectoryIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Cli.run("top", "nowhere").exits(ExitCode.USAGE);
        Cli.run("top", "host:1", "--interval", "0").exits(ExitCode.USAGE);
        Cli.run("top", "host:1", "--interval", "NaN").exits(ExitCode.USAGE);
        Cli.run("top", file).exits(ExitCode.IO);
        Cli.run("top", folder.resolve("missing")).exits(ExitCode.IO);
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Cli.run("top", empty).exits(ExitCode.STORE);
        assertEquals(0, empty.toFile().list().length);
    }
}
