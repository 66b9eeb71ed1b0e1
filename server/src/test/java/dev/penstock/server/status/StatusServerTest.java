package dev.penstock.server.status;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.LogLines;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.acl.Users;
import dev.penstock.server.config.Settings;
import dev.penstock.server.report.MetricsSnapshot;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.shard.Router;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures are right in both forms, nothing a client says becomes HTML, and nobody but this machine is answered. */
class StatusServerTest {

    @TempDir
    Path directory;

    private TestServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory, ServerOptions.defaults().withMetricsPort(0));
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private int port() {
        return server.server().metricsPort().orElseThrow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
    }

    private String get(String path) throws Exception {
        HttpResponse<String> response = http.send(request(path).build(), BodyHandlers.ofString());
        assertEquals(200, response.statusCode());
        return response.body();
    }

    /** What is sent as it stands; gives the whole answer. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @Test
    void metricsAreCountedAndWellFormed() throws Exception {
        try (RespClient client = server.client()) {
            client.call("SET", "k", "x".repeat(100));
            client.call("GET", "k");
            client.call("GET", "absent");
            client.call("NOSUCH");
            String metrics = get("/metrics");
            for (String line : metrics.lines().toList()) {
                assertTrue(
                        line.matches("# (HELP|TYPE) (penstock|jvm|process)_[a-z_]+ .+")
                                || line.matches("(penstock|jvm|process)_[a-z_]+"
                                        + "(\\{([a-z]+=\"[^\"]+\",?)+})? (NaN|[0-9.E+-]+)"),
                        line);
            }
            assertEquals(1, value(metrics, "penstock_keys"));
            assertEquals(4, value(metrics, "penstock_commands_total"));
            assertEquals(1, value(metrics, "penstock_keyspace_hits_total"));
            assertEquals(1, value(metrics, "penstock_keyspace_misses_total"));
            assertEquals(1, value(metrics, "penstock_error_replies_total"));
            assertEquals(1, value(metrics, "penstock_connected_clients"));
            assertEquals(4, value(metrics, "penstock_command_duration_seconds_bucket{le=\"+Inf\"}"));
            assertEquals(4, value(metrics, "penstock_command_duration_seconds_count"));
            assertTrue(value(metrics, "penstock_command_duration_seconds_sum") > 0);
            assertTrue(value(metrics, "penstock_store_live_bytes") > 100);
            assertEquals(1, value(metrics, "penstock_store_segments"));
            assertTrue(value(metrics, "penstock_index_bytes") > 0);
            assertTrue(value(metrics, "penstock_received_bytes_total") > 100);
            assertTrue(metrics.contains("# TYPE penstock_commands_total counter\n"), metrics);
        }
    }

    private static double value(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + metrics));
    }

    /** A collector computes rates from counters; to it, one that shrinks is a restart. */
    @Test
    void resettingTheStatisticsOfInfoLeavesTheMetricsAlone() throws Exception {
        try (RespClient client = server.client()) {
            client.call("PING");
            client.call("PING");
            assertEquals("+OK\r\n", client.call("CONFIG", "RESETSTAT"));
            assertTrue(client.call("INFO", "stats").contains("total_commands_processed:1\r\n"));
            assertEquals(4, value(get("/metrics"), "penstock_commands_total"));
        }
    }

    @Test
    void largeValuesAreCountedByTheWayTheyTook() throws Exception {
        int length = 1 << 20;
        String sent = "penstock_transfer_mapped_sent_bytes_total";
        try (RespClient client = server.client()) {
            client.call("SET", "large", "x".repeat(length));
            client.call("CONFIG", "SET", "transfer-mode", "mapped");
            assertEquals(0, value(get("/metrics"), sent));
            client.call("GET", "large");
            TestServer.await("what was sent last is counted", () -> value(get("/metrics"), sent) >= length);
            assertTrue(get("/").contains("<td>Large values sent by mapped</td><td class=\"n\">1.0"), get("/"));
            client.call("CONFIG", "RESETSTAT");
            assertTrue(value(get("/metrics"), sent) >= length);
        }
    }

    @Test
    void thosewhoAskForOpenMetricsGetIt() throws Exception {
        HttpResponse<String> response = http.send(
                request("/metrics")
                        .header("Accept", "application/openmetrics-text")
                        .build(),
                BodyHandlers.ofString());
        assertTrue(
                response.headers().firstValue("Content-Type").orElseThrow().startsWith("application/openmetrics-text"));
        assertTrue(response.body().endsWith("# EOF\n"), response.body());
    }

    /** No collector goes without, and none leaves a trace in the log. */
    @Test
    void thoseWhoPreferProtobufGetText() throws Exception {
        String protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
        try (LogLines log = new LogLines()) {
            for (String accept : List.of(protobuf, protobuf + ";q=0.7,text/plain;version=0.0.4;q=0.3", "nonsense")) {
                HttpResponse<String> response =
                        http.send(request("/metrics").header("Accept", accept).build(), BodyHandlers.ofString());
                assertEquals(200, response.statusCode(), accept);
                assertTrue(response.headers()
                        .firstValue("Content-Type")
                        .orElseThrow()
                        .startsWith("text/plain"));
                assertEquals(0, value(response.body(), "penstock_keys"));
            }
            assertEquals(List.of(), log.with(""));
        }
    }

    @Test
    void whatAClientSaysIsTextOnThePage() throws Exception {
        try (RespClient client = server.client()) {
            client.call("CLIENT", "SETNAME", "<script>alert('1')</script>&\"");
            String page = get("/");
            assertFalse(page.contains("<script"), page);
            assertTrue(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"), page);
            assertTrue(page.contains("<td data-name=\"Last command\">client|setname</td>"), page);
        }
    }

    /** What a person who looks for the store, or for space, needs first. */
    @Test
    void thePageSaysWhichStoreThisIsAndHowMuchSpaceThereIs() throws Exception {
        String page = get("/");
        assertTrue(page.contains("<h1>Penstock " + MetricsSnapshot.version() + "</h1>"), page);
        assertTrue(page.contains("<p>" + directory.toAbsolutePath() + " on port "), page);
        assertTrue(page.contains("<td>Free space on the disk</td>"), page);
        assertTrue(page.contains("are allocated in full"), page);
        String metrics = get("/metrics");
        assertTrue(value(metrics, "penstock_store_disk_free_bytes") > 0);
        try (RespClient client = server.client()) {
            client.call("SET", "k", "v");
        }
        double allocated = value(get("/metrics"), "penstock_store_preallocated_bytes");
        assertTrue(allocated > 7 << 20 && allocated < 8 << 20, "of a segment of 8 MiB: " + allocated);
    }

    @Test
    void aServerThatCannotStartLeavesNoPortOpen() throws IOException {
        List<ServerSocketChannel> listeners = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            listeners.add(ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        }
        listeners.getFirst().configureBlocking(false); // a selector refuses the other one
        ServerContext context = new ServerContext(
                server.store(), new Settings(0, Map.of()), Users.ofDefault(null), Router.STANDALONE, null, () -> {});
        assertThrows(
                IllegalBlockingModeException.class,
                () -> StatusServer.start(context, listeners, List.of("localhost"), 1));
        for (ServerSocketChannel listener : listeners) {
            assertFalse(listener.isOpen());
        }
    }

    /** Who reads slowly, or with a screen reader, can stop the page from changing. */
    @Test
    void thePageRefreshesItselfUnlessItIsToldNotTo() throws Exception {
        HttpResponse<String> page = http.send(request("/").build(), BodyHandlers.ofString());
        assertEquals("5", page.headers().firstValue("Refresh").orElseThrow());
        assertTrue(page.body().contains("<a href=\"/still\">stop</a>"), page.body());
        HttpResponse<String> still = http.send(request("/still").build(), BodyHandlers.ofString());
        assertTrue(still.headers().firstValue("Refresh").isEmpty());
        assertTrue(still.body().contains("<a href=\"/\">start</a>"), still.body());
        assertFalse(page.body().contains("http-equiv"), page.body());
    }

    @Test
    void thePageAllowsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = http.send(request("/").build(), BodyHandlers.ofString());
        String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertTrue(policy.contains("default-src 'none'"), policy);
        assertFalse(page.body().contains("http://") || page.body().contains("https://"), page.body());
    }

    /** A web page whose name was made to point here must not read this one through somebody's browser. */
    @Test
    void onlyTheNamesOfThisMachineAreAnswered() throws IOException {
        for (String host : new String[] {"localhost", "localhost:1", "127.0.0.1:9121", "[::1]", "10.0.0.1:9"}) {
            assertTrue(raw("GET / HTTP/1.0\r\nHost: " + host + "\r\n\r\n").startsWith("HTTP/1.1 200 "), host);
        }
        for (String host : new String[] {"example.com", "localhost.example.com", "127.0.0.1.example.com", ""}) {
            assertTrue(raw("GET / HTTP/1.0\r\nHost: " + host + "\r\n\r\n").startsWith("HTTP/1.1 403 "), host);
        }
        assertTrue(raw("GET / HTTP/1.0\r\n\r\n").startsWith("HTTP/1.1 403 "));
    }

    @Test
    void itOnlyShows() throws Exception {
        HttpResponse<String> post =
                http.send(request("/").POST(BodyPublishers.ofString("x")).build(), BodyHandlers.ofString());
        assertEquals(405, post.statusCode());
        assertEquals(
                404,
                http.send(request("/other").build(), BodyHandlers.ofString()).statusCode());
        HttpResponse<String> head = http.send(request("/").HEAD().build(), BodyHandlers.ofString());
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
    }

    /** It is answered once, however much more comes, and a head without end is refused before it takes much memory. */
    @Test
    void oneRequestIsAnsweredAndAHeadHasALimit() throws IOException {
        String request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
        String answer = raw(request + request);
        assertEquals(1, answer.split("HTTP/1.1 200 OK\r\n", -1).length - 1, answer);
        assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
        assertTrue(raw("GET / HTTP/1.1\r\nX: " + "x".repeat(9000)).startsWith("HTTP/1.1 431 "));
        assertTrue(raw("nonsense\r\n\r\n").startsWith("HTTP/1.1 400 "));
    }

    @Test
    void unfinishedRequestsDoNotKeepOthersWaiting() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
                slow.add(socket);
                socket.getOutputStream().write("GET / HT".getBytes(ISO_8859_1));
            }
            assertTrue(get("/metrics").contains("penstock_keys 0"));
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void itIsThereOnlyIfAskedForAndEndsWithTheServer() throws Exception {
        int port = port();
        server.server().close();
        assertThrows(ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
        try (TestServer plain = new TestServer(directory.resolve("plain"))) {
            assertTrue(plain.server().metricsPort().isEmpty());
        }
        IOException taken = assertThrows(IOException.class, () -> {
            try (TestServer first = new TestServer(
                    directory.resolve("a"), ServerOptions.defaults().withMetricsPort(0))) {
                int busy = first.server().metricsPort().orElseThrow();
                new TestServer(directory.resolve("b"), ServerOptions.defaults().withMetricsPort(busy)).close();
            }
        });
        assertTrue(taken.getMessage().contains("metrics-port"), taken.getMessage());
    }
}
