package dev.penstock.server.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestClock;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody gets in without the password, and guessing is slow, for the one who guesses alone. */
class AuthenticationTest {

    private static final String SECRET = "correct horse";
    private static final String OK = "+OK\r\n";
    private static final String REFUSED = "-NOAUTH Authentication required.\r\n";
    private static final String WRONG = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory, ServerOptions.defaults().withPassword(SECRET), clock);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void nothingWorksBeforeThePassword() throws IOException {
        try (RespClient client = server.client()) {
            for (String command : List.of("PING", "DBSIZE", "INFO", "FLUSHALL", "SHUTDOWN", "COMMAND")) {
                assertEquals(REFUSED, client.call(command));
            }
            assertEquals(REFUSED, client.call("GET", "k"));
            assertEquals(REFUSED, client.call("CLIENT", "LIST"));
            assertEquals(REFUSED, client.call("CONFIG", "SET", "timeout", "0"));
            assertEquals(
                    "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
                            + " AUTH <user> <pass> option can be used to authenticate the client and select the RESP"
                            + " protocol version at the same time\r\n",
                    client.call("HELLO", "3"));
            assertEquals("-ERR wrong number of arguments for 'get' command\r\n", client.call("GET"));
            assertEquals("-ERR syntax error\r\n", client.call("AUTH", "a", "b", "c"));
            assertEquals(OK, client.call("AUTH", SECRET));
            assertEquals("+PONG\r\n", client.call("PING"));
            assertEquals("+RESET\r\n", client.call("RESET"));
            assertEquals(REFUSED, client.call("PING"));
            assertEquals(OK, client.call("QUIT"));
        }
    }

    @Test
    void theUserIsDefaultAndHelloMayCarryThePassword() throws IOException {
        try (RespClient client = server.client();
                RespClient other = server.client()) {
            assertEquals(OK, client.call("AUTH", "default", SECRET));
            String hello = other.call("HELLO", "3", "AUTH", "default", SECRET, "SETNAME", "me");
            assertTrue(hello.startsWith("%7\r\n"), hello);
            assertEquals("$2\r\nme\r\n", other.call("CLIENT", "GETNAME"));
        }
    }

    /** The refusal comes when the clock says so, and others are served meanwhile. */
    @Test
    void aWrongPasswordIsAnsweredLateAndHoldsUpNobodyElse() throws Exception {
        try (RespClient guesser = server.client();
                RespClient other = server.client()) {
            assertEquals(OK, other.call("AUTH", SECRET));
            guesser.send("AUTH", SECRET + "r");
            guesser.send("AUTH", "DEFAULT", SECRET);
            guesser.send("HELLO", "3", "AUTH", "default", "");
            guesser.send("PING");
            for (int i = 1; i <= 3; i++) {
                int attempts = i;
                TestServer.await("attempt " + i, () -> refusals(other) == attempts);
                assertEquals(0, guesser.in().available(), "answered at once");
                assertEquals(attempts, refusals(other), "the next attempt did not wait");
                clock.advance(Duration.ofMillis(1500));
                server.wake();
                assertEquals(WRONG, guesser.reply());
            }
            assertEquals(REFUSED, guesser.reply());
        }
    }

    private static long refusals(RespClient client) throws IOException {
        return Long.parseLong(client.call("INFO", "penstock").replaceFirst("(?s).*refused_passwords:(\\d+).*", "$1"));
    }

    /** Who hangs up instead of waiting for the refusal is counted as connected until it would have come. */
    @Test
    void hangingUpDoesNotShortenTheWait() throws Exception {
        try (RespClient other = server.client()) {
            assertEquals(OK, other.call("AUTH", SECRET));
            try (RespClient guesser = server.client()) {
                guesser.send("AUTH", "guess");
                TestServer.await("the attempt", () -> refusals(other) == 1);
            }
            for (int i = 0; i < 20; i++) {
                assertTrue(other.call("INFO", "clients").contains("connected_clients:2\r\n"));
            }
            clock.advance(Duration.ofMillis(1500));
            TestServer.await("it is gone", () -> other.call("INFO", "clients").contains("connected_clients:1\r\n"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "*11, unauthenticated multibulk length",
        "*2|$4|AUTH|$16385, unauthenticated bulk length",
        "*3|$3|SET|$1|k|$5000000, unauthenticated bulk length"
    })
    void littleIsTakenFromStrangers(String wire, String error) throws IOException {
        try (RespClient client = server.client()) {
            client.sendRaw(wire.replace("|", "\r\n") + "\r\n");
            assertEquals("-ERR Protocol error: " + error + "\r\n", client.untilClosed());
        }
        try (RespClient client = server.client()) {
            assertEquals(OK, client.call("AUTH", SECRET));
            String large = "x".repeat(100_000);
            assertEquals(OK, client.call("MSET", "a", large, "b", "", "c", "", "d", "", "e", "", "f", ""));
            assertEquals("$100000\r\n" + large + "\r\n", client.call("GET", "a"));
        }
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            clock.advance(Duration.ofSeconds(1));
            server.wake();
        }
    }

    @Test
    void aStrangerOfAnotherHostHasTenSeconds() throws Exception {
        try (TestServer reachable = Remote.server(directory.resolve("open"), SECRET, clock);
                RespClient stranger = Remote.client(reachable);
                RespClient local = reachable.client()) {
            for (int i = 0; i < 11; i++) {
                assertEquals(REFUSED, stranger.call("PING"));
                assertEquals(REFUSED, local.call("PING"));
                clock.advance(Duration.ofSeconds(1));
                reachable.wake();
            }
            assertEquals("", stranger.untilClosed());
            assertEquals(REFUSED, local.call("PING"), "a client of this host is given its time");
        }
    }

    /** RESET is not a reason to go: the client is at its beginning again, with all of its time. */
    @Test
    void resetEndsWhatTheClientWasAllowedAndNotTheConnection() throws Exception {
        try (TestServer reachable = Remote.server(directory.resolve("open"), SECRET, clock);
                RespClient remote = Remote.client(reachable);
                RespClient local = reachable.client()) {
            for (RespClient client : List.of(local, remote)) {
                assertEquals(OK, client.call("AUTH", SECRET));
            }
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 30; i++) {
                    clock.advance(Duration.ofSeconds(1));
                    reachable.wake();
                }
                for (RespClient client : List.of(local, remote)) {
                    assertEquals(OK, client.call("MULTI"));
                    assertEquals("+RESET\r\n", client.call("RESET"));
                    assertEquals(REFUSED, client.call("PING"));
                    assertEquals(OK, client.call("AUTH", SECRET));
                    assertEquals("+PONG\r\n", client.call("PING"));
                }
            }
            assertEquals("+RESET\r\n", remote.call("RESET"));
            for (int i = 0; i < 11; i++) {
                clock.advance(Duration.ofSeconds(1));
                reachable.wake();
                assertEquals(OK, local.call("AUTH", SECRET));
            }
            assertEquals("", remote.untilClosed());
        }
    }

    @Test
    void aStrangerOfThisHostStays() throws Exception {
        try (RespClient stranger = server.client()) {
            assertEquals(REFUSED, stranger.call("PING"));
            pass(100);
            assertEquals(REFUSED, stranger.call("PING"));
            assertEquals(OK, stranger.call("AUTH", SECRET));
        }
    }

    @Test
    void thePasswordIsNotShown() throws IOException {
        try (RespClient client = server.client()) {
            client.call("AUTH", SECRET);
            client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
            client.call("AUTH", SECRET);
            String shown = client.call("SLOWLOG", "GET") + client.call("CONFIG", "GET", "*") + client.call("INFO");
            assertTrue(shown.contains("(redacted)") && !shown.contains("horse"), shown);
        }
    }

    @Test
    void aPasswordOpensOtherAddresses() throws IOException {
        ServerOptions open =
                ServerOptions.defaults().withBind(List.of("0.0.0.0")).withPassword(SECRET);
        try (TestServer reachable = new TestServer(directory.resolve("open"), open);
                RespClient client = reachable.client()) {
            assertEquals(REFUSED, client.call("PING"));
        }
    }
}
