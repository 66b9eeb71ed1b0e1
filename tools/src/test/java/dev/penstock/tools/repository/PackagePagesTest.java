package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each package of the store, the typed API, the server, the cluster, the tools and the benchmarks has a page in its
 * {@code package-info}: it says where to start, which locks are taken and who may call, and links every public class.
 */
class PackagePagesTest {

    private static final String PAGE = "package-info.java";
    private static final Pattern PUBLIC_TYPE = Pattern.compile(
            "(?m)^public (?:(?:abstract|final|sealed|non-sealed) )*(?:class|interface|@interface|record|enum) (\\w+)");

    /** What a page says in its own words: what comes first, locks, and callers. */
    private static final List<Pattern> SUBJECTS = Stream.of(
                    "(?i)\\b(start at|first asks)\\b", "(?i)\\block", "(?i)\\b(calls?|uses?|drives?)\\b")
            .map(Pattern::compile)
            .toList();

    private static final int LEAST_LINES = 10;
    private static final int MOST_CLASSES = 25;
    private static final int MOST_LINES = 450;

    @ParameterizedTest
    @ValueSource(strings = {"store", "store/typed", "server", "server/cluster", "tools", "bench"})
    void everyPackageHasAPage(String module) throws IOException {
        List<Path> without = new ArrayList<>();
        for (Path folder : packages(module)) {
            if (!Files.exists(folder.resolve(PAGE))) {
                without.add(folder);
            }
        }
        assertEquals(List.of(), without);
    }

    @ParameterizedTest
    @ValueSource(strings = {"store", "store/typed", "server", "server/cluster", "tools", "bench"})
    void everyPageLinksEveryPublicClass(String module) throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path folder : packages(module)) {
            String page = page(folder);
            for (String name : publicTypes(folder)) {
                if (!Pattern.compile("\\{@link(?:plain)?\\s+[\\w.]*\\." + name + "\\b")
                        .matcher(page)
                        .find()) {
                    missing.add(folder.getFileName() + ": " + name);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @ParameterizedTest
    @ValueSource(strings = {"store", "store/typed", "server", "server/cluster", "tools", "bench"})
    void everyPageSaysWhereToStartWhichLocksAreTakenAndWhoMayCall(String module) throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path folder : packages(module)) {
            String page = page(folder);
            for (Pattern subject : SUBJECTS) {
                if (!subject.matcher(page).find()) {
                    missing.add(folder.getFileName() + ": " + subject);
                }
            }
            assertTrue(page.lines().count() >= LEAST_LINES, folder + " has a page of a few lines");
        }
        assertEquals(List.of(), missing);
    }

    /** A package of more than 25 classes gives a reason: its page names their number. */
    @ParameterizedTest
    @ValueSource(strings = {"store", "store/typed", "server", "server/cluster", "tools", "bench"})
    void aPackageOfManyClassesGivesAReason(String module) throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path folder : packages(module)) {
            long count = sources(folder).size();
            if (count > MOST_CLASSES && !page(folder).replaceAll("\\s+", " ").contains(count + " classes")) {
                missing.add(folder.getFileName() + " has " + count + " classes");
            }
        }
        assertEquals(List.of(), missing);
    }

    /** A file of more than 450 lines has a reason too, by its name. */
    @ParameterizedTest
    @ValueSource(strings = {"store", "store/typed", "server", "server/cluster", "tools", "bench"})
    void aLongFileHasAReason(String module) throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path folder : packages(module)) {
            String page = page(folder).replaceAll("\\s+", " ");
            for (Path file : sources(folder)) {
                String name = file.getFileName().toString().replace(".java", "");
                boolean isLong = Files.readAllLines(file).size() > MOST_LINES;
                boolean isNamed = page.matches("(?s).*\\b" + name + "\\b.*");
                if (isLong && !(isNamed && page.contains(MOST_LINES + " lines"))) {
                    missing.add(folder.getFileName() + ": " + name);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    private static List<Path> packages(String module) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .sorted()
                    .toList();
        }
    }

    /** The page's text, without line ends and asterisks between words of a link. */
    private static String page(Path folder) throws IOException {
        return Files.readString(folder.resolve(PAGE)).replaceAll("(?m)^ \\* ?", "");
    }

    private static List<Path> sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")
                            && !file.getFileName().toString().equals(PAGE))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> publicTypes(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path file : sources(folder)) {
            PUBLIC_TYPE.matcher(Files.readString(file)).results().forEach(type -> names.add(type.group(1)));
        }
        return names;
    }
}
