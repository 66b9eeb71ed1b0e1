package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The public API has all that it had in the last release, which packaging/api lists. {@code -Dpenstock.writeApi=true}
 * writes the lists anew.
 */
class PublicApiTest {

    private static final Path FILES = Path.of("../packaging/api");
    private static final Pattern EXPORT = Pattern.compile("(?m)^ *exports ([\\w.]+);");
    private static final Pattern TYPE = Pattern.compile("(?:public|protected) (?:[a-z-]+ )*([\\w.$]+).*\\{");

    @ParameterizedTest
    @ValueSource(strings = {"store", "store/typed", "server"})
    void nothingThatWasReleasedIsLost(String module) throws IOException {
        Assumptions.assumeTrue(
                Files.isDirectory(Path.of("..", module, "target/classes")), module + " is not built: skipped");
        Set<String> api = api(module);
        assertTrue(api.size() > 50, () -> "only " + api);
        Path file = FILES.resolve("penstock-" + Path.of(module).getFileName() + ".txt");
        if (Boolean.getBoolean("penstock.writeApi")) {
            Files.write(file, api);
        }
        List<String> lost = new ArrayList<>(Files.readAllLines(file));
        assertTrue(lost.size() > 50, () -> file + " has " + lost.size() + " lines");
        lost.removeAll(api);
        assertEquals(
                List.of(),
                lost,
                "The public API lost these. If that is meant, say in CHANGELOG.md what replaces them, run this test with"
                        + " -Dpenstock.writeApi=true, and commit " + file + ".");
    }

    /** Each public type of the exported packages, and each of its members with the type before it. */
    private static Set<String> api(String module) throws IOException {
        String descriptor = Files.readString(Path.of("..", module, "src/main/module/module-info.java"));
        Set<String> api = new TreeSet<>();
        for (MatchResult export : EXPORT.matcher(descriptor).results().toList()) {
            Path folder =
                    Path.of("..", module, "target/classes", export.group(1).replace('.', '/'));
            try (Stream<Path> classes = Files.list(folder)) {
                for (Path file : classes.toList()) {
                    if (file.toString().endsWith(".class")) {
                        addMembers(file, api);
                    }
                }
            }
        }
        return api;
    }

    private static void addMembers(Path file, Set<String> api) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text, true);
        int failed = ToolProvider.findFirst("javap").orElseThrow().run(out, out, "-protected", file.toString());
        assertEquals(0, failed, text.toString());
        List<String> lines = text.toString()
                .lines()
                .filter(line -> !line.startsWith("Compiled from ") && !line.equals("}"))
                .toList();
        if (TYPE.matcher(lines.getFirst()).matches()) {
            String name = file.getFileName().toString().replace(".class", "");
            api.add(lines.getFirst());
            lines.stream().skip(1).forEach(member -> api.add(name + ": " + member.strip()));
        }
    }
}
