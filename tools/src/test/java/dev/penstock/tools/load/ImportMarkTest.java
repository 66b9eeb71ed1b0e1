package dev.penstock.tools.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mark outlives the process that set it, and what cannot be marked can be imported all the same. */
class ImportMarkTest {

    /** A directory in which nobody makes files, whatever rights the process has. */
    private static final Path REFUSING = Path.of("/sys");

    @TempDir
    Path folder;

    @Test
    void sourcesComeInTheOrderInWhichTheirImportsBegan() throws IOException {
        List<String> names = List.of("c", "a", "d", "b", "f", "e", "g");
        ImportMark mark = new ImportMark(folder.resolve("store"));
        for (String name : names) {
            assertTrue(mark.begin(name));
        }
        assertEquals(names, List.copyOf(mark.sources()));
        assertEquals(names, List.copyOf(new ImportMark(folder.resolve("store")).sources()));
    }

    @Test
    void whereNoFileCanBeMadeBesideTheStoreThereIsNoMark() throws IOException {
        assumeTrue(Files.isDirectory(REFUSING), "no directory that refuses files");
        ImportMark mark = new ImportMark(REFUSING.resolve("penstock-store"));
        assertFalse(mark.begin("dump.rdb"));
        assertFalse(mark.begin("other.rdb"));
        mark.end("other.rdb");
        mark.discard();
        mark.clear();
        assertFalse(Files.exists(REFUSING.resolve("penstock-store.importing")));
    }
}
