package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * GETs of large values over eight connections, each asking for the next value as soon as it has the one before. The
 * client reads everything into one buffer over and over, so that its cost is small, and the same for every server.
 */
final class LargeRequests {

    /** A size of value, with as many different ones as make a quarter of a gibibyte. */
    enum LargeSize {
        KIB_64("64 KiB", 64 << 10),
        MIB_1("1 MiB", 1 << 20),
        MIB_64("64 MiB", 64 << 20);

        private final String label;
        private final int length;

        LargeSize(String label, int length) {
            this.label = label;
            this.length = length;
        }

        private int count() {
            return (256 << 20) / length;
        }

        private String key(int number) {
            return name() + "-" + number;
        }
    }

    private static final int CONNECTIONS = 8;
    private static final long GIBIBYTE = 1L << 30;
    private static final long WARM_UP_BYTES = GIBIBYTE;
    private static final long MEASURED_BYTES = 6 * GIBIBYTE;

    private LargeRequests() {}

    /** Puts all values, then reads one of each size back and compares every byte. */
    static void fill(ServerKind kind, ServerProcess server, Path folder) throws IOException {
        try (BlockingClient connection = new BlockingClient(server.address())) {
            for (LargeSize size : LargeSize.values()) {
                for (int number = 0; number < size.count(); number++) {
                    store(kind, connection, folder, size.key(number), value(size, number));
                }
                int last = size.count() - 1;
                ByteBuffer seen = ByteBuffer.allocate(size.length);
                get(kind, connection, request(kind, size.key(last)), seen);
                if (!seen.flip().equals(ByteBuffer.wrap(value(size, last)))) {
                    throw new IOException(kind.label() + " returned other bytes for " + size.key(last));
                }
            }
        }
    }

    private static byte[] value(LargeSize size, int number) {
        byte[] value = new byte[size.length];
        new SplittableRandom(number).nextBytes(value);
        return value;
    }

    private static void store(ServerKind kind, BlockingClient connection, Path folder, String key, byte[] value)
            throws IOException {
        if (kind.speaksRedis()) {
            connection.line(BlockingClient.command(BlockingClient.ascii("SET"), BlockingClient.ascii(key), value));
        } else {
            Files.write(folder.resolve(key), value);
        }
    }

    private static ByteBuffer request(ServerKind kind, String key) {
        return kind.speaksRedis()
                ? BlockingClient.command("GET", key)
                : ByteBuffer.wrap(BlockingClient.ascii("GET /" + key + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    private static long get(ServerKind kind, BlockingClient connection, ByteBuffer request, @Nullable ByteBuffer sink)
            throws IOException {
        return kind.speaksRedis() ? connection.bulk(request, sink) : connection.body(request, sink);
    }

    /** One round: every size. */
    static void measure(ServerKind kind, ServerProcess server, int round, SmallRequests.Listener listener)
            throws IOException {
        for (LargeSize size : LargeSize.values()) {
            read(kind, server, size, WARM_UP_BYTES);
            Duration before = server.processorTime();
            long start = System.nanoTime();
            read(kind, server, size, MEASURED_BYTES);
            double seconds = (System.nanoTime() - start) / 1e9;
            Duration spent = server.processorTime().minus(before);
            double gibibytes = MEASURED_BYTES / (double) GIBIBYTE;
            listener.measured(new ServerSample(
                    "GET " + size.label + ", " + CONNECTIONS + " connections",
                    kind,
                    round,
                    spent.toMillis() / gibibytes,
                    "CPU ms/GiB",
                    gibibytes / seconds,
                    "GiB/s"));
        }
    }

    /** Reads that many bytes of values of that size, spread over the connections by their progress. */
    private static void read(ServerKind kind, ServerProcess server, LargeSize size, long bytes) throws IOException {
        AtomicLong next = new AtomicLong();
        long requests = bytes / size.length;
        try (ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<Void>> results = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                results.add(clients.submit(() -> {
                    read(kind, server, size, next, requests);
                    return null;
                }));
            }
            for (Future<Void> result : results) {
                result.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a client of " + kind.label() + " failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void read(ServerKind kind, ServerProcess server, LargeSize size, AtomicLong next, long requests)
            throws IOException {
        try (BlockingClient connection = new BlockingClient(server.address())) {
            for (long n = next.getAndIncrement(); n < requests; n = next.getAndIncrement()) {
                String key = size.key((int) (n % size.count()));
                long length = get(kind, connection, request(kind, key), null);
                if (length != size.length) {
                    throw new IOException(key + " came with " + length + " bytes");
                }
            }
        }
    }
}
