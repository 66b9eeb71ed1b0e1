package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
