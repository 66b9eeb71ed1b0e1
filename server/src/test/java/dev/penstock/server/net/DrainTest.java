package dev.penstock.server.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import dev.penstock.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM in the middle of everything: what was acknowledged is there, and no reply ends half-way. */
class DrainTest {

    private static final int WRITERS = 4;
    private static final int PIPELINE = 200;
    private static final int LARGE = 300_000;
    private static final int SIGTERMED = 143;

    @TempDir
    Path directory;

    /** Bytes of the answers of each writer. */
    private final AtomicIntegerArray answered = new AtomicIntegerArray(WRITERS);

    @Test
    void sigtermUnderLoadLosesNoAcknowledgedWriteAndCutsNoReply() throws Exception {
        List<Future<Integer>> writers = new ArrayList<>();
        Future<Integer> reader;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                ChildServer server = new ChildServer(directory, "", "-Xmx64m")) {
            try (RespClient client = new RespClient(server.port())) {
                assertEquals("+OK\r\n", client.call("SET", "large", "x".repeat(LARGE)));
            }
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                writers.add(clients.submit(() -> write(server.port(), writer)));
            }
            reader = clients.submit(() -> read(server.port()));
            TestServer.await("much is under way", this::isMuchAnswered);
            server.terminate();
            assertEquals(SIGTERMED, server.await());
        }
        assertTrue(reader.get() > 0, "the reader got nothing");
        try (Store store = Store.open(directory)) {
            for (int i = 0; i < WRITERS; i++) {
                int acknowledged = writers.get(i).get();
                assertTrue(acknowledged > 0, "writer " + i + " wrote nothing");
                for (int j = 0; j < acknowledged; j++) {
                    byte[] key = (i + ":" + j).getBytes(ISO_8859_1);
                    assertArrayEquals(key, store.getBytes(key), "an acknowledged write is lost");
                }
            }
        }
    }

    /** Every writer got an answer, and all of them got many. */
    private boolean isMuchAnswered() {
        return IntStream.range(0, WRITERS).allMatch(writer -> answered.get(writer) > 0)
                && IntStream.range(0, WRITERS).map(answered::get).sum() > 100_000;
    }

    /** Pipelines writes until the server is gone; sends and reads at once, as many clients do. Returns the replies. */
    private int write(int port, int writer) throws Exception {
        try (RespClient client = new RespClient(port)) {
            Thread sender = Thread.ofVirtual().start(() -> send(client, writer + ":"));
            ByteArrayOutputStream replies = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            for (int read = client.in().read(buffer);
                    read >= 0;
                    read = client.in().read(buffer)) {
                replies.write(buffer, 0, read);
                answered.addAndGet(writer, read);
            }
            client.socket().close();
            sender.join();
            String received = replies.toString(ISO_8859_1);
            assertEquals(received, "+OK\r\n".repeat(received.length() / 5), "a reply is cut or wrong");
            return received.length() / 5;
        }
    }

    private static void send(RespClient client, String prefix) {
        try {
            for (int next = 0; ; ) {
                ByteArrayOutputStream requests = new ByteArrayOutputStream();
                for (int end = next + PIPELINE; next < end; next++) {
                    requests.writeBytes(RespClient.encoded("SET", prefix + next, prefix + next));
                }
                client.out().write(requests.toByteArray());
            }
        } catch (IOException ended) {
            // the server has stopped
        }
    }

    /** Reads a large value again and again until the server is gone; the last one must be whole, too. */
    private static int read(int port) throws IOException {
        int frame = ("$" + LARGE + "\r\n").length() + LARGE + 2;
        try (RespClient client = new RespClient(port)) {
            long total = 0;
            byte[] buffer = new byte[65_536];
            long asked = 0;
            while (true) {
                if (total == asked * frame) {
                    try {
                        client.send("GET", "large");
                    } catch (IOException ended) {
                        return (int) asked; // at the end of a reply
                    }
                    asked++;
                }
                int read = client.in().read(buffer);
                if (read < 0) {
                    assertEquals(0, total % frame, "a reply is cut");
                    return (int) (total / frame);
                }
                total += read;
            }
        }
    }
}
