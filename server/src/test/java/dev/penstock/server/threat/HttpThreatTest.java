package dev.penstock.server.threat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestClock;
import dev.penstock.server.TestServer;
import dev.penstock.server.http.HttpTestClient;
import dev.penstock.server.http.HttpTestClient.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of HTTP that take too much, or too long, or leave in the middle. Time passes by the test's own clock. */
class HttpThreatTest {

    private static final byte[] KEY = {'k'};

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(
                directory, ServerOptions.defaults().withHttpPort(0).withMaxClients(4), clock);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpTestClient client() throws IOException {
        return new HttpTestClient(server.server().httpPort().orElseThrow());
    }

    /** Time in small steps, and the server sees each of them. */
    private void pass(int seconds) throws IOException {
        for (int i = 0; i < seconds; i++) {
            clock.advance(Duration.ofSeconds(1));
            try (HttpTestClient other = client()) {
                assertEquals(404, other.send("GET", "/nothing").status());
            }
        }
    }

    @Test
    void aHugeRequestLineIsRefused() throws IOException {
        try (HttpTestClient client = client()) {
            client.write("GET /" + "a".repeat(20_000));
            assertEquals(414, client.response().status());
            assertTrue(client.isEnded());
        }
    }

    /** None of these sends more before it has an answer. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\26\3\1\2\0\1\0\1\374\3\3",
                "*1",
                "\0\0\0\1",
                "\377\373\1",
                "PING\r\n",
                "ping\n",
                "SET key HTTP/1\r\n",
                "EHLO example.org\r\n"
            })
    void aClientOfAnotherProtocolIsToldSoAtOnce(String greeting) throws IOException {
        try (HttpTestClient client = client()) {
            client.write(greeting);
            Response refused = client.response();
            assertEquals(400, refused.status());
            assertEquals(greeting.startsWith("\26"), refused.text().contains("TLS"), refused.text());
            boolean mayBeRedis = greeting.startsWith("*") || greeting.endsWith("\n");
            assertEquals(mayBeRedis, refused.text().contains("the Redis protocol"), refused.text());
            assertTrue(client.isEnded());
        }
    }

    @Test
    void hugeHeadersAreRefused() throws IOException {
        try (HttpTestClient client = client()) {
            client.write("GET /k HTTP/1.1\r\nHost: localhost\r\n" + "A: b\r\n".repeat(6000));
            assertEquals(431, client.response().status());
            assertTrue(client.isEnded());
        }
        try (HttpTestClient client = client()) {
            client.write("GET /k HTTP/1.1\r\nHost: localhost\r\nA: " + "b".repeat(40_000));
            assertEquals(431, client.response().status());
        }
    }

    @Test
    void slowHeadersAreCutOffAndOthersServed() throws IOException {
        try (HttpTestClient loris = client()) {
            loris.write("GET /k HTTP/1.1\r\nHost: localhost\r\n");
            for (int i = 0; i < 14; i++) {
                pass(2);
                loris.write("A");
            }
            pass(4);
            assertTrue(loris.isEnded());
        }
    }

    @Test
    void aSlowBodyIsCutOffAndStoresNothing() throws Exception {
        try (HttpTestClient loris = client()) {
            loris.write("PUT /k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n");
            for (int i = 0; i < 14; i++) {
                loris.write("0123456789");
                pass(2);
            }
            pass(4);
            assertTrue(loris.isEnded());
        }
        assertNull(server.store().getBytes(KEY));
        awaitNoValueFiles();
    }

    @Test
    void aClientThatLeavesInTheMiddleLeavesNothing() throws Exception {
        for (String framing :
                List.of("Content-Length: 9000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n800000\r\n")) {
            try (HttpTestClient client = client()) {
                client.write("PUT /k HTTP/1.1\r\nHost: localhost\r\n" + framing);
                client.write(new byte[3_000_000]);
            }
            awaitNoValueFiles();
            assertNull(server.store().getBytes(KEY));
        }
    }

    private void awaitNoValueFiles() throws Exception {
        TestServer.await("the file of the value is gone", () -> {
            try (var files = Files.list(directory)) {
                return files.noneMatch(file -> file.toString().endsWith(".value"));
            }
        });
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        try (HttpTestClient client = client()) {
            assertEquals(404, client.send("GET", "/k").status());
            pass(70);
            assertEquals(404, client.send("GET", "/k").status());
            pass(90);
            assertTrue(client.isEnded());
        }
    }

    @Test
    void oneClientTooManyIsToldSo() throws IOException {
        List<HttpTestClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                clients.add(client());
                assertEquals(404, clients.getLast().send("GET", "/k").status());
            }
            try (HttpTestClient tooMany = client()) {
                Response refused = tooMany.send("GET", "/k");
                assertEquals(503, refused.status());
                assertEquals("application/problem+json", refused.field("content-type"));
                assertTrue(tooMany.isEnded());
            }
        } finally {
            for (HttpTestClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aRequestThatHasBegunIsToldThatTheServerStops() throws Exception {
        try (HttpTestClient client = client();
                RespClient other = server.client()) {
            client.write("PUT /k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n01234");
            TestServer.await("it has begun", () -> other.call("CLIENT", "LIST").contains("qbuf=5 "));
            Thread stopping = Thread.ofVirtual().start(() -> server.server().stop(Duration.ofSeconds(1)));
            assertEquals(503, client.response().status());
            assertTrue(client.isEnded());
            stopping.join();
        }
        assertNull(server.store().getBytes(KEY));
    }

    @Test
    void aBrowserThatIsLuredToTheServerByAnotherNameIsTurnedAway() throws IOException {
        server.store().put(KEY, "secret".getBytes(US_ASCII));
        for (String host :
                List.of("evil.example", "evil.example:8080", "localhost.evil.example", "1.2.3.4.evil.example")) {
            try (HttpTestClient client = client()) {
                client.write("GET /k HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                Response refused = client.response();
                assertEquals(421, refused.status(), host);
                assertTrue(!refused.text().contains("secret"));
            }
        }
        for (String host : List.of("localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:80", "10.1.2.3", "a.localhost")) {
            try (HttpTestClient client = client()) {
                client.write("GET /k HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                assertEquals(200, client.response().status(), host);
            }
        }
        try (HttpTestClient client = client()) {
            client.write("GET http://evil.example/k HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(421, client.response().status());
        }
    }

    @Test
    void aRangeBombIsNotAnswered() throws IOException {
        server.store().put(KEY, new byte[1000]);
        try (HttpTestClient client = client()) {
            StringBuilder ranges = new StringBuilder("Range: bytes=0-0");
            for (int i = 1; i < 1000; i++) {
                ranges.append(',').append(2 * i).append('-').append(2 * i);
            }
            assertEquals(416, client.send("GET", "/k", ranges.toString()).status());
            Response overlapping = client.send("GET", "/k", "Range: bytes=" + "0-999,".repeat(16));
            assertEquals(206, overlapping.status());
            assertEquals(1000, overlapping.body().length);
        }
    }
}
