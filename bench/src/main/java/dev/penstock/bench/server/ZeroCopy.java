package dev.penstock.bench.server;

import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.process.ServerProcess;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import dev.penstock.bench.server.TransferSample.Direction;
import dev.penstock.bench.server.TransferSample.Look;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/zero-copy}. All servers run side by side, each with values of all lengths, and one is
 * asked at a time, in an order that turns from round to round. Values that come out have been read before and are in
 * memory, except one pass over a cold page cache, which shows what each way leaves in it. A round without figures
 * warms the servers up.
 */
@picocli.CommandLine.Command(
        name = "bench/zero-copy",
        sortOptions = false,
        description = "Measures what it costs to move values between files and sockets, by every way there is.")
final class ZeroCopy implements Callable<Integer> {

    private static final double GIBIBYTE = 1L << 30;
    private static final double MEBIBYTE = 1L << 20;
    private static final double WARM_UP_SHARE = .3;
    private static final int LARGEST = 64 << 20;
    private static final List<Integer> CONNECTIONS = List.of(1, 8);

    @Option(names = "--rounds", defaultValue = "3", description = "Measured rounds (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "1", description = "Length of a measurement (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--ways", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private List<TransferWay> ways = List.of(TransferWay.values());

    @Option(
            names = "--lengths",
            split = ",",
            description = "Only values of so many bytes; else 1 KiB to 64 MiB by fours.")
    private List<Integer> lengths =
            Stream.iterate(1024, n -> n <= LARGEST, n -> n * 4).toList();

    @Option(
            names = "--page",
            description = "The page whose figures are replaced by this run's; its chart lies beside it.")
    private Path page;

    @Mixin
    private ResultOptions results;

    private final PrintStream out;
    private final List<TransferSample> samples = new ArrayList<>();
    private final List<Look> looks = new ArrayList<>();

    private ZeroCopy(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new ZeroCopy(System.out))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Report report = Report.begin("zero-copy", DataDirectory.parent());
        out.println(report.heading());
        List<TransferWay> installed =
                ways.stream().filter(TransferWay::isInstalled).toList();
        measure(installed);
        ZeroCopyTables tables = new ZeroCopyTables(samples, looks);
        out.println(tables.text());
        out.println("written: " + report.write(results.folder(), looks, samples));
        if (page != null) {
            ZeroCopyPage.update(page, report, rounds, tables);
            out.println("written: " + page);
        }
        return 0;
    }

    private void measure(List<TransferWay> installed) throws IOException {
        Path parent = DataDirectory.create();
        Map<TransferWay, ServerProcess> running = new EnumMap<>(TransferWay.class);
        try {
            for (TransferWay way : installed) {
                running.put(way, prepare(way, Files.createDirectory(parent.resolve(way.name()))));
            }
            for (int round = 0; round <= rounds; round++) {
                for (int length : lengths) {
                    for (TransferWay way : Rounds.turned(installed, round)) {
                        round(way, Objects.requireNonNull(running.get(way)), length, round == 0);
                    }
                }
            }
            for (TransferWay way : installed) {
                for (int length : lengths) {
                    watch(way, Objects.requireNonNull(running.get(way)), length, parent.resolve(way.name()));
                }
            }
        } finally {
            running.values().forEach(ServerProcess::close);
            DataDirectory.delete(parent);
        }
    }

    /** Stores the values of all lengths, and reads them once when the page cache has forgotten them. */
    private ServerProcess prepare(TransferWay way, Path folder) throws IOException {
        ServerProcess server = way.start(folder);
        try {
            for (int length : lengths) {
                new TransferLoad(way, length).fill(server, folder);
            }
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        if (!way.hasFiles()) {
            return server;
        }
        server.close();
        for (int length : lengths) {
            looks.add(readCold(way, length, folder));
        }
        return way.start(folder);
    }

    private static Look readCold(TransferWay way, int length, Path folder) throws IOException {
        TransferLoad load = new TransferLoad(way, length);
        PageCache.drop(folder, load.fileNamesBegin());
        try (ServerProcess server = way.start(folder)) {
            // To start takes some files into memory, the end of the log above all.
            long before = PageCache.residentBytes(folder);
            long start = System.nanoTime();
            long bytes = load.getOnce(server);
            double took = (System.nanoTime() - start) / 1e9;
            double resident = (PageCache.residentBytes(folder) - before) / (double) load.dataLength();
            return new Look(way, Direction.OUT, length, Map.of(), Math.clamp(resident, 0, 1), bytes / GIBIBYTE / took);
        }
    }

    private void round(TransferWay way, ServerProcess server, int length, boolean warmingUp) throws IOException {
        TransferLoad load = new TransferLoad(way, length);
        for (Direction direction : directions(way)) {
            for (int connections : CONNECTIONS) {
                move(load, direction, server, connections, seconds * WARM_UP_SHARE);
                long[] bytes = {0};
                if (warmingUp) {
                    continue;
                }
                ServerCounters.Cost cost = ServerCounters.cost(
                        server, () -> bytes[0] = move(load, direction, server, connections, seconds));
                TransferSample sample = new TransferSample(
                        way,
                        direction,
                        length,
                        connections,
                        cost.processorTime().toMillis() / (bytes[0] / GIBIBYTE),
                        cost.contextSwitches() / (bytes[0] / MEBIBYTE),
                        bytes[0] / GIBIBYTE / cost.seconds());
                samples.add(sample);
                out.printf(
                        "%-9s %-3s x%d  %-32s %8.0f CPU ms/GiB %7.2f GiB/s%n",
                        ZeroCopyTables.size(length),
                        direction,
                        connections,
                        way.label(),
                        sample.processorMillis(),
                        sample.gibibytesPerSecond());
            }
        }
    }

    private void watch(TransferWay way, ServerProcess server, int length, Path folder) throws IOException {
        TransferLoad load = new TransferLoad(way, length);
        for (Direction direction : directions(way)) {
            long[] bytes = {0};
            Map<String, Long> calls = ServerCounters.systemCalls(
                    server.pid(), folder, () -> bytes[0] = move(load, direction, server, 1, seconds * WARM_UP_SHARE));
            Map<String, Double> rates = new TreeMap<>();
            calls.forEach((name, count) -> rates.put(name, count / (bytes[0] / MEBIBYTE)));
            looks.add(new Look(way, direction, length, rates, Double.NaN, Double.NaN));
        }
    }

    private static List<Direction> directions(TransferWay way) {
        if (!way.receives()) {
            return List.of(Direction.OUT);
        }
        return List.of(Direction.OUT, Direction.IN);
    }

    private static long move(
            TransferLoad load, Direction direction, ServerProcess server, int connections, double forSeconds)
            throws IOException {
        return direction == Direction.OUT
                ? load.get(server, connections, forSeconds)
                : load.set(server, connections, forSeconds);
    }
}
