package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several event loops are one server to its clients. */
class EventLoopsTest {

    private static final int LOOPS = 3;
    private static final int CLIENTS = 2 * LOOPS;

    @TempDir
    Path directory;

    private TestServer server;
    private final List<RespClient> clients = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(
                directory, ServerOptions.defaults().withEventLoops(LOOPS).withMaxClients(CLIENTS + 1));
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(server.client());
            assertEquals("+PONG\r\n", clients.getLast().call("PING"));
        }
    }

    @AfterEach
    void stop() throws IOException {
        for (RespClient client : clients) {
            client.close();
        }
        server.close();
    }

    private static long number(String report, String name) {
        return Long.parseLong(report.replaceFirst("(?s).*\\b" + name + ":(\\d+).*", "$1"));
    }

    @Test
    void eachLoopIsAThread() {
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("penstock-loop"))
                .count();
        assertTrue(threads >= LOOPS, threads + " threads");
    }

    @Test
    void whateverIsAskedOfOneIsToldOfAll() throws IOException {
        assertEquals("+OK\r\n", clients.get(0).call("CONFIG", "SET", "slowlog-log-slower-than", "0"));
        for (RespClient client : clients) {
            client.call("CLIENT", "SETNAME", "one");
        }
        String list = clients.get(0).call("CLIENT", "LIST");
        assertEquals(CLIENTS, list.split(" name=one ", -1).length - 1, list);
        assertEquals(CLIENTS, number(clients.get(1).call("INFO", "clients"), "connected_clients"));
        // PING and SETNAME of each, CONFIG SET, CLIENT LIST, INFO, and this INFO itself
        assertEquals(2 * CLIENTS + 4, number(clients.get(2).call("INFO", "stats"), "total_commands_processed"));
        assertTrue(number(clients.get(3).call("SLOWLOG", "LEN").replace(":", "len:"), "len") > CLIENTS);
        assertEquals(
                "*2\r\n$23\r\nslowlog-log-slower-than\r\n$1\r\n0\r\n",
                clients.get(4).call("CONFIG", "GET", "slowlog-log-slower-than"));
    }

    @Test
    void aClientCanEndThoseOfOtherLoops() throws Exception {
        RespClient killer = clients.removeFirst();
        for (RespClient client : clients) {
            String id = client.call("CLIENT", "ID").substring(1).strip();
            assertEquals(":1\r\n", killer.call("CLIENT", "KILL", "ID", id));
            assertEquals("", answer(client));
        }
        TestServer.await("they are forgotten", () -> number(killer.call("INFO", "clients"), "connected_clients") == 1);
        killer.close();
    }

    private static String answer(RespClient client) throws IOException {
        try {
            return client.untilClosed();
        } catch (SocketException reset) {
            return "";
        }
    }

    @Test
    void clientsAreCountedTogether() throws Exception {
        try (RespClient last = server.client();
                RespClient tooMany = server.client()) {
            assertEquals("+PONG\r\n", last.call("PING"));
            assertEquals("-ERR max number of clients reached\r\n", tooMany.untilClosed());
        }
        TestServer.await("there is room again", () -> {
            try (RespClient late = server.client()) {
                return late.call("PING").equals("+PONG\r\n");
            } catch (IOException refused) {
                return false;
            }
        });
    }

    /** Of those who want to be first, one is. */
    @Test
    void onlyOneOfAllLoopsCreatesAKey() throws Exception {
        int keys = 300;
        CyclicBarrier start = new CyclicBarrier(CLIENTS);
        long[] won = new long[CLIENTS];
        List<Future<?>> racers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                int racer = i;
                racers.add(threads.submit(() -> {
                    for (int key = 0; key < keys; key++) {
                        start.await();
                        won[racer] +=
                                clients.get(racer).call("SETNX", "k" + key, "v").equals(":1\r\n") ? 1 : 0;
                    }
                    return null;
                }));
            }
        }
        long all = 0;
        for (int i = 0; i < CLIENTS; i++) {
            racers.get(i).get();
            all += won[i];
        }
        assertEquals(keys, all);
    }

    @Test
    void shutdownByOneClientEndsAllLoops() throws Exception {
        clients.get(1).send("SHUTDOWN");
        server.server().awaitStop();
        for (RespClient client : clients) {
            assertEquals("", answer(client));
        }
    }

    /** Clients that come while the server stops are answered or turned away, and none is left hanging. */
    @Test
    void stoppingWhileClientsComeLeavesNoneBehind() throws Exception {
        List<RespClient> late = new ArrayList<>();
        Thread comer = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    late.add(server.client());
                    late.getLast().send("PING");
                    late.getLast().close();
                }
            } catch (IOException refused) {
                // the server listens no more
            }
        });
        TestServer.await(
                "some have come",
                () -> number(clients.get(0).call("INFO", "stats"), "total_connections_received") > 50);
        server.server().stop(Duration.ofSeconds(5));
        comer.join();
        for (RespClient client : clients) {
            assertEquals("", answer(client));
        }
    }
}
