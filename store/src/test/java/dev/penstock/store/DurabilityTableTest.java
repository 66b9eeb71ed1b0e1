package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each row of the table in docs/guide/durability.md names the tests that show it, and they are there. */
class DurabilityTableTest {

    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("store", "server", "tools");
    /** A class, a method of one, or a method of the class that was named last. */
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))?(?:\\.(\\w+))?`");

    @Test
    void everyTestThatTheTableNamesIsThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        int rows = 0;
        for (String line : Files.readAllLines(ROOT.resolve("docs/guide/durability.md"))) {
            String[] cells = line.split(" \\| ", -1);
            if (line.startsWith("| ")
                    && cells.length == 2
                    && !line.startsWith("| guarantee")
                    && !line.contains("---")) {
                rows++;
                check(cells[1], sources, missing);
            }
        }
        assertTrue(rows > 60, rows + " rows");
        assertEquals(List.of(), missing);
    }

    private static void check(String tests, Map<String, String> sources, List<String> missing) {
        String type = null;
        int found = 0;
        for (Matcher named = NAMED.matcher(tests); named.find(); ) {
            type = named.group(1) == null ? type : named.group(1);
            String source = type == null ? null : sources.get(type);
            String method = named.group(2);
            if (source == null || method != null && !source.contains("void " + method + "(")) {
                missing.add(named.group());
            }
            found++;
        }
        if (found == 0) {
            missing.add("any test in: " + tests);
        }
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    // Two modules may have a test of the same name.
                    sources.merge(
                            file.getFileName().toString().replace(".java", ""), Files.readString(file), String::concat);
                }
            }
        }
        return sources;
    }
}
