package dev.penstock.server;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server over a read-only store answers every question about itself, and refuses writes alone. */
class ReadOnlyStoreTest {

    private static final byte[] KEY = {'k'};

    @TempDir
    Path directory;

    @Test
    void questionsAreAnsweredAndWritesAreRefused() throws Exception {
        try (Store owner = Store.open(directory)) {
            owner.put(KEY, KEY);
        }
        ServerOptions options = ServerOptions.defaults().withPort(0).withMetricsPort(0);
        try (Store store = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            PenstockServer server = PenstockServer.start(store, options);
            try (RespClient client = new RespClient(server.port())) {
                assertEquals("$1\r\nk\r\n", client.call("GET", "k"));
                String info = client.call("INFO", "everything");
                assertTrue(info.contains("\r\ncompaction_state:none\r\n"), info);
                assertTrue(info.contains("\r\nwrite_amplification:1.00\r\n"), info);
                String settings = client.call("CONFIG", "GET", "*");
                assertTrue(settings.contains("$15\r\ncompaction-rate\r\n$1\r\n0\r\n"), settings);
                assertAnswers(server.metricsPort().orElseThrow(), "/");
                assertAnswers(server.metricsPort().orElseThrow(), "/metrics");
                for (String[] write : new String[][] {{"SET", "k", "v"}, {"DEL", "k"}, {"FLUSHALL"}}) {
                    String reply = client.call(write);
                    assertTrue(reply.startsWith("-READONLY "), write[0] + ": " + reply);
                }
                assertFalse(client.call("CONFIG", "SET", "compaction-rate", "1").startsWith("+OK"));
            } finally {
                server.stop(Duration.ZERO);
            }
        }
    }

    private static void assertAnswers(int port, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(20))
                    .build();
            HttpResponse<String> response = http.send(request, ofString());
            assertEquals(200, response.statusCode(), response.body());
        }
    }
}
