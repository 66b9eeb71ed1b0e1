package dev.penstock.tools.bench.load;

import dev.penstock.tools.client.ServerAccess;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** The first request of each connection: AUTH if there is a password, and PING if there is none. */
final class HandshakeStream extends OneOffStream {

    private final Queue<List<String>> requests = new ArrayDeque<>();

    /** @param connections number of connections, which take one request each */
    HandshakeStream(ServerAccess access, int connections) {
        List<String> words = access.authentication().isEmpty() ? List.of("PING") : access.authentication();
        for (int i = 0; i < connections; i++) {
            requests.add(words);
        }
    }

    @Override
    boolean hasNext() {
        return !requests.isEmpty();
    }

    @Override
    public void send(LoadConnection connection, long now) {
        connection.send(requests.poll(), now);
    }
}
