package dev.penstock.tools.threat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An import of a file that was killed: the next import says what happened, and how to go on. */
class KilledImportTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ENTRY_COUNT = 20_000;

    @TempDir
    Path folder;

    private Path store;
    private Path mark;
    private byte[] entries;

    @BeforeEach
    void prepare() {
        store = folder.resolve("store");
        mark = folder.resolve("store.importing");
        StringBuilder csv = new StringBuilder("key,value\n");
        for (int i = 0; i < ENTRY_COUNT; i++) {
            csv.append("key").append(i).append(",value").append(i).append('\n');
        }
        entries = csv.toString().getBytes(UTF_8);
    }

    /** Kills an import of standard input that has stored a part, and waits for the rest. */
    private void killImport() throws Exception {
        try (Child child = Child.start("import", store, "-", "--format", "csv");
                OutputStream input = child.input()) {
            input.write(entries, 0, entries.length / 2);
            input.flush();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!Files.exists(mark)) {
                assertTrue(child.isAlive(), child.errors());
                assertTrue(System.nanoTime() < deadline, "no mark");
                Thread.onSpinWait();
            }
            assertEquals(Child.SIGKILLED, child.kill());
        } catch (IOException e) {
            // The pipe of the child that was killed holds bytes.
            assertTrue(Files.exists(mark), e.toString());
        }
    }

    private Cli.Result importAll() {
        return Cli.runWithInput(entries, "import", store, "-", "--format", "csv");
    }

    private void assertComplete() {
        assertEquals(
                ENTRY_COUNT,
                Cli.run("scan", store).exits(ExitCode.OK).lines().stream()
                        .filter(line -> line.startsWith("key"))
                        .count());
        assertFalse(Files.exists(mark));
    }

    @Test
    void theSameImportSaysThatItBeginsAgainAndCompletesTheStore() throws Exception {
        killImport();
        Cli.Result again = importAll().exits(ExitCode.OK);
        assertEquals(
                "penstock: an earlier import of standard input was killed; it begins again, and replaces what it had"
                        + " stored",
                again.complaint());
        assertComplete();
        assertEquals("", importAll().exits(ExitCode.OK).err());
    }

    @Test
    void anotherImportSaysWhatIsIncompleteUntilThatIsImportedAgain() throws Exception {
        killImport();
        Path other = Files.writeString(folder.resolve("other.csv"), "key,value\nother,1\n");
        for (int i = 0; i < 2; i++) {
            String complaint =
                    Cli.run("import", store, other).exits(ExitCode.OK).complaint();
            assertTrue(
                    complaint.endsWith("has only a part of standard input, whose import was killed; import that again"
                            + " to complete it"),
                    complaint);
        }
        assertEquals(1, importAll().exits(ExitCode.OK).err().lines().count());
        assertFalse(Files.exists(mark));
        assertEquals("1", Cli.run("get", store, "other").exits(ExitCode.OK).out());
    }

    @Test
    void anImportThatFailsWithAMessageLeavesNoMark() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.csv"), "key,value\na,1\nb\n");
        Cli.run("import", store, bad).exits(ExitCode.NEGATIVE);
        assertFalse(Files.exists(store));
        assertFalse(Files.exists(mark));
        Cli.run("put", store, "mine", "1").exits(ExitCode.OK);
        Cli.run("import", store, bad).exits(ExitCode.NEGATIVE);
        assertFalse(Files.exists(mark));
        assertEquals("1", Cli.run("get", store, "mine").exits(ExitCode.OK).out());
    }

    /** The file STORE goes first, so that what is left is no store. */
    @Test
    void aKillDuringTheRemovalOfAFailedImportLeavesNothingInTheWay() throws IOException {
        importAll().exits(ExitCode.OK);
        Files.delete(store.resolve("STORE"));
        Files.writeString(mark, "{\"sources\":[\"standard input\"],\"discarding\":true}");
        assertEquals("", importAll().exits(ExitCode.OK).err());
        assertComplete();
    }

    @Test
    void withoutTheMarkOrWithAStoreNothingIsRemoved() throws IOException {
        importAll().exits(ExitCode.OK);
        Files.writeString(mark, "{\"sources\":[\"standard input\"],\"discarding\":true}");
        importAll().exits(ExitCode.OK);
        assertComplete();
        Files.delete(store.resolve("STORE"));
        long files = count();
        importAll().exits(ExitCode.STORE);
        assertEquals(files, count());
    }

    private long count() throws IOException {
        try (var files = Files.list(store)) {
            return files.filter(file -> file.toString().endsWith(".log")).count();
        }
    }

    @Test
    void aMarkThatIsSomethingElseIsNamed() throws IOException {
        Files.writeString(mark, "mine");
        String complaint = importAll().exits(ExitCode.IO).complaint();
        assertTrue(complaint.contains("store.importing: is not what an import that was killed leaves"), complaint);
        assertEquals("mine", Files.readString(mark));
    }
}
