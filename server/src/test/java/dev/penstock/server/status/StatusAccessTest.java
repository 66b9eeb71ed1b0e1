package dev.penstock.server.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.LogLines;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other hosts reach the metrics port only where they are let in, and then under the rules of the Redis port. */
class StatusAccessTest {

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    /** An address of this host as another host would use it. */
    private static InetAddress outside() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElseGet(() -> Assumptions.abort("this host has no address but loopback ones: skipped"));
    }

    private static HttpRequest request(
            TestServer server, InetAddress host, String path, @Nullable String authorization) {
        int port = server.server().metricsPort().orElseThrow();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + host.getHostAddress() + ":" + port + path));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request.build();
    }

    private HttpResponse<String> get(TestServer server, InetAddress host, String path, @Nullable String authorization)
            throws Exception {
        return http.send(request(server, host, path, authorization), BodyHandlers.ofString());
    }

    private int status(TestServer server, InetAddress host, String path, @Nullable String authorization)
            throws Exception {
        return get(server, host, path, authorization).statusCode();
    }

    private static String basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Test
    void anAddressThatOtherHostsReachIsRefusedWithoutAPassword() throws Exception {
        String host = outside().getHostAddress();
        ServerOptions options = ServerOptions.defaults().withMetricsPort(0).withMetricsBind(List.of(host));
        String refusal = assertThrows(
                        IllegalArgumentException.class, () -> new TestServer(directory.resolve("a"), options).close())
                .getMessage();
        assertTrue(refusal.startsWith("refusing to listen on " + host), refusal);
        try (TestServer open = new TestServer(directory.resolve("b"), options.withRemoteAllowed(true))) {
            assertEquals(200, status(open, outside(), "/metrics", null));
            assertEquals(200, status(open, outside(), "/", null));
        }
    }

    @Test
    void anotherHostNeedsThePasswordAndThisMachineDoesNot() throws Exception {
        ServerOptions options = ServerOptions.defaults()
                .withMetricsPort(0)
                .withMetricsBind(List.of("0.0.0.0"))
                .withPassword("secret");
        try (TestServer server = new TestServer(directory, options);
                LogLines log = new LogLines()) {
            InetAddress outside = outside();
            HttpResponse<String> refused = get(server, outside, "/metrics", null);
            assertEquals(401, refused.statusCode());
            assertTrue(refused.headers().firstValue("WWW-Authenticate").isPresent());
            assertEquals(200, status(server, outside, "/metrics", basic("default", "secret")));
            assertEquals(200, status(server, outside, "/metrics", basic("", "secret")));
            assertEquals(200, status(server, outside, "/", "Bearer secret"));
            for (String probe : List.of("/livez", "/readyz")) {
                assertEquals("ok\n", get(server, outside, probe, null).body());
            }
            assertEquals(200, status(server, InetAddress.getLoopbackAddress(), "/metrics", null));

            for (String malformed : List.of("Basic %", "Digest x")) {
                assertEquals(401, status(server, outside, "/metrics", malformed), malformed);
            }
            long begin = System.nanoTime();
            List<CompletableFuture<Long>> guesses = Stream.of(basic("default", "guess"), basic("hunter2", "x"))
                    .map(guess -> http.sendAsync(request(server, outside, "/metrics", guess), BodyHandlers.ofString())
                            .thenApply(refusal -> {
                                assertEquals(401, refusal.statusCode(), guess);
                                return System.nanoTime() - begin;
                            }))
                    .toList();
            for (CompletableFuture<Long> tookNanos : guesses) {
                assertTrue(tookNanos.get() >= 1_000_000_000L, "a guess is answered a second late");
            }
            assertTrue(
                    log.with("wrong password for user default on the metrics port from " + outside.getHostAddress())
                                    .size()
                            >= 1,
                    log.with("").toString());
            assertTrue(log.with("hunter2").isEmpty(), "that may be a password");
            String metrics = get(server, outside, "/metrics", "Bearer secret").body();
            assertTrue(metrics.contains("\npenstock_passwords_refused_total 2.0\n"), metrics);
        }
    }

    @Test
    void aUserSeesWhatItsCommandsWouldTell() throws Exception {
        Path users = Files.writeString(
                directory.resolve("users"),
                "user collector on >c +info\nuser other on >o +get\nuser root on >r +@all\n");
        ServerOptions options = ServerOptions.defaults()
                .withMetricsPort(0)
                .withMetricsBind(List.of("0.0.0.0"))
                .withUsersFile(users);
        try (TestServer server = new TestServer(directory.resolve("store"), options)) {
            InetAddress outside = outside();
            assertEquals(200, status(server, outside, "/metrics", basic("collector", "c")));
            assertEquals(403, status(server, outside, "/", basic("collector", "c")));
            assertEquals(403, status(server, outside, "/metrics", basic("other", "o")));
            assertEquals(200, status(server, outside, "/still", basic("root", "r")));
        }
    }

    @Test
    void aUserWithoutAPasswordSeesWhatItsRightsAllowAndOpensThePortToNobodyElse() throws Exception {
        Path users = Files.writeString(
                directory.resolve("users"),
                "user guest on nopass +ping\nuser watcher on nopass +info\nuser root on >r +@all\n");
        ServerOptions options = ServerOptions.defaults()
                .withMetricsPort(0)
                .withMetricsBind(List.of("0.0.0.0"))
                .withRemoteAllowed(true)
                .withUsersFile(users);
        try (TestServer server = new TestServer(directory.resolve("a"), options)) {
            InetAddress outside = outside();
            assertEquals(401, status(server, outside, "/metrics", null));
            assertEquals(403, status(server, outside, "/metrics", basic("guest", "")));
            assertEquals(200, status(server, outside, "/metrics", basic("watcher", "x")));
            assertEquals(403, status(server, outside, "/", basic("watcher", "x")));
            assertEquals(200, status(server, outside, "/", basic("root", "r")));
            assertEquals(200, status(server, InetAddress.getLoopbackAddress(), "/", null));
        }
        Files.writeString(users, "user default on nopass +info\nuser root on >r +@all\n");
        try (TestServer server = new TestServer(directory.resolve("b"), options)) {
            InetAddress outside = outside();
            assertEquals(200, status(server, outside, "/metrics", null));
            assertEquals(401, status(server, outside, "/", null));
            assertEquals(200, status(server, outside, "/", basic("root", "r")));
        }
    }
}
