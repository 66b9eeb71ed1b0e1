package dev.penstock.bench.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** Clients that each send the next requests when those before are answered, as redis-benchmark does. */
final class ClosedLoop {

    private static final int DIGITS = 3;
    private static final double NANOS_PER_MILLI = 1e6;

    /** Requests that are sent together, by the keys. */
    @FunctionalInterface
    interface RoundTrip {
        void send(List<String> keys) throws IOException;
    }

    /** A client's connection. */
    interface Client extends AutoCloseable {

        void exchange(List<String> keys) throws IOException;

        @Override
        void close() throws IOException;

        /** A client of a connection and what it does with it. */
        static Client of(AutoCloseable connection, RoundTrip exchange) {
            return new Client() {
                @Override
                public void exchange(List<String> keys) throws IOException {
                    exchange.send(keys);
                }

                @Override
                public void close() throws IOException {
                    try {
                        connection.close();
                    } catch (IOException | RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                }
            };
        }
    }

    /** Connects a client. */
    @FunctionalInterface
    interface Connector {
        Client connect() throws IOException;
    }

    private ClosedLoop() {}

    /**
     * Runs clients on virtual threads.
     *
     * @param clients how many
     * @param depth requests that a client has under way
     * @param keys of how many keys one is drawn for each request
     */
    static Load run(int clients, int depth, int keys, double seconds, Connector connector) throws IOException {
        long start = System.nanoTime();
        long end = start + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        List<Future<Histogram>> parts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < clients; i++) {
                SplittableRandom random = new SplittableRandom(i);
                parts.add(threads.submit(() -> run(depth, keys, end, random, connector)));
            }
        }
        Histogram sum = new Histogram(DIGITS);
        for (Future<Histogram> part : parts) {
            try {
                sum.add(part.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } catch (ExecutionException e) {
                throw new IOException("a client failed", e.getCause());
            }
        }
        long requests = sum.getTotalCount() * depth;
        return new Load(
                requests,
                requests / ((System.nanoTime() - start) / 1e9),
                sum.getValueAtPercentile(50) / NANOS_PER_MILLI,
                sum.getValueAtPercentile(99) / NANOS_PER_MILLI);
    }

    private static Histogram run(int depth, int keys, long end, SplittableRandom random, Connector connector)
            throws IOException {
        Histogram nanos = new Histogram(DIGITS);
        try (Client client = connector.connect()) {
            for (long now = System.nanoTime(); now - end < 0; ) {
                client.exchange(Stream.generate(() -> "key:" + random.nextInt(keys))
                        .limit(depth)
                        .toList());
                long then = System.nanoTime();
                nanos.recordValue(then - now);
                now = then;
            }
        }
        return nanos;
    }
}
