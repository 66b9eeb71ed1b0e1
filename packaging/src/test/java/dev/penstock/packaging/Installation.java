package dev.penstock.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An installed Penstock that the tests use as its users do.
 *
 * @param command that starts it
 * @param folder to run it in
 */
record Installation(List<String> command, Path folder) {

    private static final Pattern ADDRESS = Pattern.compile("127\\.0\\.0\\.1:(\\d+)");

    /** Stores a value, reads it, and asks for the version. */
    void worksOnTheCommandLine(String data) throws Exception {
        assertEquals(
                "penstock " + Staging.VERSION,
                run("--version").lines().findFirst().orElseThrow());
        run("put", data, "greeting", "hello");
        assertEquals("hello", run("get", data, "greeting").strip());
    }

    /** Starts a server on the store of the test before, which a client of Redis reads. SIGTERM ends it. */
    void serves(String data, String... options) throws Exception {
        List<String> serve = new ArrayList<>(command);
        serve.addAll(List.of("serve", data, "--port", "0"));
        serve.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(serve)
                .directory(folder.toFile())
                .redirectError(folder.resolve("serve.log").toFile());
        builder.environment().put("JAVA_HOME", Staging.JDK.toString());
        Process server = builder.start();
        try (BufferedReader out = server.inputReader(UTF_8)) {
            String ready = String.valueOf(out.readLine());
            Matcher address = ADDRESS.matcher(ready);
            assertTrue(address.find(), ready);
            assertEquals("PONG", redis(address.group(1), "ping"));
            assertEquals("hello", redis(address.group(1), "get", "greeting"));
        } finally {
            server.destroy();
        }
        assertEquals(128 + 15, server.waitFor(), "after SIGTERM");
    }

    private String run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        return Staging.run(folder, java.util.Map.of(), all);
    }

    private String redis(String port, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("redis-cli", "-p", port));
        all.addAll(List.of(arguments));
        return Staging.run(folder, java.util.Map.of(), all).strip();
    }
}
