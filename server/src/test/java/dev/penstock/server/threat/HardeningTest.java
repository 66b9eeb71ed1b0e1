package dev.penstock.server.threat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.PenstockServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input, too many clients, no file descriptors: one clear answer each, and everybody else is served. */
class HardeningTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*x\\r\\n | invalid multibulk length",
                "*1048577\\r\\n | invalid multibulk length",
                "*1\\r\\nPING\\r\\n | expected '$', got 'P'",
                "*1\\r\\n$-1\\r\\n | invalid bulk length",
                "SET \"k v\\r\\n | unbalanced quotes in request"
            })
    void aProtocolErrorIsNamedAndEndsTheConnection(String wire, String error) throws IOException {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client();
                RespClient other = server.client()) {
            client.sendRaw("PING\r\n" + wire.replace("\\r", "\r").replace("\\n", "\n") + "PING\r\n");
            assertEquals("+PONG\r\n-ERR Protocol error: " + error + "\r\n", client.untilClosed());
            assertEquals("+PONG\r\n", other.call("PING"));
        }
    }

    @Test
    void aLineWithoutEndIsRefused() throws IOException {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            client.sendRaw("x".repeat(70_000));
            assertEquals("-ERR Protocol error: too big inline request\r\n", client.untilClosed());
        }
    }

    @Test
    void httpEndsTheConnectionBeforeItsBodyIsExecuted() throws IOException {
        try (TestServer server = new TestServer(directory);
                RespClient post = server.client();
                RespClient get = server.client()) {
            post.sendRaw("POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET k v\r\n");
            assertEquals("", post.untilClosed());
            get.sendRaw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nSET k v\r\n");
            assertEquals("-ERR wrong number of arguments for 'get' command\r\n", get.untilClosed());
            assertEquals(0, server.store().count());
        }
    }

    @Test
    void aClientTooManyIsTurnedAway() throws Exception {
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withMaxClients(2));
                RespClient first = server.client();
                RespClient second = server.client()) {
            assertEquals("+PONG\r\n", first.call("PING"));
            assertEquals("+PONG\r\n", second.call("PING"));
            try (RespClient third = server.client()) {
                assertEquals("-ERR max number of clients reached\r\n", third.untilClosed());
            }
            assertTrue(first.call("INFO", "stats").contains("rejected_connections:1\r\n"));
            second.socket().close();
            TestServer.await(
                    "the closed client is gone",
                    () -> first.call("INFO", "clients").contains("connected_clients:1\r\n"));
            try (RespClient fourth = server.client()) {
                assertEquals("+PONG\r\n", fourth.call("PING"));
            }
        }
    }

    /** Whatever is announced or sent, it is refused before memory is taken for it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "*2|$4|ECHO|$67108865 # -ERR Protocol error: invalid bulk length",
                "*2|$3|GET|$67108865 # -ERR Protocol error: invalid bulk length",
                "*3|$3|SET|$1|k|$1099511627777 # -ERR Protocol error: invalid bulk length",
                "*3|$3|SET|$1|k|$9223372036854775807 # -ERR Protocol error: invalid bulk length",
                "*3|$3|SET|$1|k|$99999999999999999999 # -ERR Protocol error: invalid bulk length",
                "*99999999999999999999 # -ERR Protocol error: invalid multibulk length"
            })
    void anAnnouncementBeyondTheLimitsIsRefusedAtOnce(String line) throws IOException {
        String[] parts = line.split(" # ", -1);
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            client.sendRaw(parts[0].replace("|", "\r\n") + "\r\n");
            assertEquals(parts[1] + "\r\n", client.untilClosed());
        }
    }

    @Test
    void aLineOfTheClientsCannotBecomeOneOfTheServers() throws IOException {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            assertEquals(
                    "-ERR unknown command 'no  +OK', with args beginning with: 'a  :1' \r\n",
                    client.call("no\r\n+OK", "a\r\n:1"));
            assertEquals("+PONG\r\n", client.call("PING"));
        }
    }

    @Test
    void onlyThisMachineIsListenedToUnlessTold() throws IOException {
        try (TestServer server = new TestServer(directory)) {
            for (String host : server.server().addresses()) {
                assertTrue(InetAddress.getByName(host).isLoopbackAddress(), host);
            }
        }
    }

    /** However many clients come, the store has descriptors left: those that cannot be served are told. */
    @Test
    void aCrowdLeavesTheStoreItsFileDescriptors() throws Exception {
        try (ChildServer server = new ChildServer(directory, "ulimit -n 120; ", "-Xmx32m");
                RespClient client = new RespClient(server.port())) {
            assertEquals("*2\r\n$10\r\nmaxclients\r\n$2\r\n56\r\n", client.call("CONFIG", "GET", "maxclients"));
            assertEquals("+OK\r\n", client.call("CONFIG", "SET", "maxclients", "1000"));
            List<RespClient> crowd = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                crowd.add(new RespClient(server.port()));
            }
            String refusal = crowd.getLast().untilClosed();
            assertEquals("-ERR max number of clients reached\r\n", refusal);
            String value = "x".repeat(2 << 20);
            for (int i = 0; i < 8; i++) {
                assertEquals("+OK\r\n", client.call("SET", "k" + i, value));
            }
            for (RespClient one : crowd) {
                one.close();
            }
            awaitServed(server);
        }
    }

    private static void awaitServed(ChildServer server) throws Exception {
        TestServer.await("a new client is served", () -> {
            try (RespClient late = new RespClient(server.port())) {
                return late.call("PING").equals("+PONG\r\n");
            } catch (IOException refused) {
                return false;
            }
        });
    }

    @Test
    void addressesThatOthersCanReachAreRefusedUnlessAllowed() throws IOException {
        ServerOptions open = ServerOptions.defaults().withBind(List.of("0.0.0.0"));
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> new TestServer(directory, open));
        assertTrue(refusal.getMessage().contains("0.0.0.0"), refusal.getMessage());
        try (TestServer server = new TestServer(directory.resolve("allowed"), open.withRemoteAllowed(true));
                RespClient client = server.client()) {
            assertEquals("+PONG\r\n", client.call("PING"));
        }
    }

    @Test
    void aPortThatIsTakenIsOneClearError() throws IOException {
        try (TestServer server = new TestServer(directory)) {
            IOException refusal = assertThrows(
                    IOException.class,
                    () -> PenstockServer.start(
                            server.store(), ServerOptions.defaults().withPort(server.port())));
            assertTrue(refusal.getMessage().contains("port " + server.port()), refusal.getMessage());
        }
    }

    /** Whatever bytes come, the server answers others and the connection either waits for more or is closed. */
    @Test
    void noiseNeverStopsTheServer() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "*$\r\n0123456789-PINGSETk \"'\\x\0";
        try (TestServer server = new TestServer(directory);
                RespClient other = server.client()) {
            for (int i = 0; i < 500; i++) {
                StringBuilder noise = new StringBuilder();
                int length = random.nextInt(200);
                for (int j = 0; j < length; j++) {
                    noise.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                try (RespClient client = server.client()) {
                    client.sendRaw(noise.toString());
                    client.socket().shutdownOutput();
                    client.untilClosed();
                } catch (SocketException reset) {
                    // the server closed while noise was still on its way
                }
                assertEquals("+PONG\r\n", other.call("PING"), "seed " + seed + " round " + i);
            }
        }
    }
}
