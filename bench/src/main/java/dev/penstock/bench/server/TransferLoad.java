package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * Values of one length, requested or sent by a number of connections, each as fast as it is answered. Replies are read
 * into one small buffer over and over, so that the client costs little, and the same for every server.
 */
final class TransferLoad {

    private static final int DATA_LENGTH = 64 << 20;
    private static final int LEAST_VALUES = 2;
    private static final int MOST_VALUES = 4096;

    /** One request of a client and its answer; returns the bytes of the value. */
    @FunctionalInterface
    private interface Exchange {
        long with(BlockingClient connection, long number) throws IOException;
    }

    private final TransferWay way;
    private final int length;
    private final int count;

    TransferLoad(TransferWay way, int length) {
        this.way = way;
        this.length = length;
        this.count = Math.clamp(DATA_LENGTH / length, LEAST_VALUES, MOST_VALUES);
    }

    long dataLength() {
        return (long) count * length;
    }

    /** Stores all values, reads the last one back and compares every byte. */
    void fill(ServerProcess server, Path folder) throws IOException {
        byte[] value = new byte[length];
        try (BlockingClient connection = new BlockingClient(server.address())) {
            for (int number = 0; number < count; number++) {
                new SplittableRandom(number).nextBytes(value);
                if (way.hasFiles() && !way.isPenstock()) {
                    Files.write(folder.resolve(key(number)), value);
                } else {
                    connection.line(BlockingClient.command(
                            BlockingClient.ascii("SET"), BlockingClient.ascii(key(number)), value));
                }
            }
            ByteBuffer seen = ByteBuffer.allocate(length);
            get(connection, count - 1, seen);
            if (!seen.flip().equals(ByteBuffer.wrap(value))) {
                throw new IOException(way.label() + " returned other bytes than were stored");
            }
        }
    }

    private String key(long number) {
        return "v-" + length + "-" + number;
    }

    /** What the names of all files begin with that hold the values. */
    String fileNamesBegin() {
        return way.isPenstock() ? "" : "v-" + length + "-";
    }

    private long get(BlockingClient connection, long number, @Nullable ByteBuffer sink) throws IOException {
        String key = key(number % count);
        long came = way.speaksRedis()
                ? connection.bulk(BlockingClient.command("GET", key), sink)
                : connection.body(
                        ByteBuffer.wrap(BlockingClient.ascii("GET /" + key + " HTTP/1.1\r\nHost: localhost\r\n\r\n")),
                        sink);
        if (came != length) {
            throw new IOException(key + " came with " + came + " bytes");
        }
        return came;
    }

    /** Reads every value once. */
    long getOnce(ServerProcess server) throws IOException {
        long bytes = 0;
        try (BlockingClient connection = new BlockingClient(server.address())) {
            for (int number = 0; number < count; number++) {
                bytes += get(connection, number, null);
            }
        }
        return bytes;
    }

    /** Reads values for a time; returns their bytes. */
    long get(ServerProcess server, int connections, double seconds) throws IOException {
        return run(server, connections, seconds, (connection, number) -> get(connection, number, null));
    }

    /** Stores values anew for a time; returns their bytes. */
    long set(ServerProcess server, int connections, double seconds) throws IOException {
        byte[] value = new byte[length];
        new SplittableRandom(1).nextBytes(value);
        ByteBuffer shared = ByteBuffer.allocateDirect(length).put(value).flip();
        return run(server, connections, seconds, (connection, number) -> {
            connection.store(key(number % count), shared.duplicate());
            return length;
        });
    }

    private long run(ServerProcess server, int connections, double seconds, Exchange exchange) throws IOException {
        AtomicLong next = new AtomicLong();
        long deadline = System.nanoTime() + (long) (seconds * 1e9);
        long bytes = 0;
        try (ExecutorService clients = Executors.newFixedThreadPool(connections)) {
            List<Future<Long>> results = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                results.add(clients.submit(() -> {
                    long moved = 0;
                    try (BlockingClient connection = new BlockingClient(server.address())) {
                        while (System.nanoTime() < deadline) {
                            moved += exchange.with(connection, next.getAndIncrement());
                        }
                    }
                    return moved;
                }));
            }
            for (Future<Long> result : results) {
                bytes += result.get();
            }
            return bytes;
        } catch (ExecutionException e) {
            throw new IOException("a client of " + way.label() + " failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
