package dev.penstock.bench.cluster;

import dev.penstock.bench.process.BlockingClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A client of a cluster that speaks the Redis protocol: it follows {@code MOVED}. */
final class RedisKeyClient implements KeyClient {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LIMIT_SECONDS = 60;
    private static final int MOST_HOPS = 1000;
    private static final String MOVED = "-MOVED ";

    private final List<InetSocketAddress> addresses;
    private int next;
    private @Nullable BlockingClient connection;

    RedisKeyClient(Deployment deployment) {
        this.addresses = deployment.members().stream().map(Member::address).toList();
    }

    @Override
    public @Nullable String write(String key, String value) {
        try {
            ask(connected -> connected.line(BlockingClient.command("SET", key, value)));
            return null;
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            return message.startsWith("-") ? message : BROKEN;
        }
    }

    @Override
    public boolean has(String key, String value) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(1024);
        // Unlike GET, it has an empty value for a key that is absent.
        ask(connected -> connected.bulk(BlockingClient.command("GETRANGE", key, "0", "-1"), found.clear()));
        return value.equals(new String(found.array(), 0, found.position(), StandardCharsets.US_ASCII));
    }

    private interface Request {
        void send(BlockingClient connected) throws IOException;
    }

    private void ask(Request request) throws IOException {
        for (int hop = 0; hop < MOST_HOPS; hop++) {
            BlockingClient connected = connected();
            try {
                request.send(connected);
                return;
            } catch (IOException e) {
                String message = String.valueOf(e.getMessage());
                int moved = message.indexOf(MOVED);
                if (moved >= 0) {
                    follow(message.substring(message.lastIndexOf(':') + 1));
                } else {
                    if (!message.startsWith("-")) {
                        close();
                    }
                    throw e;
                }
            }
        }
        throw new IOException("redirected " + MOST_HOPS + " times");
    }

    private void follow(String port) {
        close();
        try {
            connection =
                    new BlockingClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)));
        } catch (IOException gone) {
            LockSupport.parkNanos(RETRY_NANOS); // another server is asked next, which may know a later leader
        }
    }

    private BlockingClient connected() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        BlockingClient connected = connection;
        while (connected == null) {
            try {
                connected = new BlockingClient(addresses.get(next++ % addresses.size()));
            } catch (IOException gone) {
                if (System.nanoTime() > deadline) {
                    throw gone;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        connection = connected;
        return connected;
    }

    @Override
    public void close() {
        BlockingClient last = connection;
        connection = null;
        if (last != null) {
            try {
                last.close();
            } catch (IOException gone) {
                // It is closed either way.
            }
        }
    }
}
