package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ExternalProgram;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * GET and SET of 100-byte values by redis-benchmark, at several pipeline depths. redis-benchmark alone on its core is
 * slower than a good server, so it bounds the rate; the server's processor time per request is what tells.
 */
final class SmallRequests {

    private static final int CONNECTIONS = 50;
    private static final int VALUE_LENGTH = 100;
    private static final int KEYS = 100_000;
    private static final int FILL_REQUESTS = 15 * KEYS;
    private static final double FILLED_SHARE = 0.999;

    /** How deep to pipeline, and how many requests take about two seconds at that depth. */
    private enum Pipeline {
        P1(1, 300_000),
        P16(16, 2_000_000),
        P64(64, 4_000_000);

        private final int depth;
        private final int requests;

        Pipeline(int depth, int requests) {
            this.depth = depth;
            this.requests = requests;
        }
    }

    /** Takes each sample as it is measured. */
    @FunctionalInterface
    interface Listener {
        void measured(ServerSample sample);
    }

    /** Puts every key the GETs will ask for; refuses to continue with a store in which they would miss. */
    static void fill(ServerProcess server) throws IOException {
        benchmark(server, "SET", 64, FILL_REQUESTS);
        try (BlockingClient connection = new BlockingClient(server.address())) {
            long count = Long.parseLong(
                    connection.line(BlockingClient.command("DBSIZE")).substring(1));
            if (count < FILLED_SHARE * KEYS) {
                throw new IOException("only " + count + " of " + KEYS + " keys are there");
            }
        }
    }

    /** One round: every command at every depth. */
    static void measure(ServerKind kind, ServerProcess server, int round, Listener listener) throws IOException {
        for (String command : List.of("GET", "SET")) {
            for (Pipeline pipeline : Pipeline.values()) {
                Duration before = server.processorTime();
                double perSecond = benchmark(server, command, pipeline.depth, pipeline.requests);
                Duration spent = server.processorTime().minus(before);
                listener.measured(new ServerSample(
                        command + " 100 B, pipeline " + pipeline.depth,
                        kind,
                        round,
                        spent.toNanos() / 1000.0 / pipeline.requests,
                        "CPU us/request",
                        perSecond / 1000,
                        "k/s"));
            }
        }
    }

    /** Runs redis-benchmark and returns the requests per second that it reports. */
    private static double benchmark(ServerProcess server, String command, int pipeline, int requests)
            throws IOException {
        String output = ExternalProgram.output(List.of(
                "redis-benchmark",
                "-h",
                server.address().getAddress().getHostAddress(),
                "-p",
                Integer.toString(server.address().getPort()),
                "-t",
                command.toLowerCase(Locale.ROOT),
                "-c",
                Integer.toString(CONNECTIONS),
                "-d",
                Integer.toString(VALUE_LENGTH),
                "-r",
                Integer.toString(KEYS),
                "-P",
                Integer.toString(pipeline),
                "-n",
                Integer.toString(requests),
                "--csv"));
        return parseRate(output, command);
    }

    /** The rate from redis-benchmark's CSV, whose first two columns are the test's name and requests per second. */
    static double parseRate(String csv, String command) throws IOException {
        String start = "\"" + command + "\",\"";
        return csv.lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length(), line.indexOf('"', start.length())))
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElseThrow(() -> new IOException("redis-benchmark reports no rate:\n" + csv));
    }

    private SmallRequests() {}
}
