package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.process.MemoryLimit;
import dev.penstock.bench.process.ServerProcess;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/hot-set}: many small values that are in memory, and then large ones, more of them
 * than the server may have memory, each requested once. How much of the small ones is still in memory afterwards, and
 * what a GET of them takes then, by transfer mode.
 */
@Command(
        name = "bench/hot-set",
        sortOptions = false,
        description = "Measures what streaming large values leaves of the small ones in the page cache.")
final class HotSet implements Callable<Integer> {

    private static final double MEBIBYTE = 1L << 20;
    private static final double NANOS_PER_MICRO = 1000;
    private static final int SMALL_LENGTH = 1024;
    private static final int LARGE_LENGTH = 16 << 20;
    private static final int ASKED = 20_000;

    /** What one mode left; times in microseconds. */
    record Row(String mode, double before, double after, double p50Before, double p99Before, double p50, double p99) {}

    @Option(
            names = "--memory-limit",
            defaultValue = "768",
            description = "MiB that the server may have, page cache included (${DEFAULT-VALUE}).")
    private int limitMebibytes;

    @Option(names = "--small", defaultValue = "200000", description = "Values of 1 KiB (${DEFAULT-VALUE}).")
    private int smallCount;

    @Option(names = "--large", defaultValue = "96", description = "Values of 16 MiB (${DEFAULT-VALUE}).")
    private int largeCount;

    @Option(names = "--modes", split = ",", description = "Only these; else sendfile, direct and auto.")
    private List<String> modes = List.of("sendfile", "direct", "auto");

    @Mixin
    private ResultOptions results;

    private final PrintStream out;

    private HotSet(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new HotSet(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Report report = Report.begin("hot-set", DataDirectory.parent());
        out.println(report.heading());
        List<Row> rows = new ArrayList<>();
        for (String mode : modes) {
            Path folder = DataDirectory.create();
            try (MemoryLimit limit = MemoryLimit.ofBytes((long) limitMebibytes << 20)) {
                rows.add(measure(mode, folder, limit));
            } finally {
                DataDirectory.delete(folder);
            }
        }
        out.printf(
                "%,d values of 1 KiB, then %,d of 16 MiB once; %,d MiB of memory%n%n",
                smallCount, largeCount, limitMebibytes);
        out.println("| mode | in memory before, MiB | after, MiB | GET p50, us | p99 | p50 after | p99 after |");
        out.println("| --- | ---:| ---:| ---:| ---:| ---:| ---:|");
        rows.forEach(row -> out.printf(
                "| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |%n",
                row.mode(), row.before(), row.after(), row.p50Before(), row.p99Before(), row.p50(), row.p99()));
        out.printf("%nwritten: %s%n", report.write(results.folder(), rows, List.of()));
        return 0;
    }

    private Row measure(String mode, Path folder, MemoryLimit limit) throws IOException {
        int port = ServerProcess.freePort();
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        List<String> command = new ArrayList<>(limit.enter());
        command.addAll(Cores.SERVER.bind(ServerKind.PENSTOCK.command(folder, port)));
        command.addAll(List.of("--transfer-mode", mode, "--direct-threshold", Integer.toString(LARGE_LENGTH)));
        try (ServerProcess server = new ServerProcess(command, port, log)) {
            server.awaitAnswer(connection -> connection.line(BlockingClient.command("PING")));
            try (BlockingClient connection = new BlockingClient(server.address())) {
                fill(connection);
                ask(connection, smallCount);
                Histogram warm = ask(connection, ASKED);
                double before = smallResident(folder);
                for (int n = 0; n < largeCount; n++) {
                    connection.bulk(BlockingClient.command("GET", "large:" + n), null);
                }
                double after = smallResident(folder);
                Histogram then = ask(connection, ASKED);
                return new Row(
                        mode,
                        before,
                        after,
                        warm.getValueAtPercentile(50) / NANOS_PER_MICRO,
                        warm.getValueAtPercentile(99) / NANOS_PER_MICRO,
                        then.getValueAtPercentile(50) / NANOS_PER_MICRO,
                        then.getValueAtPercentile(99) / NANOS_PER_MICRO);
            }
        } finally {
            Files.deleteIfExists(log);
        }
    }

    /** The large ones first, so that the small ones are what was used last. */
    private void fill(BlockingClient connection) throws IOException {
        byte[] bytes = new byte[LARGE_LENGTH];
        new SplittableRandom(1).nextBytes(bytes);
        ByteBuffer large = ByteBuffer.allocateDirect(LARGE_LENGTH).put(bytes).flip();
        for (int n = 0; n < largeCount; n++) {
            connection.store("large:" + n, large.duplicate());
        }
        ByteBuffer small = ByteBuffer.allocateDirect(SMALL_LENGTH)
                .put(bytes, 0, SMALL_LENGTH)
                .flip();
        for (int n = 0; n < smallCount; n++) {
            connection.store("small:" + n, small.duplicate());
        }
    }

    private Histogram ask(BlockingClient connection, int count) throws IOException {
        Histogram nanos = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < count; i++) {
            // All of them once, or some by chance.
            int n = count == smallCount ? i : random.nextInt(smallCount);
            long start = System.nanoTime();
            connection.bulk(BlockingClient.command("GET", "small:" + n), null);
            nanos.recordValue(System.nanoTime() - start);
        }
        return nanos;
    }

    private static double smallResident(Path folder) throws IOException {
        return PageCache.residentBytes(folder, ".log") / MEBIBYTE;
    }
}
