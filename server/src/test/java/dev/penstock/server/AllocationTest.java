package dev.penstock.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In steady state the event loop leaves next to nothing for the garbage collector. */
class AllocationTest {

    /** The store wraps the value's buffer in a memory segment, which the compiler does not always do away with. */
    private static final int MOST_OF_SET = 80;

    private static final int PIPELINE = 100;
    private static final int MEASUREMENTS = 10;
    private static final int ROUNDS = 500;

    @TempDir
    Path directory;

    @Test
    void aRequestAllocatesNextToNothing() throws IOException {
        // A separate JVM: what other tests taught this one's compiler would show in the figures.
        try (ChildServer server = new ChildServer(directory, "", "-Xmx64m", "-XX:+UseSerialGC");
                RespClient client = new RespClient(server.port())) {
            client.call("SET", "key:000000000001", "x".repeat(100));
            double get = bytesPerRequest(server, client, 108, "GET", "key:000000000001");
            double set = bytesPerRequest(server, client, 5, "SET", "key:000000000001", "x".repeat(100));
            double ping = bytesPerRequest(server, client, 7, "PING");
            double expiring = bytesPerRequest(
                    server, client, 5, "SET", "key:000000000001", "x".repeat(100), "PX", "1000000", "XX");
            String figures = "bytes a request: GET %.1f, SET %.1f, SET PX XX %.1f, PING %.1f"
                    .formatted(get, set, expiring, ping);
            System.out.println(figures);
            assertTrue(get <= 32 && set <= MOST_OF_SET && ping <= 32, figures);
        }
    }

    private static double bytesPerRequest(ChildServer server, RespClient client, int replyLength, String... words)
            throws IOException {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        for (int i = 0; i < PIPELINE; i++) {
            pipeline.writeBytes(RespClient.encoded(words));
        }
        byte[] requests = pipeline.toString(ISO_8859_1).getBytes(ISO_8859_1);
        double least = Double.MAX_VALUE;
        for (int i = 0; i < MEASUREMENTS && least > 1; i++) { // the first ones see code that is not compiled yet
            long before = server.allocatedByLoop();
            rounds(client, requests, replyLength);
            least = Math.min(least, (server.allocatedByLoop() - before) / (double) (ROUNDS * PIPELINE));
        }
        return least;
    }

    private static void rounds(RespClient client, byte[] requests, int replyLength) throws IOException {
        byte[] replies = new byte[PIPELINE * replyLength];
        for (int i = 0; i < ROUNDS; i++) {
            client.out().write(requests);
            client.in().readFully(replies);
        }
    }
}
