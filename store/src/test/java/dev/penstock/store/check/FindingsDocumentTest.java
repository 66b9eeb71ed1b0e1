package dev.penstock.store.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** docs/reference/findings.md has a row for each code, with its severity, a meaning and a remedy. */
class FindingsDocumentTest {

    @Test
    void everyCodeIsDocumentedInTheOrderOfTheCode() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", "docs", "reference", "findings.md"));
        List<String[]> rows = lines.subList(lines.indexOf("<!-- findings -->") + 3, lines.size()).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|", -1))
                .toList();
        assertEquals(
                Arrays.stream(FindingCode.values())
                        .map(code -> "`" + code + "` " + code.severity().name().toLowerCase(Locale.ROOT))
                        .toList(),
                rows.stream()
                        .map(cells -> cells[1].strip() + " " + cells[2].strip())
                        .toList());
        for (String[] cells : rows) {
            assertFalse(cells[3].isBlank() || cells[4].isBlank(), cells[1]);
        }
    }
}
