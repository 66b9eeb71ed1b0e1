package dev.penstock.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServerProcessTest {

    @TempDir
    private Path folder;

    @Test
    void processorTimeIsReadPastANameWithSpacesAndParentheses() {
        String stat = "42 (a ) b) S 1 2 3 4 5 6 7 8 9 10 700 33 0 0 20 0 1 0 12345 1000 50";

        assertEquals(733, ServerProcess.parseTicks(stat));
    }

    @Test
    void theTimeOfAChildCountsAsTheServers() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs Linux's /proc");
        List<String> launcherThatDoesNotExec = List.of("sh", "-c", "sh -c 'while :; do :; done'; true");
        try (ServerProcess server =
                new ServerProcess(launcherThatDoesNotExec, ServerProcess.freePort(), folder.resolve("log"))) {
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (server.processorTime().isZero()) {
                assertTrue(System.nanoTime() < deadline, "no processor time was counted");
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aServerThatEndsAtOnceIsReportedWithWhatItPrinted() throws IOException {
        try (ServerProcess server = new ServerProcess(
                List.of("sh", "-c", "echo no such option; exit 1"), ServerProcess.freePort(), folder.resolve("log"))) {
            IOException failure = assertThrows(IOException.class, () -> server.awaitAnswer(connection -> {}));
            assertTrue(failure.getMessage().contains("no such option"), failure::getMessage);
        }
    }

    @Test
    void nothingOfAServerRunsOnAfterClose() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs Linux's /proc");
        ServerProcess server = new ServerProcess(
                List.of("sh", "-c", "sleep 600 & echo $!; wait"), ServerProcess.freePort(), folder.resolve("log"));
        long child = awaitPid(folder.resolve("log"));
        assertTrue(isRunning(child));
        server.close();

        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (isRunning(child)) {
            assertTrue(System.nanoTime() < deadline, "the child lives on");
            Thread.onSpinWait();
        }
    }

    /** A dead process may stay listed as a zombie until its new parent looks. */
    private static boolean isRunning(long pid) throws IOException {
        try {
            return !Files.readString(Path.of("/proc", Long.toString(pid), "stat"))
                    .contains(") Z ");
        } catch (NoSuchFileException ended) {
            return false;
        }
    }

    private static long awaitPid(Path log) throws IOException {
        String text = "";
        while (!text.endsWith("\n")) {
            text = Files.readString(log);
            Thread.onSpinWait();
        }
        return Long.parseLong(text.strip());
    }
}
