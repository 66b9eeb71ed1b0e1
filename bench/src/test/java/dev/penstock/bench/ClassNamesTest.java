package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A simple name means one class, so that nobody has to look at the package in a stack trace or a search. */
class ClassNamesTest {

    @Test
    void noClassHereSharesItsNameWithAClassOfAnotherModule() throws IOException {
        Set<String> own = classNames("bench");
        assertFalse(own.isEmpty(), "no sources found");
        Set<String> shared = new TreeSet<>();
        for (String module : new String[] {"store", "server", "tools"}) {
            Set<String> others = classNames(module);
            assertFalse(others.isEmpty(), "no sources found in " + module);
            others.stream().filter(own::contains).forEach(shared::add);
        }
        assertEquals(Set.of(), shared);
    }

    private static Set<String> classNames(String module) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java") && !name.contains("-"))
                    .collect(Collectors.toSet());
        }
    }
}
