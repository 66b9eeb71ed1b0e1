package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The picture of docs/internals/architecture.md shows what the tables below it say. A module is a name with a colon,
 * and its packages are the names with a dot behind it. Each module stands above those that it uses, since all arrows
 * point down; and the store shows the packages that other modules use.
 */
class ArchitecturePictureTest {

    private static final Pattern NAME = Pattern.compile("(?<![\\w.])(?:(\\w+):(?= )|\\.(\\w+))");

    /** The lines on which modules stand, and the packages that each shows. */
    private record Picture(Map<String, Integer> lines, Map<String, Set<String>> packages) {

        static Picture of(List<String> text) {
            Picture picture = new Picture(new TreeMap<>(), new TreeMap<>());
            for (int line = 0; line < text.size(); line++) {
                String module = "";
                Matcher names = NAME.matcher(text.get(line));
                while (names.find()) {
                    if (names.group(1) != null) {
                        module = names.group(1);
                        picture.lines.put(module, line);
                    } else {
                        picture.packages
                                .computeIfAbsent(module, _ -> new TreeSet<>())
                                .add(names.group(2));
                    }
                }
            }
            return picture;
        }

        List<String> violations() throws IOException {
            List<String> violations = new ArrayList<>();
            Map<String, Set<String>> modules = ArchitecturePage.modules();
            if (!lines.keySet().equals(modules.keySet())) {
                violations.add("modules " + lines.keySet() + ", not " + modules.keySet());
            }
            Set<String> shown = new TreeSet<>();
            modules.forEach((module, uses) -> {
                for (String used : uses) {
                    String target = used.replaceFirst("\\..*", "");
                    if (lines.getOrDefault(module, 0) >= lines.getOrDefault(target, Integer.MAX_VALUE)) {
                        violations.add(module + " does not stand above " + target);
                    }
                    if (used.startsWith("store.")) {
                        shown.add(used.substring("store.".length()));
                    }
                }
            });
            if (!packages.getOrDefault("store", Set.of()).equals(shown)) {
                violations.add("store shows " + packages.get("store") + ", not " + shown);
            }
            for (Map.Entry<String, Set<String>> module : packages.entrySet()) {
                if (!modules.containsKey(module.getKey())) {
                    continue; // found above
                }
                Set<String> unknown = new TreeSet<>(module.getValue());
                unknown.removeAll(ArchitecturePage.packages("dev.penstock." + module.getKey())
                        .keySet());
                if (!unknown.isEmpty()) {
                    violations.add(module.getKey() + " has no " + unknown);
                }
            }
            return violations;
        }
    }

    @Test
    void thePictureShowsWhatTheTablesSay() throws IOException {
        assertEquals(List.of(), Picture.of(ArchitecturePage.picture()).violations());
    }

    @Test
    void aPictureThatShowsSomethingElseIsFound() throws IOException {
        List<String> text = ArchitecturePage.picture();
        assertEquals(
                Set.of(
                        "typed does not stand above store",
                        "cluster does not stand above server",
                        "cluster does not stand above store",
                        "server does not stand above store",
                        "tools does not stand above cluster",
                        "tools does not stand above server",
                        "tools does not stand above store"),
                Set.copyOf(Picture.of(text.reversed()).violations()));
        for (String name : List.of("typed:", "cluster:", "server:", "tools:", "store:")) {
            found(text, name, "other:");
        }
        for (String name : List.of(".session", ".transfer", ".check", ".repair")) {
            found(text, name, ".other");
            if (!name.equals(".session")) {
                found(text, name, "");
            }
        }
    }

    private static void found(List<String> text, String name, String planted) throws IOException {
        List<String> changed =
                text.stream().map(line -> line.replace(name, planted)).toList();
        assertFalse(changed.equals(text), "the picture has no " + name);
        assertFalse(Picture.of(changed).violations().isEmpty(), name + " as " + planted);
    }
}
