package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

    /** What one client of the crowd does again and again. */
    @FunctionalInterface
    private interface Step {
        void take(RespClient client, int round) throws IOException;
    }

    private void allAtOnce(int rounds, Step step) throws Exception {
        CyclicBarrier start = new CyclicBarrier(CLIENTS);
        AtomicReference<Throwable> first = new AtomicReference<>();
        List<Thread> crowd = new ArrayList<>();
        for (RespClient client : clients) {
            crowd.add(Thread.ofPlatform().unstarted(() -> {
                try {
                    for (int round = 0; round < rounds; round++) {
                        start.await();
                        step.take(client, round);
                    }
                } catch (Exception | AssertionError failure) {
                    if (first.compareAndSet(null, failure)) {
                        crowd.forEach(Thread::interrupt); // nobody waits for who does not come any more
                    }
                }
            }));
        }
        crowd.forEach(Thread::start);
        for (Thread member : crowd) {
            member.join();
        }
        if (first.get() != null) {
            throw new AssertionError("one of the crowd failed", first.get());
        }
    }

    @Test
    void oneOfACrowdThatFailsEndsAll() {
        AssertionError failure = assertThrows(
                AssertionError.class,
                () -> allAtOnce(10, (client, round) -> {
                    if (client == clients.get(2) && round == 3) {
                        throw new IOException("planted");
                    }
                }));
        assertEquals("planted", failure.getCause().getMessage());
    }

    /** Of those who want to be first, one is. */
    @Test
    void onlyOneOfAllLoopsCreatesAKey() throws Exception {
        AtomicInteger won = new AtomicInteger();
        allAtOnce(300, (client, round) -> {
            if (client.call("SETNX", "k" + round, "v").equals(":1\r\n")) {
                won.incrementAndGet();
            }
        });
        assertEquals(300, won.get());
    }

    @Test
    void nothingThatIsAddedIsLost() throws Exception {
        allAtOnce(200, (client, round) -> {
            client.call("INCR", "counter");
            client.call("APPEND", "text", "x");
        });
        int total = 200 * CLIENTS;
        assertEquals(
                "$" + Integer.toString(total).length() + "\r\n" + total + "\r\n",
                clients.getFirst().call("GET", "counter"));
        assertEquals(":" + total + "\r\n", clients.getFirst().call("STRLEN", "text"));
    }

    /** Two counters that are always raised together are always found equal. */
    @Test
    void transactionsOfDifferentLoopsDoNotMix() throws Exception {
        clients.getFirst().call("MSET", "a", "0", "b", "0");
        allAtOnce(100, (client, round) -> {
            boolean writes = (clients.indexOf(client) + round) % 2 == 0;
            client.call("MULTI");
            client.call(writes ? "INCR" : "GET", "a");
            client.call(writes ? "INCR" : "GET", "b");
            String[] replies = client.call("EXEC").split("\r\n", -1);
            assertEquals("*2", replies[0]);
            int half = (replies.length - 2) / 2;
            assertEquals(replies[half], replies[2 * half], String.join(" ", replies));
        });
        String sum = Integer.toString(100 * CLIENTS / 2);
        assertEquals(
                "$" + sum.length() + "\r\n" + sum + "\r\n", clients.getFirst().call("GET", "a"));
    }

    /** Half of the clients write all keys together, the others look at them together, in each way that there is. */
    @Test
    void whatIsWrittenTogetherIsReadTogether() throws Exception {
        String[] keys = IntStream.range(0, 24).mapToObj(i -> "t" + i).toArray(String[]::new);
        allAtOnce(250, (client, round) -> {
            int number = clients.indexOf(client);
            if (number % 2 == 0) {
                if (round % 8 == 7) {
                    client.call(command("DEL", keys));
                } else {
                    client.call(command(
                            "MSET",
                            Stream.of(keys)
                                    .flatMap(key -> Stream.of(key, number + "-" + round))
                                    .toArray(String[]::new)));
                }
            } else if (round % 3 == 0) {
                assertAllEqual(client.call(command("MGET", keys)));
            } else if (round % 3 == 1) {
                String found = client.call(command("EXISTS", keys));
                assertTrue(found.equals(":0\r\n") || found.equals(":" + keys.length + "\r\n"), found);
            } else {
                client.call("MULTI");
                for (String key : keys) {
                    client.call("GET", key);
                }
                assertAllEqual(client.call("EXEC"));
            }
        });
    }

    private static String[] command(String name, String... arguments) {
        return Stream.concat(Stream.of(name), Stream.of(arguments)).toArray(String[]::new);
    }

    /** The values of an array are the same. */
    private static void assertAllEqual(String reply) {
        String values = reply.substring(reply.indexOf('\n') + 1);
        String one = values.startsWith("$-1") ? "$-1\r\n" : values.replaceFirst("(?s)^([^\n]*\n[^\n]*\n).*", "$1");
        assertEquals("", values.replace(one, ""), reply);
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
