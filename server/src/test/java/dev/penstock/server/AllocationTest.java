package dev.penstock.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In steady state the event loop leaves next to nothing for the garbage collector. */
class AllocationTest {

    private static final int PIPELINE = 100;
    private static final int WARM_UP_ROUNDS = 3_000;
    private static final int ROUNDS = 3_000;

    @TempDir
    Path directory;

    @Test
    void aRequestAllocatesNextToNothing() throws IOException {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            client.call("SET", "key:000000000001", "x".repeat(100));
            double get = bytesPerRequest(client, 108, "GET", "key:000000000001");
            double set = bytesPerRequest(client, 5, "SET", "key:000000000001", "x".repeat(100));
            double ping = bytesPerRequest(client, 7, "PING");
            String figures = "bytes a request: GET %.1f, SET %.1f, PING %.1f".formatted(get, set, ping);
            System.out.println(figures);
            assertTrue(get <= 32 && set <= 32 && ping <= 32, figures);
        }
    }

    private static double bytesPerRequest(RespClient client, int replyLength, String... words) throws IOException {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        for (int i = 0; i < PIPELINE; i++) {
            pipeline.writeBytes(RespClient.encoded(words));
        }
        byte[] requests = pipeline.toString(ISO_8859_1).getBytes(ISO_8859_1);
        rounds(client, requests, replyLength, WARM_UP_ROUNDS);
        long before = allocatedByLoop();
        rounds(client, requests, replyLength, ROUNDS);
        return (allocatedByLoop() - before) / (double) (ROUNDS * PIPELINE);
    }

    private static void rounds(RespClient client, byte[] requests, int replyLength, int count) throws IOException {
        byte[] replies = new byte[PIPELINE * replyLength];
        for (int i = 0; i < count; i++) {
            client.out().write(requests);
            client.in().readFully(replies);
        }
    }

    private static long allocatedByLoop() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            if (threads.getThreadInfo(id).getThreadName().equals("penstock-loop")) {
                return threads.getThreadAllocatedBytes(id);
            }
        }
        throw new AssertionError("no event loop");
    }
}
