package dev.penstock.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each example runs in a JVM of its own, as a user starts it, and prints what it should. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExamplesTest {

    private static final String PACKAGE = "dev.penstock.examples.";
    private static final Pattern SNIPPET = Pattern.compile("(?s)```java\n(record Order.*?)```");

    @TempDir
    Path directory;

    private void assertPrints(String example, String... lines) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PACKAGE + example,
                        directory.resolve("store").toString())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), output);
            assertEquals(List.of(lines), output.lines().toList());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void embedded() throws Exception {
        assertPrints(
                "Embedded",
                "greeting: 5 bytes, version 1",
                "session created: true",
                "session created again: false",
                "first entry: greeting",
                "4 keys");
    }

    @Test
    void typed() throws Exception {
        assertPrints("Typed", "order 1002 is on the device", "true, 2 orders, of Bob");
    }

    @Test
    void servingLargeFiles() throws Exception {
        assertPrints("ServingLargeFiles", "status 206, 100 bytes, bytes 1000000-1000099/33554432");
    }

    @Test
    void readOnlyFollower() throws Exception {
        assertPrints("ReadOnlyFollower", "the follower reads 42", "the follower does not write");
    }

    @Test
    void kotlin() throws Exception {
        assertPrints("WordCountKt", "be: 2", "not: 1", "or: 1", "to: 2");
    }

    /** The guide shows the example without what a reader adds anyway. */
    @Test
    void theGuideShowsTheTypedExample() throws IOException {
        String guide = Files.readString(Path.of("..", "guide", "embedding.md"));
        String snippet =
                SNIPPET.matcher(guide).results().findFirst().orElseThrow().group(1);
        String source = squeezed(Files.readString(Path.of("src/main/java/dev/penstock/examples/Typed.java"))
                .replace("Path.of(arguments[0])", "Path.of(\"orders\")"));
        List<String> missing = Stream.of(snippet.split(";|\\{\n|\n\n", -1))
                .map(ExamplesTest::squeezed)
                .filter(statement -> !source.contains(statement))
                .toList();
        assertEquals(List.of(), missing);
        assertTrue(snippet.lines().count() > 10, snippet);
    }

    private static String squeezed(String code) {
        return code.replaceAll("//.*", "").replaceAll("\\s+", "");
    }
}
