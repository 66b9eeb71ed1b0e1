package dev.penstock.bench.cluster;

import dev.penstock.bench.process.BlockingClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client of a cluster that speaks the Redis protocol: it follows {@code MOVED}. */
final class RedisKeyClient implements KeyClient {

    private static final int MOST_HOPS = 1000;
    private static final String MOVED = "-MOVED ";

    private final MemberConnection<BlockingClient> connection;

    RedisKeyClient(Deployment deployment) {
        this.connection = new MemberConnection<>(deployment, BlockingClient::new);
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
            BlockingClient connected = connection.get();
            try {
                request.send(connected);
                return;
            } catch (IOException e) {
                String message = String.valueOf(e.getMessage());
                int moved = message.indexOf(MOVED);
                if (moved >= 0) {
                    int port = Integer.parseInt(message.substring(message.lastIndexOf(':') + 1));
                    connection.moveTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
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

    @Override
    public void close() {
        connection.close();
    }
}
