package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

public class ServeCommandIT {

    private static final Pattern READY =
            Pattern.compile("serving (.*) on ([^ :]+):(\\d+)( and \\S+)*: (\\d+) keys?, opened in (\\d+) ms");

    @TempDir
    Path folder;

    private Path store() {
        return folder.resolve("store");
    }

    /** Where the server is, from the line it prints when it is ready. */
    public static HostAndPort address(String ready) {
        Matcher matcher = READY.matcher(ready);
        assertTrue(matcher.matches(), ready);
        return new HostAndPort(matcher.group(2), Integer.parseInt(matcher.group(3)));
    }

    @Test
    void saysWhenItIsReadyAndStopsCleanlyOnSigterm() throws Exception {
        Cli.run("put", store(), "there", "before").exits(0);
        try (Child server = Child.start("serve", store(), "--port", "0")) {
            String ready = server.readLine();
            assertTrue(ready.contains(store().toString()) && ready.contains(": 1 key, "), ready);
            try (Jedis client = new Jedis(address(ready))) {
                assertEquals("PONG", client.ping());
                assertEquals("before", client.get("there"));
                assertEquals("OK", client.set("added", "later"));
            }
            assertEquals(Child.SIGTERMED, server.terminate());
            assertEquals(4, server.errors().lines().count(), server.errors());
            assertTrue(server.errors().contains("INFO dev.penstock.tools.serve.Serve: started Penstock "));
            assertTrue(server.errors().endsWith(" stopped\n"), server.errors());
            assertEquals("", server.rest());
        }
        assertEquals("later", Cli.run("get", store(), "added").exits(0).out());
        assertEquals("1\n", Cli.run("del", store(), "added").exits(0).out(), "the lock was left");
    }

    @Test
    void aClientsShutdownEndsItWithEverythingStored() throws Exception {
        try (Child server = Child.start("serve", store(), "--port", "0");
                Jedis client = new Jedis(address(server.readLine()))) {
            client.set("a", "1");
            client.shutdown();
            assertEquals(ExitCode.OK, server.await(), server.errors());
        }
        assertEquals("1", Cli.run("get", store(), "a").exits(0).out());
    }

    @Test
    void aDamagedValueIsAnErrorToTheClientWhereReadsAreVerified() throws Exception {
        Cli.run("put", store(), "key", "a value").exits(0);
        Path log = store().resolve("0000000001.log");
        String content = Files.readString(log, ISO_8859_1);
        Files.writeString(log, content.replace("a value", "a VALUE"), ISO_8859_1);
        try (Child server = Child.start("serve", store(), "--port", "0", "--verify-on-read");
                Jedis client = new Jedis(address(server.readLine()))) {
            JedisDataException refused = assertThrows(JedisDataException.class, () -> client.get("key"));
            assertEquals("ERR the stored data is damaged; see the server's log", refused.getMessage());
            assertEquals("PONG", client.ping());
            server.terminate();
            assertTrue(server.errors().contains("0000000001.log"), server.errors());
            assertTrue(server.errors().contains("checksum"), server.errors());
        }
    }

    @Test
    void whileItRunsOthersMayLookButNotWrite() throws Exception {
        Path lines = Files.writeString(folder.resolve("lines"), "{\"key\":\"a\",\"value\":\"2\"}");
        try (Child server = Child.start("serve", store(), "--port", "0");
                Jedis client = new Jedis(address(server.readLine()))) {
            client.set("a", "1");
            assertEquals("1", Cli.run("get", store(), "a").exits(0).out());
            Cli.Result load = Cli.run("load", store(), lines).exits(3);
            String holder = "in use by process " + server.pid() + ", a Penstock server; write through the server, ";
            assertTrue(load.complaint().contains(holder), load.err());
            try (Child second = Child.start("serve", store(), "--port", "0")) {
                assertEquals(ExitCode.STORE, second.await());
                assertTrue(second.errors().contains(holder), second.errors());
                assertEquals(1, second.errors().lines().count(), second.errors());
            }
            assertEquals("1", client.get("a"));
        }
    }

    /** SIGTERM at any moment of the start, here after the JVM has begun to end. */
    @Test
    void aSignalBeforeTheServerIsReadyIsNoBug() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServesWhileItEnds.class.getName(),
                        store().toString())
                .redirectErrorStream(true)
                .start();
        assertEquals("exit code 0", new String(process.getInputStream().readAllBytes(), UTF_8).strip());
        process.waitFor();
        Cli.run("put", store(), "a", "1").exits(0);
    }

    /** Starts a server when no shutdown hook can be added any more. */
    static final class ServesWhileItEnds {

        private ServesWhileItEnds() {}

        public static void main(String[] arguments) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                Cli.Result result = Cli.run("serve", arguments[0], "--port", "0");
                System.out.println(result.err() + "exit code " + result.exitCode());
            }));
        }
    }

    /** What a client was told is stored is there after the server was killed. */
    @Test
    void acknowledgedWritesSurviveSigkill() throws Exception {
        int written = 0;
        try (Child server = Child.start("serve", store(), "--port", "0");
                Jedis client = new Jedis(address(server.readLine()))) {
            for (; written < 5000; written++) {
                client.set("key" + written, "value" + written);
            }
            assertEquals(Child.SIGKILLED, server.kill());
        }
        try (Store store = Store.open(store())) {
            assertEquals(written, store.count());
            for (int i = 0; i < written; i++) {
                assertEquals("value" + i, new String(store.getBytes(("key" + i).getBytes(UTF_8)), UTF_8));
            }
        }
    }

    @Test
    void thePasswordComesFromAFileAndOpensARemoteAddress() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "correct horse\nnot this\n");
        Path socket = folder.resolve("door");
        try (Child server = Child.start(
                        "serve",
                        store(),
                        "--port",
                        "0",
                        "--bind",
                        "0.0.0.0",
                        "--password-file",
                        secret,
                        "--unixsocket",
                        socket,
                        "--maxclients",
                        "7",
                        "--timeout",
                        "77");
                Jedis client = new Jedis("127.0.0.1", address(server.readLine()).getPort())) {
            assertTrue(assertThrows(JedisDataException.class, client::ping)
                    .getMessage()
                    .startsWith("NOAUTH"));
            assertEquals("OK", client.auth("correct horse"));
            assertEquals("7", client.configGet("maxclients").get("maxclients"));
            assertEquals("77", client.configGet("timeout").get("timeout"));
            assertEquals(socket.toString(), client.configGet("unixsocket").get("unixsocket"));
            assertTrue(Files.exists(socket));
            assertEquals(Child.SIGTERMED, server.terminate());
        }
        assertTrue(Files.notExists(socket), "the socket was left");
    }

    /** However little is on the command line. */
    @Test
    void thePasswordOfTheEnvironmentIsAskedFor() throws Exception {
        try (Child server = Child.start(Map.of("PENSTOCK_PASSWORD", "correct horse"), "serve", store(), "--port", "0");
                Jedis client = new Jedis(address(server.readLine()))) {
            assertTrue(assertThrows(JedisDataException.class, client::ping)
                    .getMessage()
                    .startsWith("NOAUTH"));
            assertEquals("OK", client.auth("correct horse"));
        }
    }

    @Test
    void withoutAPasswordARemoteAddressIsRefused() throws Exception {
        try (Child server = Child.start("serve", store(), "--port", "0", "--bind", "0.0.0.0")) {
            assertEquals(ExitCode.USAGE, server.await());
            assertTrue(server.errors().contains("--password-file, --users-file) or --allow-remote"), server.errors());
        }
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        try (Child server = Child.start("serve", store(), "--port", "0", "--password-file", empty)) {
            assertEquals(ExitCode.USAGE, server.await());
            assertTrue(server.errors().contains("the password is empty"), server.errors());
        }
    }

    @Test
    void aPortThatIsTakenIsOneLineAndLeavesNoLock() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Child server = Child.start("serve", store(), "--port", taken.getLocalPort())) {
            assertEquals(ExitCode.IO, server.await());
            assertEquals(1, server.errors().lines().count(), server.errors());
            assertTrue(server.errors().contains("port " + taken.getLocalPort()), server.errors());
        }
        Cli.run("put", store(), "a", "1").exits(0);
    }
}
