package dev.penstock.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each command has a manual, and man can show it. */
class ManPagesTest {

    /** The pages stay there: this test is the part of the build that makes them, on the JDK that it compiles for. */
    private final Path folder = Path.of("target", "man");

    @TempDir
    Path rendered;

    private List<Path> pages() throws Exception {
        ManPages.write(folder.toFile());
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".adoc"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyCommandHasAPageWithItsOptionsAndExitCodes() throws Exception {
        List<Path> pages = pages();
        assertEquals("penstock-backup.adoc", pages.getFirst().getFileName().toString());
        for (String command : new String[] {"serve", "get", "bench", "top", "version", "completion"}) {
            String page = Files.readString(folder.resolve("penstock-" + command + ".adoc"));
            assertTrue(page.contains("penstock-" + command + "(1)"), page);
            assertTrue(page.contains("*--stacktrace*"), page);
            assertTrue(page.contains("==  Exit codes:"), page);
        }
        assertTrue(Files.readString(folder.resolve("penstock.adoc")).contains("*serve*"));
    }

    @Test
    void asciidoctorMakesPagesForMan() throws Exception {
        Installed.assume("asciidoctor");
        List<String> command = new ArrayList<>(List.of("asciidoctor", "-b", "manpage", "-D", rendered.toString()));
        pages().forEach(page -> command.add(page.toString()));
        String complaints = Installed.run(command.toArray(String[]::new));
        assertEquals("", complaints);
        String page = Files.readString(rendered.resolve("penstock-bench.1"));
        assertTrue(page.contains(".TH \"PENSTOCK\\-BENCH\" \"1\""), page.substring(0, Math.min(1000, page.length())));
        assertTrue(page.contains("\\-\\-value\\-size"), "the options are there");
    }
}
