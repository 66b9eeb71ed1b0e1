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

/** Each guarantee in docs/guide/durability.md names the tests that show it, and they exist. */
class DurabilityDocumentTest {

    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("store", "server", "server/cluster", "tools");
    /** A class, a method of one, or a method of the class that was named last. */
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))?(?:\\.(\\w+))?`");

    /** A guarantee: an item of the list, whose last lines, behind a line break, name the tests. */
    private static final Pattern GUARANTEE = Pattern.compile(
            "^- (?<text>[^\\n]*(?:\\n  [^\\n]+)*?)\\\\\\n(?<tests>  [^\\n]*(?:\\n  [^\\n]+)*)$", Pattern.MULTILINE);

    private static final Pattern ITEM = Pattern.compile("^- ", Pattern.MULTILINE);

    @Test
    void everyTestThatAGuaranteeNamesExists() throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        String page = Files.readString(ROOT.resolve("docs/guide/durability.md"));
        String guarantees = page.substring(page.indexOf("## Guarantees"), page.indexOf("## How it is tested"));
        int count = 0;
        for (Matcher guarantee = GUARANTEE.matcher(guarantees); guarantee.find(); count++) {
            check(guarantee.group("tests"), sources, missing);
        }
        assertTrue(count > 60, count + " guarantees");
        assertEquals(ITEM.matcher(guarantees).results().count(), count, "items without a line that names tests");
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
