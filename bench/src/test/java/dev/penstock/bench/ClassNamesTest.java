package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A simple name means one class, so that nobody has to look at the package in a stack trace or a search. */
class ClassNamesTest {

    @Test
    void noTwoClassesShareTheirName() {
        List<Path> files = Stream.of("store", "store/typed", "server", "server/cluster", "tools", "bench")
                .flatMap(ClassNamesTest::sources)
                .toList();
        Map<String, List<Path>> shared = files.stream()
                .collect(Collectors.groupingBy(
                        file -> file.getFileName().toString(), TreeMap::new, Collectors.toList()));
        shared.values().removeIf(same -> same.size() == 1);
        assertEquals(Map.of(), shared);
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
