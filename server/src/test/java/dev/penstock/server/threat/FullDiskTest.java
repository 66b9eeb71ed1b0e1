package dev.penstock.server.threat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.http.HttpTestClient;
import dev.penstock.server.http.HttpTestClient.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of a server whose file system, a tmpfs, is really full. Skipped where none can be mounted. */
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskTest {

    private static final String FULL = "-OOM no space left for the write: the server's file system is full";
    private static final int MIB = 1 << 20;

    @TempDir
    Path temporary;

    private Path root;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        root = Files.createDirectory(temporary.resolve("small"));
        String problem = run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", root.toString());
        Assumptions.assumeTrue(problem.isEmpty(), () -> "no small file system to fill: " + problem);
        mounted = true;
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertEquals("", run("umount", root.toString()));
        }
    }

    /** Empty if all went well. */
    private static String run(String... command) throws Exception {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
            return process.waitFor() == 0 ? "" : String.join(" ", command) + ": " + output;
        } catch (IOException notThere) {
            return notThere.getMessage();
        }
    }

    @Test
    void whatAddsIsRefusedAndAllElseGoesOn() throws Exception {
        String value = "v".repeat(100_000);
        try (TestServer server = new TestServer(root.resolve("store"));
                RespClient client = server.client()) {
            int count = 0;
            String reply = client.call("SET", "k" + count, value);
            while (reply.equals("+OK\r\n")) {
                count++;
                reply = client.call("SET", "k" + count, value);
            }
            assertTrue(reply.startsWith(FULL), reply);
            assertTrue(count > 300, count + " stored");
            assertTrue(client.call("APPEND", "k0", value).startsWith(FULL));
            assertTrue(client.call("MSET", "a", value, "b", value).startsWith(FULL));
            assertTrue(client.call("SETRANGE", "k0", "5", value).startsWith(FULL));
            assertEquals("$" + value.length() + "\r\n" + value + "\r\n", client.call("GET", "k0"));
            assertEquals(":1\r\n", client.call("DEL", "k0"));
            assertEquals(":" + (count - 1) + "\r\n", client.call("DBSIZE"));
            for (int number = 1; number < count / 2; number++) {
                assertEquals(":1\r\n", client.call("DEL", "k" + number));
            }
            assertTrue(client.call("BGREWRITEAOF").startsWith("+"));
            TestServer.await(
                    "there is room again", () -> client.call("SET", "k0", value).equals("+OK\r\n"));
            assertEquals("$" + value.length() + "\r\n" + value + "\r\n", client.call("GET", "k" + (count - 1)));
            assertEquals("+OK\r\n", client.call("FLUSHALL"));
            assertEquals(":0\r\n", client.call("DBSIZE"));
        }
    }

    @Test
    void aStreamedValueThatDoesNotFitIsRefusedAndLeavesNothing() throws Exception {
        Path directory = root.resolve("store");
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            set(client, "k", 10 * MIB);
            assertEquals("+OK", client.line());
            set(client, "k", 80 * MIB);
            String reply = client.line();
            assertTrue(reply.startsWith(FULL), reply);
            assertEquals(":" + 10 * MIB + "\r\n", client.call("STRLEN", "k"));
            assertEquals(1, largeValueCount(directory));
            Path other = Files.write(root.resolve("other"), new byte[30 * MIB]);
            set(client, "k", 12 * MIB);
            assertEquals("+OK", client.line(), "the connection is in step, and what fits is taken");
            TestServer.await("the old value is gone", () -> largeValueCount(directory) == 1);
            set(client, "more", 20 * MIB);
            assertTrue(client.line().startsWith(FULL));
            Files.delete(other);
            set(client, "more", 20 * MIB);
            assertEquals("+OK", client.line(), "room that others made");
        }
    }

    @Test
    void anUploadByHttpThatDoesNotFitIsRefusedAndLeavesNothing() throws Exception {
        Path directory = root.resolve("store");
        try (TestServer server =
                new TestServer(directory, ServerOptions.defaults().withHttpPort(0))) {
            int port = server.server().httpPort().orElseThrow();
            try (HttpTestClient client = new HttpTestClient(port)) {
                assertEquals(201, client.send("PUT", "/k", new byte[10 * MIB]).status());
                client.write("PUT /k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: " + 80 * MIB
                        + "\r\n\r\n");
                Response refused = client.response();
                assertEquals(507, refused.status(), "before the body is sent");
                assertEquals("application/problem+json", refused.field("content-type"));
            }
            TestServer.await("the new value is gone", () -> largeValueCount(directory) == 1);
            try (HttpTestClient client = new HttpTestClient(port)) {
                client.write("PUT /k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
                assertThrows(IOException.class, () -> writeForEver(client), "the connection ends");
            }
            TestServer.await("the new value is gone", () -> largeValueCount(directory) == 1);
            try (HttpTestClient client = new HttpTestClient(port)) {
                assertEquals(10 * MIB, client.send("GET", "/k").body().length);
                assertEquals(204, client.send("PUT", "/k", new byte[12 * MIB]).status(), "what fits is taken");
            }
        }
    }

    /** Its bytes gather in memory at first. The room for their file is what is missing. */
    @Test
    void aChunkedUploadForWhoseFileThereIsNoRoomIsToldSo() throws Exception {
        Path directory = root.resolve("store");
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withHttpPort(0));
                HttpTestClient client =
                        new HttpTestClient(server.server().httpPort().orElseThrow())) {
            assertEquals(201, client.send("PUT", "/k", new byte[10]).status());
            fillUpTo(MIB / 2);
            int length = MIB + MIB / 4;
            client.write("PUT /k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(length) + "\r\n");
            client.write(new byte[length]);
            client.write("\r\n0\r\n\r\n");
            assertEquals(507, client.response().status());
        }
        assertEquals(0, largeValueCount(directory));
    }

    /** A file of someone else that leaves so much room. */
    private void fillUpTo(int roomLeft) throws IOException {
        byte[] piece = new byte[64 << 10];
        try (FileChannel other = FileChannel.open(root.resolve("other"), CREATE_NEW, WRITE)) {
            try {
                while (true) {
                    other.write(ByteBuffer.wrap(piece));
                }
            } catch (IOException full) {
                other.truncate(other.size() - roomLeft);
            }
        }
    }

    private static void writeForEver(HttpTestClient client) throws IOException {
        byte[] piece = new byte[MIB];
        while (true) {
            client.write(Integer.toHexString(MIB) + "\r\n");
            client.write(piece);
            client.write("\r\n");
        }
    }

    private static long largeValueCount(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }

    private static void set(RespClient client, String key, int length) throws IOException {
        client.sendRaw("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + length + "\r\n");
        byte[] piece = new byte[MIB];
        for (int sent = 0; sent < length; sent += piece.length) {
            client.out().write(piece);
        }
        client.sendRaw("\r\n");
    }
}
