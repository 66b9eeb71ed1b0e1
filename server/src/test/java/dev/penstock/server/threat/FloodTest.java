package dev.penstock.server.threat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import dev.penstock.store.transfer.FileDescriptors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A crowd that wants everything at once: the server continues serving, in bounded memory. */
class FloodTest {

    private static final int CROWD = 10_000;
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private int told;
    private final List<SocketChannel> crowd = new ArrayList<>();

    private SocketChannel connect(int port) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        crowd.add(channel);
        return channel;
    }

    private void disperse() throws IOException {
        for (SocketChannel channel : crowd) {
            channel.close();
        }
        crowd.clear();
    }

    @Test
    void tenThousandConnectionsAreSurvivedAndThoseOverTheLimitTurnedAway() throws Exception {
        Assumptions.assumeTrue(FileDescriptors.limit().orElse(0) > CROWD + 500, "too few files may be open: skipped");
        try (ChildServer server = new ChildServer(directory, "", "-Xmx64m");
                RespClient client = new RespClient(server.port())) {
            assertEquals("+PONG\r\n", client.call("PING"));
            long before = server.statusKib("VmRSS");
            for (int i = 0; i < CROWD; i++) {
                connect(server.port());
            }
            String rejected = "rejected_connections:" + (CROWD - 999) + "\r\n";
            TestServer.await(
                    "all were answered", () -> client.call("INFO", "stats").contains(rejected));
            assertTrue(client.call("INFO", "clients").contains("connected_clients:1000\r\n"));
            ByteBuffer refusal = ByteBuffer.allocate(100);
            SocketChannel last = crowd.getLast();
            while (last.read(refusal) >= 0) {}
            String text = new String(refusal.array(), 0, refusal.position(), ISO_8859_1);
            assertEquals("-ERR max number of clients reached\r\n", text);
            long grown = (server.statusKib("VmHWM") - before) / 1024;
            System.out.println("memory grown by " + grown + " MiB under " + CROWD + " connections");
            assertTrue(grown < 64, grown + " MiB for 1000 idle clients");
            disperse();
            TestServer.await("there is room again", () -> {
                try (RespClient late = new RespClient(server.port())) {
                    return late.call("PING").equals("+PONG\r\n");
                } catch (IOException full) {
                    return false;
                }
            });
        } finally {
            disperse();
        }
    }

    /** Each promises 60 MB and sends some of it; together they may not have what one may. */
    @Test
    void manyLargeUnfinishedRequestsAreRefusedBeforeMemoryIsShort() throws Exception {
        try (ChildServer server = new ChildServer(directory, "", "-Xmx128m");
                RespClient client = new RespClient(server.port())) {
            assertEquals("+PONG\r\n", client.call("PING"));
            long before = server.statusKib("VmRSS");
            byte[] part = "x".repeat(MIB).getBytes(ISO_8859_1);
            int refusedAtOnce = 0;
            for (int i = 0; i < 60; i++) {
                refusedAtOnce += sendUnfinished(server.port(), part, 4) ? 0 : 1;
                assertEquals("+PONG\r\n", client.call("PING"), "one who asks for little was refused");
            }
            int refused = refusedAtOnce;
            TestServer.await("most are refused", () -> refused + refusals() >= 50);
            assertTrue(clientMemory(client) <= 48L * MIB, "held: " + clientMemory(client));
            long grown = (server.statusKib("VmHWM") - before) / 1024;
            System.out.println("memory grown by " + grown + " MiB under 240 MiB of unfinished requests");
            assertTrue(grown < 128, grown + " MiB");
            disperse();
            TestServer.await("memory is given back", () -> clientMemory(client) < MIB);
            String value = "y".repeat(20 * MIB);
            assertEquals(":" + value.length() + "\r\n", client.call("APPEND", "k", value));
        } finally {
            disperse();
        }
    }

    /** Whether the server took all of it. */
    private boolean sendUnfinished(int port, byte[] part, int parts) throws IOException {
        SocketChannel channel = connect(port);
        try {
            channel.write(ByteBuffer.wrap("*2\r\n$4\r\nECHO\r\n$60000000\r\n".getBytes(ISO_8859_1)));
            for (int i = 0; i < parts; i++) {
                ByteBuffer bytes = ByteBuffer.wrap(part);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException reset) {
            channel.close();
            crowd.remove(channel);
            return false;
        }
        channel.configureBlocking(false);
        return true;
    }

    /** How many of the crowd have been told that there is no memory for them. */
    private int refusals() {
        for (SocketChannel channel : List.copyOf(crowd)) {
            ByteBuffer reply = ByteBuffer.allocate(4);
            try {
                if (channel.read(reply) == 4 && new String(reply.array(), ISO_8859_1).equals("-OOM")) {
                    told++;
                }
            } catch (IOException reset) {
                // counted when it sent, or closed since
            }
        }
        return told;
    }

    private static long clientMemory(RespClient client) throws IOException {
        String memory = client.call("INFO", "memory");
        return Long.parseLong(memory.replaceFirst("(?s).*mem_clients_normal:(\\d+).*", "$1"));
    }

    /** Arguments of no length cost more to keep in mind than to send. */
    @Test
    void aMillionEmptyArgumentsOfManyClientsDoNotExhaustTheHeap() throws Exception {
        try (ChildServer server = new ChildServer(directory, "", "-Xmx64m");
                RespClient client = new RespClient(server.port())) {
            byte[] part = "$0\r\n\r\n".repeat(100_000).getBytes(ISO_8859_1);
            for (int i = 0; i < 20; i++) {
                SocketChannel channel = connect(server.port());
                try {
                    channel.write(ByteBuffer.wrap("*1048576\r\n".getBytes(ISO_8859_1)));
                    for (int j = 0; j < 9; j++) {
                        channel.write(ByteBuffer.wrap(part));
                    }
                } catch (IOException reset) {
                    // refused, as it should be
                }
                assertEquals("+PONG\r\n", client.call("PING"));
            }
        } finally {
            disperse();
        }
    }

    /** A pipeline without end whose replies nobody takes, from many clients at once. */
    @Test
    void repliesThatNobodyTakesAreBoundedForAllClientsTogether() throws Exception {
        try (ChildServer server = new ChildServer(directory, "", "-Xmx64m");
                RespClient client = new RespClient(server.port())) {
            assertEquals("+OK\r\n", client.call("SET", "k", "x".repeat(30_000)));
            long before = server.statusKib("VmRSS");
            byte[] requests = "GET k\r\n".repeat(2_000).getBytes(ISO_8859_1);
            for (int i = 0; i < 300; i++) {
                SocketChannel channel = connect(server.port());
                channel.configureBlocking(false);
                channel.write(ByteBuffer.wrap(requests));
            }
            for (int i = 0; i < 50; i++) {
                String reply = client.call("GET", "k");
                assertTrue(reply.startsWith("$30000\r\n"), reply.substring(0, Math.min(100, reply.length())));
            }
            long held = clientMemory(client);
            long grown = (server.statusKib("VmHWM") - before) / 1024;
            System.out.println("300 deaf clients: " + held / MIB + " MiB held, memory grown by " + grown + " MiB");
            assertTrue(held <= 48L * MIB, "held: " + held);
            assertTrue(grown < 100, grown + " MiB");
            long spent = Long.MAX_VALUE;
            for (int round = 0; round < 20 && spent >= 100; round++) { // first it executes what they have sent
                long ticks = server.processorTicks();
                for (int i = 0; i < 200; i++) {
                    assertEquals("+PONG\r\n", client.call("PING"));
                }
                spent = server.processorTicks() - ticks;
            }
            assertTrue(spent < 100, "the loop is busy with those who do not read");
        } finally {
            disperse();
        }
    }
}
