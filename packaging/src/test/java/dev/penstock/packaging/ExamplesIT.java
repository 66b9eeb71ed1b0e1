package dev.penstock.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples compile and run with the published libraries, and nothing of the working copy's build. */
class ExamplesIT {

    private static final Path SOURCES = Path.of("..");
    private static final String PARENT_FILE = "<relativePath>../../pom.xml</relativePath>";

    @TempDir
    Path folder;

    /** Maven copies all plugins of the build into a new repository first. */
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    @Test
    void theExamplesRunWithThePublishedLibraries() throws Exception {
        Path sources = folder.resolve("sources");
        for (String name : List.of("docs/examples/src", "docs/guide/embedding.md", "LICENSE", "NOTICE")) {
            copy(SOURCES.resolve(name), sources.resolve(name));
        }
        Path examples = sources.resolve("docs/examples");
        String pom = Files.readString(SOURCES.resolve("docs/examples/pom.xml"));
        Files.writeString(examples.resolve("pom.xml"), pom.replace(PARENT_FILE, "<relativePath/>"));
        Path work = Files.createDirectory(folder.resolve("work"));
        // The compiler of Kotlin would stay in a process of its own.
        new Consumer(examples, work).maven("-Pquick", "-Dkotlin.compiler.daemon=false", "test");

        String report =
                Files.readString(examples.resolve("target/surefire-reports/dev.penstock.examples.ExamplesTest.txt"));
        long tests = Files.readString(
                        SOURCES.resolve("docs/examples/src/test/java/dev/penstock/examples/ExamplesTest.java"))
                .lines()
                .filter(line -> line.strip().equals("@Test"))
                .count();
        assertTrue(report.contains("Tests run: " + tests + ", Failures: 0, Errors: 0, Skipped: 0,"), report);
        assertEquals(Set.of(Staging.VERSION), versions(work.resolve("repository/dev/penstock")));
    }

    /** The versions of Penstock that the build used. */
    private static Set<String> versions(Path libraries) throws IOException {
        Set<String> versions = new TreeSet<>();
        try (Stream<Path> jars = Files.walk(libraries)) {
            jars.filter(file -> file.toString().endsWith(".jar"))
                    .forEach(file -> versions.add(file.getParent().getFileName().toString()));
        }
        return versions;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }
}
