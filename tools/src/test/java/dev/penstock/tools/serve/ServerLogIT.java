package dev.penstock.tools.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** The log tells a server's life, and as JSON each line of it is one object, whatever happens. */
class ServerLogIT {

    @TempDir
    Path folder;

    private Path store() {
        return folder.resolve("store");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Waits until a server has logged that it started. */
    private static void awaitStart(Child server) throws IOException {
        server.awaitErrors("\"started Penstock ");
    }

    private static List<JsonNode> events(Child server) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String line : server.errors().lines().toList()) {
            JsonNode event = Json.MAPPER.readTree(line);
            assertTrue(event.isObject(), line);
            for (String field : List.of("time", "level", "logger", "message")) {
                assertTrue(event.hasNonNull(field), line);
            }
            Instant time = Instant.parse(event.get("time").asText());
            assertTrue(Duration.between(time, Instant.now()).toMinutes() < 10, line);
            events.add(event);
        }
        return events;
    }

    private static List<String> messages(List<JsonNode> events) {
        return events.stream()
                .map(event ->
                        event.get("level").asText() + " " + event.get("message").asText())
                .toList();
    }

    private static boolean has(List<JsonNode> events, String beginning) {
        return messages(events).stream().anyMatch(message -> message.startsWith(beginning));
    }

    @Test
    void aLifeWithAKillAndARecovery() throws Exception {
        int port = freePort();
        Object[] serve = {"serve", store(), "--port", port, "--log-format", "json", "--maxclients", 1};
        try (Child server = Child.start(serve)) {
            awaitStart(server);
            try (Jedis client = new Jedis("127.0.0.1", port)) {
                client.set("a", "1");
                try (Socket second = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    assertTrue(new String(second.getInputStream().readAllBytes(), ISO_8859_1).startsWith("-ERR max"));
                }
            }
            server.kill();
            List<JsonNode> events = events(server);
            assertTrue(
                    messages(events)
                            .getFirst()
                            .matches("info started Penstock \\S+ with Java \\S+, process \\d+: "
                                    + "serving .* on 127\\.0\\.0\\.1:\\d+.*: 0 keys, opened in \\d+ ms"),
                    messages(events).toString());
            assertTrue(
                    has(events, "warning refused 127.0.0.1:"), messages(events).toString());
        }
        try (Child server = Child.start(serve)) {
            awaitStart(server);
            try (Socket browser = new Socket(InetAddress.getLoopbackAddress(), port)) {
                browser.getOutputStream().write("POST / HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1));
                assertEquals(-1, browser.getInputStream().read());
            }
            assertEquals(Child.SIGTERMED, server.terminate());
            JsonNode ready = Json.MAPPER.readTree(server.rest()); // a container mixes standard output with the log
            assertTrue(ready.get("message").asText().startsWith("serving " + store() + " on 127.0.0.1:"));
            List<JsonNode> events = events(server);
            List<String> messages = messages(events);
            assertTrue(has(events, "info " + store() + ": recovered a store that was not closed"), messages.toString());
            assertTrue(has(events, "warning closing a connection of 127.0.0.1:"), messages.toString());
            assertEquals(
                    List.of(
                            "info stopping: the process was told to end",
                            "info stopped serving; closing the store",
                            "info stopped"),
                    messages.subList(messages.size() - 3, messages.size()));
        }
    }

    @Test
    void aServerThatCannotStartSaysSoInOneObject() throws Exception {
        try (Child owner = Child.start("serve", store(), "--port", 0, "--log-format", "json")) {
            awaitStart(owner);
            try (Child second = Child.start("serve", store(), "--port", 0, "--log-format", "json")) {
                assertEquals(ExitCode.STORE, second.await());
                assertTrue(has(events(second), "error "), second.errors());
                assertTrue(second.errors().contains("in use by process " + owner.pid()), second.errors());
            }
        }
        try (Child refused = Child.start("serve", store(), "--port", 0, "--bind", "0.0.0.0", "--log-format", "json")) {
            assertEquals(ExitCode.USAGE, refused.await());
            assertTrue(has(events(refused), "error refusing to listen on 0.0.0.0"), refused.errors());
        }
        Files.writeString(store().resolve("STORE"), "damaged", ISO_8859_1);
        try (Child damaged = Child.start("serve", store(), "--port", 0, "--log-format", "json", "--stacktrace")) {
            assertEquals(ExitCode.STORE, damaged.await());
            assertEquals(1, events(damaged).size(), damaged.errors());
        }
    }

    @Test
    void aHigherLevelLeavesStartAndStopOutAndALowerOneAddsDetail() throws Exception {
        try (Child server = Child.start("serve", store(), "--port", 0, "--log-level", "warning")) {
            assertTrue(server.readLine().startsWith("serving "));
            assertEquals(Child.SIGTERMED, server.terminate());
            assertEquals("", server.errors());
        }
        try (Child server =
                Child.start("serve", store(), "--port", 0, "--log-level", "debug", "--log-format", "json")) {
            awaitStart(server);
            assertEquals(Child.SIGTERMED, server.terminate());
            assertTrue(has(events(server), "debug listening on "), server.errors());
        }
        assertFalse(Cli.run("serve", store(), "--log-level", "loud")
                .exits(ExitCode.USAGE)
                .err()
                .isEmpty());
    }
}
