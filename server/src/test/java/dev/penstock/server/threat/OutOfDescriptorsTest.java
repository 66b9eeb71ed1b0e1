package dev.penstock.server.threat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that has no file descriptors left, or few: it neither spins nor is silent, and nobody is locked out. */
class OutOfDescriptorsTest {

    private static final int PATIENCE_MILLIS = 3000;
    private static final String METRICS = "-Dpenstock.test.metrics";

    /** A ping or a page takes less than a tick of 10 ms; a loop that spins takes 100 a second. */
    private static final int TICKS_OF_A_SECOND = 20;

    @TempDir
    Path directory;

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(
                new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), PATIENCE_MILLIS);
        return socket;
    }

    private static String metrics(int port) throws IOException {
        try (Socket socket = connect(port)) {
            return metrics(socket);
        }
    }

    private static String metrics(Socket socket) throws IOException {
        socket.getOutputStream().write("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** The status port has a share of the descriptors that it does not exceed, and whoever says nothing makes space. */
    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HTTP/1.1\r\nX: "})
    void connectionsThatDoNotFinishARequestKeepNobodyFromTheStatusPort(String beginning) throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (ChildServer server = new ChildServer(directory, "ulimit -n 160; ", "-Xmx32m", METRICS);
                RespClient client = new RespClient(server.port())) {
            for (int i = 0; i < 300; i++) {
                Socket socket = connect(server.metricsPort());
                silent.add(socket);
                socket.getOutputStream().write(beginning.getBytes(ISO_8859_1));
            }
            assertTrue(metrics(server.metricsPort()).contains("penstock_keys 0"));
            assertEquals("+OK\r\n", client.call("SET", "k", "x".repeat(2 << 20)));
            try (RespClient late = new RespClient(server.port())) {
                assertEquals("+PONG\r\n", late.call("PING"));
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void dataPortThatCannotAcceptWaitsAndSaysSo() throws Exception {
        try (ChildServer server = new ChildServer(directory, "ulimit -n 200; ", "-Xmx32m", METRICS);
                RespClient client = new RespClient(server.port())) {
            assertEquals("+PONG\r\n", client.call("PING"));
            assertTrue(server.takeDescriptors() > 0);
            try (RespClient waiting = new RespClient(connect(server.port()))) {
                waiting.send("PING");
                staysCalm(server, "cannot accept connections for now: Too many open files");
                assertEquals("+PONG\r\n", client.call("PING"));
                server.freeDescriptors();
                assertEquals("+PONG\r\n", waiting.reply());
            }
        }
    }

    @Test
    void statusPortThatCannotAcceptWaitsAndSaysSo() throws Exception {
        try (ChildServer server = new ChildServer(directory, "ulimit -n 200; ", "-Xmx32m", METRICS);
                RespClient client = new RespClient(server.port())) {
            assertEquals("+PONG\r\n", client.call("PING"));
            assertTrue(server.takeDescriptors() > 0);
            try (Socket waiting = connect(server.metricsPort())) {
                staysCalm(server, "cannot accept connections to the status port for now: Too many open files");
                assertEquals("+PONG\r\n", client.call("PING"));
                server.freeDescriptors();
                assertTrue(metrics(waiting).contains("penstock_keys 0"));
            }
        }
    }

    private static void staysCalm(ChildServer server, String line) throws Exception {
        TestServer.await("it is logged", () -> !server.logged(line).isEmpty());
        long before = server.processorTicks();
        Thread.sleep(1000); // what is measured, not a wait for something
        long ticks = server.processorTicks() - before;
        assertTrue(ticks < TICKS_OF_A_SECOND, ticks + " ticks of 10 ms in a second");
        int lines = server.logged(line).size();
        assertTrue(lines <= 6, lines + " lines");
    }
}
