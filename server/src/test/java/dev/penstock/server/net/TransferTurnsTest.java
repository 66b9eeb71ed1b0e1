package dev.penstock.server.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.server.LogLines;
import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small requests beside transfers. The test holds the event loop at the beginning of each turn, when it has asked for
 * sockets that are ready and has not looked at any. The clients use Unix sockets: what one side writes is there when
 * the write returns.
 */
class TransferTurnsTest {

    private static final int DOWNLOADS = 4;
    private static final int VALUE_LENGTH = 16 << 20;

    /** Enough for every download to fill its socket. */
    private static final int SETTLING_TURNS = 4 * DOWNLOADS;

    @TempDir
    Path directory;

    /** The clock, which the event loop reads once per turn. */
    private static final class Gate implements NanoClock {

        private final Semaphore reached = new Semaphore(0);
        private final Semaphore opened = new Semaphore(0);
        private volatile boolean holding;

        @Override
        public long nanoTime() {
            if (holding && Thread.currentThread().getName().startsWith("penstock-loop")) {
                reached.release();
                opened.acquireUninterruptibly();
            }
            return SystemNanoClock.INSTANCE.nanoTime();
        }
    }

    /** A client that does not wait for what it reads. */
    private final class Client implements AutoCloseable {

        private final SocketChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        private long received;

        Client() throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            channel.configureBlocking(false);
        }

        void send(String... words) throws IOException {
            ByteBuffer request = ByteBuffer.wrap(RespClient.encoded(words));
            channel.write(request);
            assertEquals(0, request.remaining());
        }

        /** Reads what has arrived; returns it as text. */
        String read() throws IOException {
            StringBuilder text = new StringBuilder();
            while (channel.read(buffer.clear()) > 0) {
                received += buffer.flip().remaining();
                text.append(ISO_8859_1.decode(buffer));
            }
            return text.toString();
        }

        /** Reads what has arrived; returns how many bytes that is. */
        long drain() throws IOException {
            long before = received;
            while (channel.read(buffer.clear()) > 0) {
                received += buffer.position();
            }
            return received - before;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private final Gate gate = new Gate();
    private final List<Client> downloads = new ArrayList<>();
    private Path socket;
    private TestServer server;
    private Client small;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Integer.getInteger("penstock.test.loops", 1) == 1, "the test holds one loop, which has all clients");
        socket = directory.resolve("door");
        server = new TestServer(
                directory.resolve("store"),
                ServerOptions.defaults().withUnixSocket(socket).withEventLoops(1),
                gate);
        server.store().put("large".getBytes(ISO_8859_1), new byte[VALUE_LENGTH]);
        small = new Client();
    }

    @AfterEach
    void stop() throws IOException {
        if (small == null) {
            return;
        }
        gate.holding = false;
        gate.opened.release(1);
        for (Client download : downloads) {
            download.close();
        }
        small.close();
        server.close();
    }

    /** Holds the loop from its next turn on, once the given number of clients are connected. */
    private void hold(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            downloads.add(new Client());
        }
        for (Client client : downloads) {
            client.send("PING");
            TestServer.await("it is connected", () -> client.drain() > 0);
        }
        gate.holding = true;
        server.wake();
        gate.reached.acquire();
    }

    /** Has the loop end its turn and begin another one. */
    private void turn() throws InterruptedException {
        server.wake();
        gate.opened.release();
        gate.reached.acquire();
    }

    private void fillSockets() throws InterruptedException {
        for (int i = 0; i < SETTLING_TURNS; i++) {
            turn();
        }
    }

    private long drainDownloads() throws IOException {
        long sum = 0;
        for (Client download : downloads) {
            sum += download.drain();
        }
        return sum;
    }

    /** What the server has sent of values from their files, when it answers. */
    private static long sentBytes(String info) {
        return Long.parseLong(info.replaceFirst("(?s).*transfer_sendfile_bytes_out:(\\d+).*", "$1"));
    }

    @Test
    void requestsAreAnsweredBeforeTransfersThatAreReadyWithThem() throws Exception {
        hold(DOWNLOADS);
        for (Client download : downloads) {
            download.send("GET", "large");
        }
        small.send("INFO", "penstock");
        turn(); // had begun before
        turn();
        assertEquals(0, sentBytes(small.read()), "long replies to requests of the same turn wait");
        fillSockets();
        long sent = drainDownloads();
        assertTrue(sent > 0);
        for (int round = 0; round < 3; round++) {
            small.send("INFO", "penstock");
            turn();
            assertEquals(0, drainDownloads());
            turn();
            assertEquals(sent, sentBytes(small.read()), "all downloads were ready");
            fillSockets();
            long more = drainDownloads();
            assertTrue(more > 0);
            sent += more;
        }
    }

    @Test
    void aTransferGetsOnUnderAFloodOfRequests() throws Exception {
        hold(1);
        downloads.getFirst().send("GET", "large");
        turn();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 2; i++) { // in one of them the socket may be full
                small.send("PING");
                turn();
            }
            assertTrue(drainDownloads() > 0, "round " + round);
            assertTrue(small.drain() > 0);
        }
    }

    @Test
    void aClientThatIsKilledBeforeItsTurnToSendEndsAlone() throws Exception {
        try (LogLines log = new LogLines()) {
            hold(2);
            for (Client download : downloads) {
                download.send("GET", "large");
            }
            fillSockets();
            drainDownloads();
            small.send("CLIENT", "KILL", "SKIPME", "yes");
            turn();
            turn();
            assertEquals(":2\r\n", small.read());
            fillSockets();
            small.send("CLIENT", "LIST");
            fillSockets();
            assertEquals(1, small.read().split("addr=", -1).length / 2);
            assertEquals(List.of(), log.with("closed the connection"));
            assertEquals(List.of(), log.with("failed"));
        }
    }
}
