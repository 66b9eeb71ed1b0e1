package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * GETs and PUTs by HTTP over eight connections, each asking for the next value as soon as it has the one before, and
 * small GETs at fixed times beside downloads.
 */
final class HttpRequests {

    /** A size of value, how many there are, and how many requests make a round. */
    enum HttpSize {
        KIB_1("1 KiB", 1 << 10, 1000, 200_000),
        KIB_64("64 KiB", 64 << 10, 2048, 48 * 1024),
        MIB_1("1 MiB", 1 << 20, 128, 4096),
        MIB_10("10 MiB", 10 << 20, 8, 0),
        MIB_64("64 MiB", 64 << 20, 4, 64);

        private final String label;
        private final int length;
        private final int count;
        private final int requests;

        HttpSize(String label, int length, int count, int requests) {
            this.label = label;
            this.length = length;
            this.count = count;
            this.requests = requests;
        }

        private String key(long number) {
            return name() + "-" + number % count;
        }

        private byte[] value(int number) {
            byte[] value = new byte[length];
            new SplittableRandom(number).nextBytes(value);
            return value;
        }
    }

    private static final int CONNECTIONS = 8;
    private static final double GIBIBYTE = 1L << 30;
    private static final int PUTS = 32;
    private static final int SMALL_PER_SECOND = 1000;
    private static final int LARGE_PER_SECOND = 50;

    private HttpRequests() {}

    /** Puts all values, then reads one of each size back and compares every byte. */
    static void fill(ServerKind kind, ServerProcess server) throws IOException {
        try (BlockingClient connection = new BlockingClient(server.address())) {
            for (HttpSize size : HttpSize.values()) {
                for (int number = 0; number < size.count; number++) {
                    connection.put(size.key(number), ByteBuffer.wrap(size.value(number)));
                }
                ByteBuffer seen = ByteBuffer.allocate(size.length);
                connection.body(get(size.key(1)), seen);
                if (!seen.flip().equals(ByteBuffer.wrap(size.value(1)))) {
                    throw new IOException(kind.label() + " returned other bytes for " + size.key(1));
                }
            }
        }
    }

    private static ByteBuffer get(String key) {
        return ByteBuffer.wrap(BlockingClient.ascii("GET /" + key + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    /** One round: every size, PUTs, and latencies. */
    static void measure(
            ServerKind kind, ServerProcess server, String congestion, int round, int percent, SmallRequests.Listener to)
            throws IOException {
        for (HttpSize size : HttpSize.values()) {
            long requests = (long) size.requests * percent / 100;
            if (requests > 0) {
                read(kind, server, size, Math.max(1, requests / 8));
                to.measured(cost(kind, server, congestion + ", GET " + size.label, round, size.length, requests, () -> {
                    read(kind, server, size, requests);
                    return null;
                }));
            }
        }
        int puts = Math.max(1, PUTS * percent / 100);
        to.measured(cost(kind, server, congestion + ", PUT 64 MiB", round, HttpSize.MIB_64.length, puts, () -> {
            store(server, puts);
            return null;
        }));
        to.measured(latency(kind, server, congestion, round, percent));
    }

    private static ServerSample cost(
            ServerKind kind,
            ServerProcess server,
            String measurement,
            int round,
            int length,
            long requests,
            Callable<Void> work)
            throws IOException {
        Duration before = server.processorTime();
        long start = System.nanoTime();
        try {
            work.call();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Duration spent = server.processorTime().minus(before);
        double gibibytes = requests * length / GIBIBYTE;
        return length == HttpSize.KIB_1.length
                ? new ServerSample(
                        measurement,
                        kind,
                        round,
                        spent.toNanos() / 1e3 / requests,
                        "CPU us/request",
                        requests / seconds / 1000,
                        "k/s")
                : new ServerSample(
                        measurement,
                        kind,
                        round,
                        spent.toMillis() / gibibytes,
                        "CPU ms/GiB",
                        gibibytes / seconds,
                        "GiB/s");
    }

    private static void read(ServerKind kind, ServerProcess server, HttpSize size, long requests) throws IOException {
        AtomicLong next = new AtomicLong();
        List<Callable<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            clients.add(() -> {
                try (BlockingClient connection = new BlockingClient(server.address())) {
                    for (long n = next.getAndIncrement(); n < requests; n = next.getAndIncrement()) {
                        if (connection.body(get(size.key(n)), null) != size.length) {
                            throw new IOException(kind.label() + " sent " + size.key(n) + " with another length");
                        }
                    }
                    return null;
                }
            });
        }
        all(clients);
    }

    /** Overwrites the values of 64 MiB, one after another, by two connections. */
    private static void store(ServerProcess server, int puts) throws IOException {
        AtomicLong next = new AtomicLong();
        ByteBuffer value = ByteBuffer.allocateDirect(HttpSize.MIB_64.length);
        List<Callable<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            clients.add(() -> {
                try (BlockingClient connection = new BlockingClient(server.address())) {
                    for (long n = next.getAndIncrement(); n < puts; n = next.getAndIncrement()) {
                        connection.put(HttpSize.MIB_64.key(n), value.duplicate());
                    }
                    return null;
                }
            });
        }
        all(clients);
    }

    /** The 99th percentile of small GETs while others download 50 values of 10 MiB per second. */
    private static ServerSample latency(
            ServerKind kind, ServerProcess server, String congestion, int round, int percent) throws IOException {
        long warmUp = TimeUnit.SECONDS.toNanos(1);
        long measured = TimeUnit.SECONDS.toNanos(Math.max(1, 10L * percent / 100));
        long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
        List<OpenLoop> small =
                openLoops(server, HttpSize.KIB_1, CONNECTIONS, SMALL_PER_SECOND, start, warmUp, measured);
        List<OpenLoop> large =
                openLoops(server, HttpSize.MIB_10, LARGE_PER_SECOND, LARGE_PER_SECOND, start, warmUp, measured);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Histogram>> times = small.stream().map(threads::submit).toList();
            List<Future<Histogram>> downloads = large.stream()
                    .map(client -> threads.submit(() -> {
                        IdlePriority.take();
                        return client.call();
                    }))
                    .toList();
            Histogram sum = sum(times);
            double perSecond = sum(downloads).getTotalCount() / (measured / 1e9);
            return new ServerSample(
                    congestion + ", p99 of 1 KiB beside " + LARGE_PER_SECOND + " x 10 MiB/s",
                    kind,
                    round,
                    sum.getValueAtPercentile(99) / 1e3,
                    "us",
                    perSecond,
                    "10 MiB/s");
        }
    }

    private static List<OpenLoop> openLoops(
            ServerProcess server, HttpSize size, int count, int perSecond, long start, long warmUp, long measured) {
        long between = TimeUnit.SECONDS.toNanos(1) / perSecond;
        List<OpenLoop> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int first = i;
            OpenLoop.Question question =
                    (connection, number) -> connection.body(get(size.key(first + number * count)), null);
            clients.add(new OpenLoop(server, question, between * count, start + between * i, warmUp, measured));
        }
        return clients;
    }

    private static Histogram sum(List<Future<Histogram>> parts) throws IOException {
        Histogram sum = new Histogram(OpenLoop.DIGITS);
        for (Future<Histogram> part : parts) {
            sum.add(result(part));
        }
        return sum;
    }

    private static void all(List<Callable<Void>> clients) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(clients.size())) {
            for (Future<Void> result : clients.stream().map(threads::submit).toList()) {
                result(result);
            }
        }
    }

    private static <T> T result(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException("a client failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
