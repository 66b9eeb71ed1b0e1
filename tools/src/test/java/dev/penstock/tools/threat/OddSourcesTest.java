package dev.penstock.tools.threat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.text.KeyText;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources whose length nobody knows, and values that do not fit the heap. */
class OddSourcesTest {

    /** The JVM takes it even after an option of the command line, which says 256m. */
    private static final Map<String, String> SMALL_HEAP = Map.of("_JAVA_OPTIONS", "-Xmx16m -XX:+UseSerialGC");

    private static final int LARGER_THAN_HEAP = 40 << 20;

    /** No power of two, and no divisor of the length of anything. */
    private static final int BLOCK_LENGTH = 1_000_003;

    private static final Duration PATIENCE = Duration.ofMinutes(40);

    @TempDir
    Path folder;

    private Path store() {
        return folder.resolve("store");
    }

    /** The system says that it is empty. */
    @Test
    void aFileOfTheKernelIsStoredUpToItsEnd() throws Exception {
        Path version = Path.of("/proc/version");
        assertEquals(0, Files.size(version));
        Cli.run("put", store(), "version", "--file", version).exits(0);
        assertArrayEquals(
                Files.readAllBytes(version),
                Cli.run("get", store(), "version").exits(0).output().bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100_000, (1 << 20) + 1, 5 << 20})
    void aPipeWithANameIsStoredUpToItsEnd(int length) throws Exception {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Thread writer = Thread.ofVirtual().start(() -> {
            try (OutputStream out = Files.newOutputStream(pipe)) {
                out.write(value);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        Cli.run("put", store(), "key", "--file", pipe).exits(0);
        writer.join();
        assertArrayEquals(
                value, Cli.run("get", store(), "key").exits(0).output().bytes());
    }

    @Test
    void standardInputMayBeGivenAsAFile() throws Exception {
        try (Child put = Child.start("put", store(), "key", "--file", "/dev/stdin")) {
            try (OutputStream in = put.input()) {
                in.write("from the pipe".getBytes(UTF_8));
            }
            assertEquals(0, put.await(), put.errors());
        }
        assertEquals("from the pipe", Cli.run("get", store(), "key").exits(0).out());
    }

    @Test
    void aFolderIsRefusedAndStoresNothing() {
        Cli.Result put = Cli.run("put", store(), "key", "--file", folder).exits(ExitCode.IO);
        assertTrue(put.complaint().endsWith(": is a directory"), put.err());
        assertFalse(Files.exists(store()));
    }

    /** Out as JSON and as escaped text, and in again, with the value before the key and behind it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aValueLargerThanTheHeapGoesOutAndIn(boolean isText) throws Exception {
        byte[] value = new byte[LARGER_THAN_HEAP];
        new Random(1).nextBytes(value);
        for (int i = 0; isText && i < value.length; i++) {
            value[i] = (byte) ('a' + (value[i] & 15));
        }
        long expiry = System.currentTimeMillis() + 1_000_000;
        try (Store open = Store.open(store())) {
            open.put("key".getBytes(UTF_8), value, WriteOptions.defaults().expiresAt(Instant.ofEpochMilli(expiry)));
        }
        Path dump = folder.resolve("dump.jsonl");
        assertEquals(0, child(dump, "scan", store(), "--json", "--values"));
        if (isText) {
            // By hand, the value first and as text: what scan writes is base64.
            Files.writeString(
                    dump,
                    "{\"value\":\"" + new String(value, UTF_8) + "\",\"key\":\"key\",\"expires\":" + expiry + "}\n");
        }
        Path copy = folder.resolve("copy");
        assertEquals(0, child(folder.resolve("out"), "load", copy, dump));
        try (Store open = Store.open(copy)) {
            assertArrayEquals(value, open.getBytes("key".getBytes(UTF_8)));
            assertEquals(Instant.ofEpochMilli(expiry), open.expiryOf("key".getBytes(UTF_8)));
        }
        Path text = folder.resolve("text");
        assertEquals(0, child(text, "scan", copy, "--values"));
        assertEquals("key\t" + KeyText.escape(value) + "\n", Files.readString(text));
    }

    /** A nightly run makes the value longer than an array can be: -Dpenstock.largeValue=2300000000. */
    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "jsonl.gz", "jsonl.zst", "csv", "rdb"})
    @Timeout(7200)
    void aValueLargerThanTheHeapGoesThroughAFile(String extension) throws Exception {
        long length = Long.getLong("penstock.largeValue", LARGER_THAN_HEAP);
        long left = Files.getFileStore(folder).getUsableSpace();
        assumeTrue(left > 5 * length, "skipped: only " + (left >> 30) + " GiB of disk are left");
        byte[] key = "key".getBytes(UTF_8);
        try (Store open = Store.open(store());
                ValueWriter value = open.putStream(key, length)) {
            for (long offset = 0; offset < length; offset += BLOCK_LENGTH) {
                value.write(block(offset, length));
            }
            value.commit();
        }
        Path file = folder.resolve("entries." + extension);
        assertEquals(0, child(folder.resolve("exported"), "export", store(), file));
        Path copy = folder.resolve("copy");
        assertEquals(0, child(folder.resolve("imported"), "import", copy, file));
        try (Store open = Store.open(copy);
                ValueView value = new ValueView()) {
            assertTrue(open.get(key, value));
            assertEquals(length, value.length());
            for (long offset = 0; offset < length; offset += BLOCK_LENGTH) {
                ByteBuffer expected = block(offset, length);
                ByteBuffer found = ByteBuffer.allocate(expected.capacity());
                value.copyTo(offset, found);
                assertEquals(expected, found.flip(), "at " + offset);
            }
        }
    }

    /** A part of the large value, of its own for each offset. */
    private static ByteBuffer block(long offset, long length) {
        byte[] block = new byte[(int) Math.min(BLOCK_LENGTH, length - offset)];
        new Random(offset).nextBytes(block);
        return ByteBuffer.wrap(block);
    }

    private static int child(Path output, Object... arguments) throws Exception {
        try (Child child = Child.start(SMALL_HEAP, output, arguments)) {
            int exitCode = child.await(PATIENCE);
            assertEquals(1, child.errors().lines().count(), child.errors());
            return exitCode;
        }
    }
}
