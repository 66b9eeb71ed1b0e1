package dev.penstock.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive needs nothing but a JDK where it is unpacked. */
class ArchiveIT {

    @TempDir
    Path folder;

    private Path root;

    @BeforeEach
    void unpack() throws Exception {
        String name = "penstock-" + Staging.VERSION;
        Staging.run(
                folder, "tar", "-xzf", Staging.FILES.resolve(name + ".tar.gz").toString());
        root = folder.resolve(name);
    }

    @Test
    void thePrograms() throws Exception {
        Installation archive = new Installation(List.of(root.resolve("penstock").toString()), folder);
        archive.worksOnTheCommandLine("data");
        archive.serves(
                "data", "--config", root.resolve("packaging/penstock.conf").toString());
        archive.runsACluster("cluster");
        try (Stream<Path> files = Files.list(root)) {
            assertTrue(files.noneMatch(file -> file.endsWith("tools")), "the launcher began to build");
        }
    }

    @Test
    void theManualHasAPageForEachCommandAndTheShellsComplete() throws Exception {
        String page = Staging.run(
                folder, "zcat", root.resolve("man/man1/penstock-serve.1.gz").toString());
        assertTrue(page.contains(".SH \"NAME\""), page);
        try (Stream<Path> pages = Files.list(root.resolve("man/man1"))) {
            assertTrue(pages.count() > 10);
        }
        assertEquals(
                "",
                Staging.run(
                        folder,
                        "bash",
                        "-n",
                        root.resolve("completions/penstock.bash").toString()));
        for (String file : List.of("LICENSE", "NOTICE", "completions/penstock.fish", "packaging/penstock.service")) {
            assertTrue(Files.size(root.resolve(file)) > 0, file);
        }
    }
}
