package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.store.ValueWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What everybody uses: curl, wget, Java's client, Node's fetch, a browser. */
class HttpClientsIT {

    private static final int LENGTH = 5_000_000;

    @TempDir
    Path directory;

    private TestServer server;
    private String url;
    private final byte[] value = new byte[LENGTH];
    private Path file;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(
                directory.resolve("store"), ServerOptions.defaults().withHttpPort(0));
        url = "http://localhost:" + server.server().httpPort().orElseThrow() + "/";
        new Random(1).nextBytes(value);
        file = Files.write(directory.resolve("file"), value);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static void assume(String program) {
        boolean there = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(there, program + " is not installed: skipped");
    }

    private String run(String... command) throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it does not end: " + List.of(command));
        } finally {
            process.destroyForcibly();
        }
        String errors = Files.readString(directory.resolve("errors"));
        assertEquals(0, process.exitValue(), List.of(command) + ": " + errors);
        return Files.readString(output);
    }

    @Test
    void curlStoresResumesAndRevalidates() throws Exception {
        assume("curl");
        String stored = run("curl", "-sS", "-T", "file", "-w", "%{http_code}", "-o", "/dev/null", url + "a");
        assertEquals("201", stored);
        assertArrayEquals(value, server.store().getBytes("a".getBytes(UTF_8)));
        Files.write(directory.resolve("copy"), Arrays.copyOf(value, 1_234_567));
        run("curl", "-sSf", "-C", "-", "-o", "copy", url + "a");
        assertArrayEquals(value, Files.readAllBytes(directory.resolve("copy")));
        run("curl", "-sSf", "--etag-save", "etag", "-o", "copy", url + "a");
        assertEquals(
                "304", run("curl", "-sS", "--etag-compare", "etag", "-w", "%{http_code}", "-o", "copy", url + "a"));
        run("sh", "-c", "curl -sSf -T - " + url + "piped < file");
        assertArrayEquals(value, server.store().getBytes("piped".getBytes(UTF_8)));
        assertEquals("404", run("curl", "-sS", "-w", "%{http_code}", "-o", "/dev/null", url + "none"));
        assertEquals("204", run("curl", "-sS", "-X", "DELETE", "-w", "%{http_code}", url + "a"));
    }

    @Test
    void wgetResumes() throws Exception {
        assume("wget");
        server.store().put("film".getBytes(UTF_8), value);
        Files.write(directory.resolve("film"), Arrays.copyOf(value, 3_000_001));
        run("wget", "-q", "-c", url + "film");
        assertArrayEquals(value, Files.readAllBytes(directory.resolve("film")));
    }

    @Test
    void javasClientStreamsBothWays() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI target = URI.create(url + "j");
            HttpRequest put = HttpRequest.newBuilder(target)
                    .PUT(BodyPublishers.ofFile(file))
                    .build();
            assertEquals(201, client.send(put, BodyHandlers.discarding()).statusCode());
            // Of unknown length, so that it comes in chunks.
            HttpRequest chunks = HttpRequest.newBuilder(target)
                    .expectContinue(true)
                    .PUT(BodyPublishers.ofInputStream(this::newStream))
                    .build();
            assertEquals(204, client.send(chunks, BodyHandlers.discarding()).statusCode());
            HttpResponse<byte[]> got =
                    client.send(HttpRequest.newBuilder(target).build(), BodyHandlers.ofByteArray());
            assertArrayEquals(value, got.body());
            HttpRequest again = HttpRequest.newBuilder(target)
                    .header("If-None-Match", got.headers().firstValue("etag").orElseThrow())
                    .build();
            assertEquals(304, client.send(again, BodyHandlers.discarding()).statusCode());
        }
    }

    private InputStream newStream() {
        return new ByteArrayInputStream(value);
    }

    @Test
    void nodesFetchStoresAndReads() throws Exception {
        assume("node");
        String script = """
                const put = await fetch('%1$sn', {method: 'PUT', body: new Uint8Array(3000000).fill(7)});
                const got = await fetch('%1$sn', {headers: {Range: 'bytes=2999990-'}});
                const bytes = new Uint8Array(await got.arrayBuffer());
                const gone = await fetch('%1$sn', {method: 'DELETE'});
                console.log(put.status, got.status, bytes.length, bytes[0], gone.status);
                """.formatted(url);
        Files.writeString(directory.resolve("fetch.mjs"), script);
        assertEquals("201 206 10 7 204\n", run("node", "fetch.mjs"));
    }

    /** The browser asks for the end of the sound without having read the middle. */
    @Test
    void aBrowserSeeksInALongSound() throws Exception {
        assume("chromium");
        int seconds = 1134; // of 16-bit stereo at 44.1 kHz: 200 MB
        int data = seconds * 44_100 * 4;
        try (ValueWriter wav = server.store().putStream("sound.wav".getBytes(UTF_8), 44L + data)) {
            wav.write(header(data));
            for (long left = data; left > 0; ) {
                left -= wav.write(ByteBuffer.allocate((int) Math.min(left, 1 << 20)));
            }
            wav.commit();
        }
        String page = """
                <body><audio id=a preload=metadata src="%ssound.wav"></audio><script>
                a.onloadedmetadata = () => { a.currentTime = a.duration - 10 };
                a.onseeked = () => fetch('/said?at ' + Math.round(a.currentTime));
                a.onerror = () => fetch('/said?error ' + a.error.message);
                </script>""".formatted(url);
        assertEquals("at " + (seconds - 10), saidBy(page));
        try (RespClient client = server.client()) {
            String info = client.call("INFO", "stats");
            long sent = Long.parseLong(info.replaceFirst("(?s).*total_net_output_bytes:(\\d+).*", "$1"));
            assertTrue(sent < data / 2, sent + " bytes were sent");
        }
    }

    /** Opens a page in a browser, and returns the first thing that it says to the server that it comes from. */
    private String saidBy(String page) throws Exception {
        CompletableFuture<String> said = new CompletableFuture<>();
        HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.createContext("/", exchange -> {
            if (exchange.getRequestURI().getPath().equals("/said")) {
                said.complete(exchange.getRequestURI().getQuery());
            }
            byte[] body = page.getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        pages.start();
        Process browser = new ProcessBuilder(
                        "chromium",
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--user-data-dir=" + directory.resolve("profile"),
                        "http://localhost:" + pages.getAddress().getPort() + "/")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("browser").toFile())
                .start();
        try {
            return said.get(60, TimeUnit.SECONDS);
        } finally {
            browser.descendants().forEach(ProcessHandle::destroyForcibly);
            browser.destroyForcibly().waitFor();
            pages.stop(0);
        }
    }

    private static ByteBuffer header(int data) {
        ByteBuffer header = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
        header.put("RIFF".getBytes(UTF_8))
                .putInt(36 + data)
                .put("WAVEfmt ".getBytes(UTF_8))
                .putInt(16);
        header.putShort((short) 1)
                .putShort((short) 2)
                .putInt(44_100)
                .putInt(44_100 * 4)
                .putShort((short) 4);
        return header.putShort((short) 16)
                .put("data".getBytes(UTF_8))
                .putInt(data)
                .flip();
    }
}
