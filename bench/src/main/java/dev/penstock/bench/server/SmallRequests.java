package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.RedisBenchmark;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

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
    private static final RedisBenchmark BENCHMARK = new RedisBenchmark(CONNECTIONS, VALUE_LENGTH, KEYS);

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
        BENCHMARK.run(server.address(), "SET", 64, FILL_REQUESTS);
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
                double perSecond = BENCHMARK
                        .run(server.address(), command, pipeline.depth, pipeline.requests)
                        .perSecond();
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

    private SmallRequests() {}
}
