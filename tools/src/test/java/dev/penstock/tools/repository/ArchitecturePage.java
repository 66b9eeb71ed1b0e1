package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What docs/internals/architecture.md shows: its picture, and its tables of packages and modules. */
final class ArchitecturePage {

    private static final Path DOCUMENT = Path.of("..", "docs", "internals", "architecture.md");

    private ArchitecturePage() {}

    /** For each module the packages of other modules that it uses. */
    static Map<String, Set<String>> modules() throws IOException {
        return rows("<!-- modules -->", 2);
    }

    /** For each package below a root, from top to bottom, those that it uses. */
    static Map<String, Set<String>> packages(String root) throws IOException {
        return rows("<!-- packages: " + root + " -->", 3);
    }

    /** The rows of the table below a mark: the first cell, and the words of another. */
    private static Map<String, Set<String>> rows(String mark, int cell) throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        int line = lines.indexOf(mark);
        assertTrue(line >= 0, "docs/internals/architecture.md has no " + mark);
        Map<String, Set<String>> rows = new LinkedHashMap<>();
        for (line += 3; line < lines.size() && lines.get(line).startsWith("|"); line++) {
            String[] cells = lines.get(line).split("\\|", -1);
            rows.put(words(cells[1]).iterator().next(), words(cells[cell]));
        }
        assertFalse(rows.isEmpty(), "the table below " + mark + " has no rows");
        return rows;
    }

    private static Set<String> words(String cell) {
        return Stream.of(cell.replace("`", "").split("[\\s,]+"))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The lines of the picture above the tables. */
    static List<String> picture() throws IOException {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf("```\n") + 4;
        return document.substring(begin, document.indexOf("```", begin)).lines().toList();
    }
}
