package dev.penstock.tools.program;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.tools.console.Json;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium, driven by the protocol of its developer tools: a page has any width, any color scheme and any
 * medium, and everything that it asks for or complains about is noted. One thread.
 */
final class Browser implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
    private final List<String> requests = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private final WebSocket socket;
    private int calls;

    private Browser(Path program, Path folder) throws Exception {
        Path profile = folder.resolve("profile");
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true)
                .start();
        try {
            socket = http.newWebSocketBuilder()
                    .buildAsync(target(port(profile.resolve("DevToolsActivePort"))), new Messages())
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            for (String domain : List.of("Page", "Network", "Runtime", "Log")) {
                call(domain + ".enable", Json.MAPPER.createObjectNode());
            }
        } catch (Exception | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser start(Path program, Path folder) throws Exception {
        return new Browser(program, folder);
    }

    /** The browser writes its port to a file of two lines once it listens. */
    private String port(Path file) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(file) || Files.readAllLines(file).size() < 2) {
            assertTrue(System.nanoTime() < deadline, "the browser does not listen");
            assertTrue(!process.waitFor(20, TimeUnit.MILLISECONDS), "the browser ended");
        }
        return Files.readAllLines(file).getFirst();
    }

    private URI target(String port) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                .build();
        for (JsonNode target : Json.MAPPER.readTree(
                http.send(request, HttpResponse.BodyHandlers.ofString()).body())) {
            if (target.path("type").asText().equals("page")) {
                return URI.create(target.path("webSocketDebuggerUrl").asText());
            }
        }
        throw new IOException("the browser has no page");
    }

    /** Shows a page that sets {@code data-ready} when it is complete. */
    void show(URI page, int width, boolean isPrint, boolean isDark) throws Exception {
        ObjectNode size = Json.MAPPER.createObjectNode();
        size.put("width", width).put("height", 844).put("deviceScaleFactor", 1).put("mobile", true);
        call("Emulation.setDeviceMetricsOverride", size);
        ObjectNode media = Json.MAPPER.createObjectNode().put("media", isPrint ? "print" : "screen");
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", isDark ? "dark" : "light");
        call("Emulation.setEmulatedMedia", media);
        requests.clear();
        complaints.clear();
        call("Page.navigate", Json.MAPPER.createObjectNode().put("url", page.toString()));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!evaluate("document.documentElement?.dataset.ready === 'true' && document.readyState === 'complete'"
                        + " && location.href !== 'about:blank'")
                .asBoolean()) {
            assertTrue(System.nanoTime() < deadline, "the script does not run to its end: " + complaints);
        }
    }

    /** The value of an expression of JavaScript. */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode result = call(
                "Runtime.evaluate",
                Json.MAPPER.createObjectNode().put("expression", expression).put("returnByValue", true));
        assertTrue(!result.has("exceptionDetails"), result.toString());
        return result.at("/result/value");
    }

    /** What the page has asked for since it was shown, itself included. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** What the console and the log of the browser have said since the page was shown. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    private JsonNode call(String method, ObjectNode parameters) throws Exception {
        int id = ++calls;
        ObjectNode message = Json.MAPPER.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        socket.sendText(message.toString(), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (true) {
            JsonNode answer = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(answer != null, "the browser does not answer " + method);
            if (answer.path("id").asInt() == id) {
                assertTrue(!answer.has("error"), answer.toString());
                return answer.path("result");
            }
            note(answer);
        }
    }

    private void note(JsonNode event) {
        switch (event.path("method").asText()) {
            case "Network.requestWillBeSent" ->
                requests.add(event.at("/params/request/url").asText());
            case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded" ->
                complaints.add(event.toString());
            default -> {
                // Nothing that the page did.
            }
        }
    }

    @Override
    public void close() {
        socket.abort();
        http.close();
        // Its files must not change any more when their folder is removed.
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each -> each.onExit().join());
    }

    /** Puts the parts of each message together. */
    private final class Messages implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket source, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                try {
                    messages.add(Json.MAPPER.readTree(text.toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                text.setLength(0);
            }
            source.request(1);
            return null;
        }
    }
}
