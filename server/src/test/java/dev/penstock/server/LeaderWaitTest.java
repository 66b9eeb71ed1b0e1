package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request for a slot without a leader waits for one, and delays nobody but its own client. */
class LeaderWaitTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int LAST = FixedCluster.NODES - 1;
    private static final String PONG = "+PONG\r\n";
    private static final String DOWN = "-CLUSTERDOWN Hash slot not served\r\n";

    @TempDir
    Path directory;

    private static String keyOfLast() {
        int number = 0;
        while (FixedCluster.nodeOf("key" + number) != LAST) {
            number++;
        }
        return "key" + number;
    }

    private static void send(RespClient client, String... requests) throws IOException {
        for (String request : requests) {
            client.send(request.split(" "));
        }
    }

    /** Waits until the server has read a client's request, and has not executed it. */
    static void awaitParked(TestServer server, RespClient client) throws Exception {
        String address = "addr=127.0.0.1:" + client.socket().getLocalPort() + " ";
        try (RespClient other = server.client()) {
            TestServer.await(
                    "a request waits",
                    () -> other.call("CLIENT", "LIST")
                            .lines()
                            .anyMatch(line -> line.contains(address) && !line.contains(" qbuf=0 ")));
        }
    }

    @Test
    void aRequestAndWhatFollowsItAreExecutedWhenThereIsALeader() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, LONG)) {
            cluster.publish(2, FixedCluster.NODES, false);
            TestServer server = cluster.server(LAST);
            try (RespClient waiting = server.client()) {
                send(waiting, "PING", "SET " + keyOfLast() + " v", "GET " + keyOfLast(), "PING");
                awaitParked(server, waiting);
                cluster.publish(3, FixedCluster.NODES, false);
                awaitParked(server, waiting);
                assertEquals(0, server.store().count());
                cluster.publish(4, FixedCluster.NODES);
                assertEquals(PONG, waiting.reply());
                assertEquals("+OK\r\n", waiting.reply());
                assertEquals("$1\r\nv\r\n", waiting.reply());
                assertEquals(PONG, waiting.reply());
            }
        }
    }

    @Test
    void aRequestIsSentElsewhereIfTheLeaderIsThere() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, LONG)) {
            cluster.publish(2, FixedCluster.NODES, false);
            try (RespClient waiting = cluster.server(0).client()) {
                send(waiting, "GET " + keyOfLast());
                awaitParked(cluster.server(0), waiting);
                cluster.publish(3, FixedCluster.NODES);
                String moved = waiting.reply();
                assertTrue(moved.startsWith("-MOVED ") && moved.endsWith(":" + cluster.port(LAST) + "\r\n"), moved);
            }
        }
    }

    @Test
    void aTransactionWaitsTooAndIsExecutedOnce() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, LONG)) {
            try (RespClient client = cluster.server(LAST).client()) {
                assertEquals("+OK\r\n", client.call("MULTI"));
                assertEquals("+QUEUED\r\n", client.call("INCR", keyOfLast()));
                cluster.publish(2, FixedCluster.NODES, false);
                send(client, "INCR " + keyOfLast(), "EXEC");
                awaitParked(cluster.server(LAST), client);
                cluster.publish(3, FixedCluster.NODES);
                assertEquals("+QUEUED\r\n", client.reply());
                assertEquals("*2\r\n:1\r\n:2\r\n", client.reply());
            }
        }
    }

    @Test
    void aRequestIsRefusedWhenItHasWaitedLongEnough() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, Duration.ofMillis(50))) {
            cluster.publish(2, FixedCluster.NODES, false);
            try (RespClient client = cluster.server(LAST).client()) {
                assertEquals(DOWN, client.call("GET", keyOfLast()));
                assertEquals(PONG, client.call("PING"));
            }
        }
    }

    @Test
    void theRequestsOfAPipelineWaitTogether() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, Duration.ofMillis(500))) {
            cluster.publish(2, FixedCluster.NODES, false);
            try (RespClient client = cluster.server(LAST).client()) {
                int requests = 40;
                StringBuilder pipeline = new StringBuilder();
                for (int i = 0; i < requests; i++) {
                    pipeline.append("GET ").append(keyOfLast()).append("\r\n");
                }
                long begin = System.nanoTime();
                client.out().write(pipeline.toString().getBytes(StandardCharsets.US_ASCII));
                for (int i = 0; i < requests; i++) {
                    assertEquals(DOWN, client.reply());
                }
                assertTrue(System.nanoTime() - begin < Duration.ofSeconds(10).toNanos(), "each waited for itself");
                begin = System.nanoTime();
                assertEquals(DOWN, client.call("GET", keyOfLast()));
                assertTrue(System.nanoTime() - begin >= Duration.ofMillis(500).toNanos(), "one that came later");
            }
        }
    }

    /** Otherwise EXEC would execute the transaction without that command. */
    @Test
    void aCommandThatWaitedTooLongSpoilsItsTransaction() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, Duration.ofMillis(50))) {
            try (RespClient client = cluster.server(LAST).client()) {
                assertEquals("+OK\r\n", client.call("MULTI"));
                cluster.publish(2, FixedCluster.NODES, false);
                assertEquals(DOWN, client.call("SET", keyOfLast(), "a"));
                cluster.publish(3, FixedCluster.NODES);
                assertEquals("+QUEUED\r\n", client.call("SET", keyOfLast(), "b"));
                String aborted = client.call("EXEC");
                assertTrue(aborted.startsWith("-EXECABORT "), aborted);
                assertEquals(0, cluster.server(LAST).store().count());
            }
        }
    }

    /** Otherwise the next commands would be queued, and never executed. */
    @Test
    void anExecThatWaitedTooLongEndsItsTransaction() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, Duration.ofMillis(50))) {
            try (RespClient client = cluster.server(LAST).client()) {
                assertEquals("+OK\r\n", client.call("MULTI"));
                assertEquals("+QUEUED\r\n", client.call("SET", keyOfLast(), "a"));
                cluster.publish(2, FixedCluster.NODES, false);
                assertEquals(DOWN, client.call("EXEC"));
                cluster.publish(3, FixedCluster.NODES);
                assertEquals("$-1\r\n", client.call("GET", keyOfLast()));
                assertEquals("+OK\r\n", client.call("SET", keyOfLast(), "b"));
            }
        }
    }

    @Test
    void aServerStopsWhileARequestWaits() throws Exception {
        try (FixedCluster cluster = new FixedCluster(directory, LONG)) {
            cluster.publish(2, FixedCluster.NODES, false);
            try (RespClient client = cluster.server(LAST).client()) {
                send(client, "GET " + keyOfLast());
                awaitParked(cluster.server(LAST), client);
                cluster.server(LAST).server().stop(Duration.ZERO);
                cluster.publish(3, FixedCluster.NODES); // finds the connection closed
                assertEquals(-1, client.in().read());
            }
        }
    }
}
