package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.process.ServerProcess;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import dev.penstock.bench.report.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/server-latency}: how long small GETs take while large values stream to other clients.
 * All clients are {@link OpenLoop}s, so that a server that stalls is not asked less; those of large values leave the
 * processor to the others.
 */
@CommandLine.Command(
        name = "bench/server-latency",
        sortOptions = false,
        description = "Measures small GETs beside large ones, on Penstock's server and on redis-server.")
final class ServerLatency implements Callable<Integer> {

    private static final int LARGE_VALUES = 8;
    private static final int LARGE_LENGTH = 10 << 20;
    private static final int SMALL_KEYS = 10_000;
    private static final int SMALL_LENGTH = 100;
    private static final double NANOS_PER_MICRO = 1000;

    /** One line of the result; times in microseconds. */
    record Row(
            ServerKind server,
            int round,
            int largePerSecond,
            long smallCount,
            double p50,
            double p99,
            double p999,
            double highest,
            double largeP50) {}

    @Option(names = "--rounds", defaultValue = "3", description = "Rounds (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "10", description = "Length of a measurement (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--small", defaultValue = "4000", description = "Small GETs a second (${DEFAULT-VALUE}).")
    private int smallPerSecond;

    @Option(names = "--connections", defaultValue = "4", description = "Connections for them (${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--large",
            split = ",",
            defaultValue = "0,10,50",
            description = "Values of 10 MiB a second (${DEFAULT-VALUE}).")
    private List<Integer> largePerSecond;

    @Mixin
    private ResultOptions results;

    private final PrintStream out;
    private final List<Row> rows = new ArrayList<>();

    private ServerLatency(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new ServerLatency(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Report report = Report.begin("server-latency", DataDirectory.parent());
        out.println(report.heading());
        Path folder = DataDirectory.create();
        List<ServerKind> kinds = List.of(ServerKind.PENSTOCK, ServerKind.REDIS);
        List<ServerProcess> servers = new ArrayList<>();
        try {
            for (ServerKind kind : kinds) {
                servers.add(kind.start(Files.createDirectory(folder.resolve(kind.label())), Cores.SERVER));
                fill(servers.getLast());
            }
            for (int round = 1; round <= rounds; round++) {
                for (int large : largePerSecond) {
                    for (int i = 0; i < kinds.size(); i++) {
                        rows.add(measure(kinds.get(i), servers.get(i), round, large));
                    }
                }
            }
        } finally {
            servers.forEach(ServerProcess::close);
            DataDirectory.delete(folder);
        }
        out.println(table());
        out.println("written: " + report.write(results.folder(), rows, List.of()));
        return 0;
    }

    private static void fill(ServerProcess server) throws IOException {
        byte[] value = new byte[LARGE_LENGTH];
        try (BlockingClient connection = new BlockingClient(server.address())) {
            for (int number = 0; number < LARGE_VALUES; number++) {
                new SplittableRandom(number).nextBytes(value);
                connection.line(BlockingClient.command(
                        BlockingClient.ascii("SET"), BlockingClient.ascii("large-" + number), value));
            }
            byte[] small = new byte[SMALL_LENGTH];
            for (int number = 0; number < SMALL_KEYS; number++) {
                connection.line(BlockingClient.command(
                        BlockingClient.ascii("SET"), BlockingClient.ascii("small-" + number), small));
            }
        }
    }

    private Row measure(ServerKind kind, ServerProcess server, int round, int large)
            throws IOException, InterruptedException {
        List<OpenLoop> smallClients = clients(server, connections, smallPerSecond, "small-", SMALL_KEYS);
        // Enough connections that a transfer which takes its time does not hold up the next one.
        List<OpenLoop> largeClients =
                large == 0 ? List.of() : clients(server, LARGE_VALUES, large, "large-", LARGE_VALUES);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Histogram>> smallTimes =
                    smallClients.stream().map(threads::submit).toList();
            List<Future<Histogram>> largeTimes = largeClients.stream()
                    .map(client -> threads.submit(() -> {
                        IdlePriority.take();
                        return client.call();
                    }))
                    .toList();
            Histogram times = sum(smallTimes);
            Histogram largeSum = sum(largeTimes);
            return new Row(
                    kind,
                    round,
                    large,
                    times.getTotalCount(),
                    times.getValueAtPercentile(50) / NANOS_PER_MICRO,
                    times.getValueAtPercentile(99) / NANOS_PER_MICRO,
                    times.getValueAtPercentile(99.9) / NANOS_PER_MICRO,
                    times.getMaxValue() / NANOS_PER_MICRO,
                    largeSum.getTotalCount() == 0 ? Double.NaN : largeSum.getValueAtPercentile(50) / NANOS_PER_MICRO);
        }
    }

    /** Clients that together ask so often, one after another in turn. */
    private List<OpenLoop> clients(ServerProcess server, int count, int perSecond, String prefix, int keys) {
        long between = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
        List<OpenLoop> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int first = i;
            clients.add(new OpenLoop(
                    server,
                    (connection, number) -> connection.bulk(
                            BlockingClient.command("GET", prefix + (first + number * count) % keys), null),
                    between * count,
                    start + between * i,
                    TimeUnit.SECONDS.toNanos(seconds) / 4,
                    TimeUnit.SECONDS.toNanos(seconds)));
        }
        return clients;
    }

    private static Histogram sum(List<Future<Histogram>> parts) throws IOException, InterruptedException {
        Histogram sum = new Histogram(OpenLoop.DIGITS);
        try {
            for (Future<Histogram> part : parts) {
                sum.add(part.get());
            }
            return sum;
        } catch (ExecutionException e) {
            throw new IOException("a client failed", e.getCause());
        }
    }

    private Table table() {
        Table table = new Table(
                1,
                "server",
                "10 MiB per second",
                "round",
                "GETs",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "highest us",
                "10 MiB p50 us");
        for (Row row : rows) {
            table.row(
                    row.server().label(),
                    Integer.toString(row.largePerSecond()),
                    Integer.toString(row.round()),
                    Long.toString(row.smallCount()),
                    figure(row.p50()),
                    figure(row.p99()),
                    figure(row.p999()),
                    figure(row.highest()),
                    figure(row.largeP50()));
        }
        return table;
    }

    private static String figure(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.0f", value) : "-";
    }
}
