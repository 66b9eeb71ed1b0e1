package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.process.ServerProcess;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import dev.penstock.bench.report.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/ping-wait}: how long one client's PING waits while another client has one event loop
 * do the most work that a client can request.
 */
@CommandLine.Command(
        name = "bench/ping-wait",
        sortOptions = false,
        description =
                "Measures how long a PING waits beside each worst case, on Penstock's server with one event loop.")
final class PingWait implements Callable<Integer> {

    private static final int DIGITS = 3;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** One line of the result; times in milliseconds. */
    record Row(String name, long requests, long pings, double p50, double p99, double highest) {}

    @Option(names = "--seconds", defaultValue = "3", description = "Length of a measurement (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "2", description = "Seconds before that (${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    @Option(names = "--clients", defaultValue = "900", description = "Connections that do nothing (${DEFAULT-VALUE}).")
    private int idleClients;

    @Option(names = "--only", description = "Cases whose names contain this text, in any case.")
    private String only = "";

    @Option(names = "--verify-on-read", description = "Have the server verify the values that it reads.")
    private boolean verifies;

    @Mixin
    private ResultOptions results;

    private final PrintStream out;
    private final List<Row> rows = new ArrayList<>();

    private PingWait(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new PingWait(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Report report = Report.begin("ping-wait", DataDirectory.parent());
        out.println(report.heading());
        Path folder = DataDirectory.create();
        List<BlockingClient> idle = new ArrayList<>();
        try (ServerProcess server = start(Files.createDirectory(folder.resolve("store")))) {
            try (BlockingClient connection = new BlockingClient(server.address())) {
                connection.line(BlockingClient.command("CONFIG", "SET", "slowlog-log-slower-than", "0"));
                WorstCase.fill(connection);
            }
            for (int i = 0; i < idleClients; i++) {
                idle.add(new BlockingClient(server.address()));
            }
            for (WorstCase worst : WorstCase.all()) {
                if (worst.name().toLowerCase(Locale.ROOT).contains(only.toLowerCase(Locale.ROOT))) {
                    rows.add(measure(server, worst));
                }
            }
        } finally {
            for (BlockingClient connection : idle) {
                connection.close();
            }
            DataDirectory.delete(folder);
        }
        out.println(table());
        out.println("written: " + report.write(results.folder(), rows, List.of()));
        return 0;
    }

    private ServerProcess start(Path folder) throws IOException {
        List<String> options = new ArrayList<>(List.of("--event-loops", "1"));
        if (verifies) {
            options.add("--verify-on-read");
        }
        return ServerKind.PENSTOCK.start(folder, Cores.ALL, options);
    }

    private Row measure(ServerProcess server, WorstCase worst) throws IOException, InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<Long> asking = threads.submit(() -> ask(server, worst, done));
            Histogram waits;
            try {
                ping(server, warmUpSeconds);
                waits = ping(server, seconds);
            } finally {
                done.set(true);
            }
            return new Row(
                    worst.name(),
                    asking.get(),
                    waits.getTotalCount(),
                    waits.getValueAtPercentile(50) / NANOS_PER_MILLI,
                    waits.getValueAtPercentile(99) / NANOS_PER_MILLI,
                    waits.getMaxValue() / NANOS_PER_MILLI);
        } catch (ExecutionException e) {
            throw new IOException("the client of '" + worst.name() + "' failed", e.getCause());
        } catch (IOException e) {
            throw new IOException("the PING beside '" + worst.name() + "' failed", e);
        }
    }

    /** Sends the requests again and again; how often. */
    private static long ask(ServerProcess server, WorstCase worst, AtomicBoolean done) throws IOException {
        long count = 0;
        try (BlockingClient connection = new BlockingClient(server.address())) {
            while (!worst.isNothing() && !done.get()) {
                connection.exchange(worst.requests(), WorstCase.END);
                count++;
            }
        }
        return count;
    }

    /** A PING each millisecond, or when the last one is answered. */
    private static Histogram ping(ServerProcess server, int seconds) throws IOException {
        Histogram waits = new Histogram(DIGITS);
        ByteBuffer request = BlockingClient.command("PING");
        try (BlockingClient connection = new BlockingClient(server.address())) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            for (long now = System.nanoTime(); now - end < 0; ) {
                connection.line(request);
                long then = System.nanoTime();
                waits.recordValue(then - now);
                LockSupport.parkNanos(BETWEEN_NANOS);
                now = System.nanoTime();
            }
        }
        return waits;
    }

    private Table table() {
        Table table = new Table(1, "beside", "times", "PINGs", "p50 ms", "p99 ms", "highest ms");
        for (Row row : rows) {
            table.row(
                    row.name(),
                    Long.toString(row.requests()),
                    Long.toString(row.pings()),
                    figure(row.p50()),
                    figure(row.p99()),
                    figure(row.highest()));
        }
        return table;
    }

    private static String figure(double millis) {
        return String.format(Locale.ROOT, "%.1f", millis);
    }
}
