package dev.penstock.bench.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.bench.process.ExternalProgram;
import dev.penstock.bench.process.ServerProcess;
import dev.penstock.bench.report.CostChart;
import dev.penstock.bench.server.TransferSample.Direction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The naive rows really store and send what they are given, and the tables and the chart show what was measured. */
class ZeroCopyTest {

    @ParameterizedTest
    @EnumSource(names = {"NAIVE_STREAM", "NAIVE_HEAP", "NAIVE_TRANSFER"})
    void aNaiveServerSendsAndStoresValues(TransferWay way, @TempDir Path parent) throws Exception {
        assumeTrue(ExternalProgram.isInstalled("taskset"), "taskset is not installed");
        Path folder = Files.createDirectory(parent.resolve("files"));
        TransferLoad load = new TransferLoad(way, 20_000_000);
        try (ServerProcess server = way.start(folder)) {
            load.fill(server, folder); // compares what comes back
            Files.write(folder.resolve(load.fileNamesBegin() + "0"), new byte[0]);
            assertTrue(load.set(server, 2, .05) > 0);
            assertEquals(load.dataLength(), load.getOnce(server), "what was stored is whole");
            assertTrue(ServerCounters.contextSwitches(server.pid()) > 0);
        }
    }

    @Test
    void droppedFilesAreGoneFromThePageCache(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("file"), new byte[1_000_000]);
        assertEquals(1_000_000, PageCache.residentBytes(folder));
        PageCache.drop(folder, "other");
        assertEquals(1_000_000, PageCache.residentBytes(folder));
        PageCache.drop(folder, "fi");
        assumeTrue(PageCache.residentBytes(folder) == 0, "this file system does not drop pages");
        Files.readAllBytes(folder.resolve("file"));
        assertEquals(1_000_000, PageCache.residentBytes(folder));
    }

    @Test
    void theTablesShowMediansAndWhereAWayBeginsToPay() {
        List<TransferSample> samples = List.of(
                sample(TransferWay.COPY, 1024, 100),
                sample(TransferWay.COPY, 4096, 100),
                sample(TransferWay.COPY, 16384, 100),
                sample(TransferWay.SENDFILE, 1024, 90),
                sample(TransferWay.SENDFILE, 4096, 110),
                sample(TransferWay.SENDFILE, 4096, 120),
                sample(TransferWay.SENDFILE, 4096, 500),
                sample(TransferWay.SENDFILE, 16384, 77));
        TransferSample.Look look = new TransferSample.Look(
                TransferWay.COPY, Direction.OUT, 1024, Map.of("write", 1.5, "pread64", 2.0), .25, 3);
        String text = new ZeroCopyTables(samples, List.of(look)).text();
        assertTrue(text.matches("(?s).*penstock sendfile +\\| +90 \\| +120 \\| +77 \\|.*"), text);
        assertTrue(text.matches("(?s).*penstock sendfile +\\| penstock copy +\\| +16 KiB.*"), text);
        assertTrue(
                text.matches("(?s).*System calls per MiB[^|]*(\\|[^|]*){3}\\|\\n"
                        + "[^\\n]*\\n\\| penstock copy +\\| +3.5 \\|.*"),
                text);
        assertFalse(text.contains("NaN"), text);
    }

    @Test
    void theChartLeavesOutWhatWasNotMeasuredAndKeepsNamesApart() {
        CostChart chart = new CostChart("title", List.of(1024, 4096), ZeroCopyTables::size);
        for (int i = 0; i < 11; i++) {
            double cost = 100 + i;
            chart.line("line " + i, "#000000", length -> length == 1024 ? Double.NaN : cost);
        }
        String svg = chart.svg();
        assertFalse(svg.contains("NaN"), svg);
        List<Double> heights = svg.lines()
                .filter(line -> line.contains(">line "))
                .map(line -> Double.parseDouble(line.replaceFirst(".* y='([0-9.]+)'.*", "$1")))
                .sorted()
                .toList();
        assertEquals(11, heights.size());
        for (int i = 1; i < heights.size(); i++) {
            assertTrue(heights.get(i) - heights.get(i - 1) >= 16, "names " + heights);
        }
    }

    private static TransferSample sample(TransferWay way, int length, double processorMillis) {
        return new TransferSample(way, Direction.OUT, length, 8, processorMillis, 1, 1);
    }
}
