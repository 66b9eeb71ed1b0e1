package dev.penstock.bench.server;

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

    @Test
    void theRateIsTakenFromTheLineOfItsCommand() throws IOException {
        String csv = """
                WARNING: Could not fetch server CONFIG
                "test","rps","avg_latency_ms"
                "SET","100.50","0.1"
                "GET","2000000.25","0.2"
                """;

        assertEquals(2_000_000.25, SmallRequests.parseRate(csv, "GET"));
        assertThrows(IOException.class, () -> SmallRequests.parseRate(csv, "MGET"));
    }

    @Test
    void aRatioUnderOneMeansThatPenstockIsTheCheaperOne() {
        ServerComparison comparison = new ServerComparison(List.of(
                sample(ServerKind.REDIS, 1, 5),
                sample(ServerKind.PENSTOCK, 1, 2),
                sample(ServerKind.PENSTOCK, 2, 3),
                sample(ServerKind.REDIS, 2, 5)));

        assertEquals(
                List.of(ServerKind.PENSTOCK, ServerKind.REDIS),
                comparison.rows().stream().map(ServerComparison.Row::server).toList());
        assertEquals(0.5, comparison.rows().getLast().penstockToThis());
        assertTrue(comparison.table().toString().contains(" 0.50 |"), comparison.table()::toString);
    }

    private static ServerSample sample(ServerKind server, int round, double cost) {
        return new ServerSample("GET", server, round, cost, "CPU us/request", 100, "k/s");
    }
}
