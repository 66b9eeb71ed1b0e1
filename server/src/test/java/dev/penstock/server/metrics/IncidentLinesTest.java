package dev.penstock.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.LogLines;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestCertificate;
import dev.penstock.server.TestClock;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who watches the log sees who tries what: a line with the client's address, and few of them. */
class IncidentLinesTest {

    private static final int MOST_LINES = 6;

    @TempDir
    Path directory;

    private static String address(RespClient client) {
        return "127.0.0.1:" + client.socket().getLocalPort();
    }

    private static RespClient client(int port) throws IOException {
        return new RespClient(new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
    }

    @Test
    void wrongPasswordsAndRefusedCommandsAreLoggedWithTheClientsAddress() throws Exception {
        Path users = Files.writeString(
                directory.resolve("users"), "user default off\nuser ann on >secret ~mine:* +@read +client\n");
        TestClock clock = new TestClock();
        try (LogLines log = new LogLines();
                TestServer server = new TestServer(
                        directory.resolve("store"), ServerOptions.defaults().withUsersFile(users), clock);
                RespClient client = client(server.port());
                RespClient guesser = client(server.port())) {
            guesser.send("AUTH", "ann", "guess");
            guesser.send("AUTH", "hunter2", "x");
            TestServer.await("it is logged", () -> !log.with("wrong password").isEmpty());
            assertEquals(
                    "wrong password for user ann from " + address(guesser),
                    log.with("wrong").getFirst());
            TestServer.await("the next one is logged", () -> {
                clock.advance(Duration.ofSeconds(1));
                server.wake();
                return log.with("a user that does not exist").size() == 1;
            });
            assertTrue(log.with("hunter2").isEmpty(), "that may be a password");
            assertEquals("+OK\r\n", client.call("AUTH", "ann", "secret"));
            for (int i = 0; i < 50; i++) {
                assertTrue(client.call("FLUSHALL").startsWith("-NOPERM"));
                assertTrue(client.call("GET", "others").startsWith("-NOPERM"));
            }
            assertEquals(
                    1,
                    log.with("refused flushall to user ann from " + address(client))
                                            .size()
                                    > 0
                            ? 1
                            : 0);
            assertTrue(
                    log.with("refused get to user ann from " + address(client)).size() > 0);
            assertTrue(
                    log.with("refused").size() <= MOST_LINES,
                    log.with("refused").toString());
        }
    }

    @Test
    void failedHandshakesAndBrowsersAreLoggedWithTheClientsAddress() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory, "server", "EC");
        try (LogLines log = new LogLines();
                TestServer server = new TestServer(directory.resolve("store"), certificate.options())) {
            String address = "";
            for (int i = 0; i < 20; i++) {
                try (RespClient plain = client(server.server().tlsPort().orElseThrow())) {
                    plain.sendRaw("PING\r\nPING\r\n");
                    address = i == 0 ? address(plain) : address;
                    plain.in().readAllBytes();
                }
            }
            String first = "the TLS handshake of " + address + " failed: ";
            TestServer.await("it is logged", () -> log.with(first).size() == 1);
            assertTrue(log.with("handshake").size() <= MOST_LINES, log.with("").toString());
            for (int i = 0; i < 20; i++) {
                try (RespClient browser = client(server.port())) {
                    browser.sendRaw("POST / HTTP/1.1\r\n");
                    assertEquals("", browser.untilClosed());
                }
            }
            assertTrue(log.with("that speaks HTTP").getFirst().contains(" 127.0.0.1:"));
            assertTrue(log.with("HTTP").size() <= MOST_LINES);
        }
    }

    @Test
    void clientsBeyondTheLimitAreLoggedAndDoNotFillTheLog() throws Exception {
        ServerOptions options = ServerOptions.defaults().withMaxClients(1);
        try (LogLines log = new LogLines();
                TestServer server = new TestServer(directory, options);
                RespClient first = client(server.port())) {
            assertEquals("+PONG\r\n", first.call("PING"));
            String address = "";
            for (int i = 0; i < 20; i++) {
                try (RespClient refused = client(server.port())) {
                    address = i == 0 ? address(refused) : address;
                    refused.in().readAllBytes();
                }
            }
            assertEquals(
                    "refused " + address + ": as many clients are connected as maxclients allows",
                    log.with("maxclients").getFirst());
            assertTrue(log.with("refused").size() <= MOST_LINES, log.with("").toString());
        }
    }

    /** What the page of an attacker sends whose name leads here. */
    @Test
    void requestsForTheNameOfAnotherHostAreLogged() throws Exception {
        ServerOptions options = ServerOptions.defaults().withHttpPort(0).withMetricsPort(0);
        try (LogLines log = new LogLines();
                TestServer server = new TestServer(directory, options)) {
            for (int port : new int[] {
                server.server().httpPort().orElseThrow(),
                server.server().metricsPort().orElseThrow()
            }) {
                try (RespClient page = client(port)) {
                    page.sendRaw("GET / HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n");
                    assertTrue(page.untilClosed().startsWith("HTTP/1.1 4"));
                    String address = address(page);
                    TestServer.await(
                            "it is logged",
                            () -> log.with("the name of another host").stream()
                                    .anyMatch(line -> line.endsWith(address)));
                }
            }
            assertTrue(log.with("attacker").isEmpty(), "a name that a client chose is not written down");
        }
    }
}
