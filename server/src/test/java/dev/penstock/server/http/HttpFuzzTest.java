package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.TestServer;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a client sends, the server answers with whole responses, goes on or ends, and holds nothing afterwards; and
 * it does the same however the bytes are cut up. {@code -Dpenstock.seed} repeats a stream, and
 * {@code -Dpenstock.httpStreams} sets how many there are.
 */
class HttpFuzzTest {

    private static final int STREAMS = Integer.getInteger("penstock.httpStreams", 400);
    private static final int REQUESTS = 6;
    private static final int LONGEST_CUT_EVERYWHERE = 20_000;
    private static final byte[] CANARY = "canary".getBytes(ISO_8859_1);
    private static final String LAST = "GET /canary HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    Path directory;

    private Store store;
    private HttpDriver driver;

    @BeforeEach
    void open() {
        // Small segments make values of 64 KiB large, so that they have files of their own.
        store = Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20));
        driver = new HttpDriver(store);
    }

    @AfterEach
    void close() {
        driver.close();
        store.close();
    }

    /** What became of a stream. */
    private record Outcome(String responses, boolean isClosing, boolean isMidRequest, String content) {}

    /**
     * Sends a stream in parts.
     *
     * @param wire what becomes of each part on its way; the planted faults are here
     */
    private Outcome outcome(String stream, int[] cuts, UnaryOperator<String> wire) throws IOException {
        store.clear();
        store.put(CANARY, CANARY);
        driver.reconnect();
        int from = 0;
        for (int cut : cuts) {
            driver.arrive(wire.apply(stream.substring(from, cut)).getBytes(ISO_8859_1));
            driver.serve();
            from = cut;
            if (driver.isClosing()) {
                break;
            }
        }
        String responses = driver.responses();
        HttpResponses.statuses(responses);
        Outcome outcome =
                new Outcome(HttpResponses.normalized(responses), driver.isClosing(), driver.isMidRequest(), content());
        if (!driver.isClosing() && !driver.isMidRequest()) {
            driver.arrive(LAST.getBytes(ISO_8859_1));
            driver.serve();
            String last = driver.responses();
            assertTrue(last.startsWith("HTTP/1.1 "), "the connection goes on: " + last);
        }
        driver.reconnect();
        assertEquals(0, driver.bytesOnLoan(), "memory that is held for a client that left");
        return outcome;
    }

    private String content() {
        TreeMap<String, String> content = new TreeMap<>();
        long cursor = 0;
        do {
            cursor = store.scan(
                    cursor,
                    100,
                    (key, value) ->
                            content.put(new String(key, ISO_8859_1), new String(value.toByteArray(), ISO_8859_1)));
        } while (cursor != 0);
        return content.toString();
    }

    private long valueFiles() {
        String[] files = directory.toFile().list((folder, name) -> name.endsWith(".value"));
        return files == null ? 0 : files.length;
    }

    private void check(long seed, UnaryOperator<String> wire) {
        RequestStreams streams = new RequestStreams(seed);
        boolean isSound = seed % 4 == 0;
        String stream = isSound ? streams.sound(REQUESTS) : streams.mutated(streams.any(REQUESTS));
        try {
            Outcome whole = outcome(stream, new int[] {stream.length()}, UnaryOperator.identity());
            if (isSound) {
                assertEquals(false, whole.isClosing || whole.isMidRequest, "a sound stream is served to its end");
                assertEquals(REQUESTS, HttpResponses.statuses(whole.responses).size());
                assertTrue(whole.content.contains("canary=canary"), "a body was taken for a request");
            }
            for (int[] cuts :
                    new int[][] {streams.cuts(stream.length()), streams.cuts(stream.length()), many(stream)}) {
                assertEquals(whole, outcome(stream, cuts, wire), "cut at " + Arrays.toString(cuts));
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "-Dpenstock.seed=" + seed + " " + stream.substring(0, Math.min(4000, stream.length())), e);
        }
    }

    /** At each byte, unless the stream is a long one. */
    private static int[] many(String stream) {
        int distance = stream.length() > LONGEST_CUT_EVERYWHERE ? 4999 : 1;
        int[] cuts = new int[(stream.length() + distance - 1) / distance];
        Arrays.setAll(cuts, i -> Math.min(stream.length(), (i + 1) * distance));
        return cuts;
    }

    @Test
    void whateverIsSentIsAnsweredWholeAndAlikeHoweverItIsCut() throws Exception {
        Long repeated = Long.getLong("penstock.seed");
        long first = repeated == null ? new Random().nextLong() : repeated;
        System.out.println("HttpFuzzTest: -Dpenstock.seed=" + first);
        for (int i = 0; i < (repeated == null ? STREAMS : 1); i++) {
            check(first + i, UnaryOperator.identity());
        }
        store.clear();
        store.compact(ProgressListener.NONE);
        TestServer.await("no file is left of values that were not stored", () -> valueFiles() == 0);
    }

    /** The check would find faults: these are planted on the way of the bytes. */
    @Test
    void aFaultOnTheWayIsFound() {
        assertFound(part -> part.length() > 1 && part.startsWith("\n") ? part.substring(1) : part);
        assertFound(part -> part.endsWith("\r") ? part + "\n" : part);
        assertFound(part -> part.equals(" ") ? "" : part);
        assertFound(part -> part.contains("0\r\n\r\n") ? part + part : part);
    }

    private void assertFound(UnaryOperator<String> fault) {
        assertThrows(AssertionError.class, () -> {
            for (long seed = 0; seed < 200; seed++) {
                check(seed, fault);
            }
        });
    }
}
