package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A simple name means one class, so that a stack trace or a search needs no package. A nested class that other files
 * may name does not have the name of a class with a file of its own.
 */
class ClassNamesTest {

    /** A class in another one that is not private. */
    private static final Pattern NESTED = Pattern.compile(
            "^ +(?:(?:public|protected|static|final|abstract|sealed|non-sealed) )*"
                    + "(?:class|interface|enum|record) ([A-Z]\\w*)",
            Pattern.MULTILINE);

    @Test
    void noTwoClassesShareTheirName() {
        Map<String, List<Path>> shared = sources().stream()
                .collect(Collectors.groupingBy(
                        file -> file.getFileName().toString(), TreeMap::new, Collectors.toList()));
        shared.values().removeIf(same -> same.size() == 1);
        assertEquals(Map.of(), shared);
    }

    @Test
    void noNestedClassHasTheNameOfAnother() throws IOException {
        List<Path> files = sources();
        Set<String> names = files.stream()
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
        List<String> shared = new ArrayList<>();
        int nestedCount = 0;
        for (Path file : files) {
            for (MatchResult nested :
                    NESTED.matcher(Files.readString(file)).results().toList()) {
                nestedCount++;
                if (names.contains(nested.group(1))) {
                    shared.add(file.getFileName() + ": " + nested.group(1));
                }
            }
        }
        assertEquals(List.of(), shared);
        assertTrue(nestedCount > 100, nestedCount + " nested classes found");
    }

    private static List<Path> sources() {
        return Stream.of("store", "store/typed", "server", "server/cluster", "tools", "bench")
                .flatMap(ClassNamesTest::sources)
                .toList();
    }

    private static Stream<Path> sources(String module) {
        try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
            List<Path> sources = files.filter(ClassNamesTest::isClass).toList();
            assertFalse(sources.isEmpty(), "no sources found in " + module);
            return sources.stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isClass(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".java") && !name.contains("-");
    }
}
