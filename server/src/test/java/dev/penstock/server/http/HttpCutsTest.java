package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However requests are cut up on their way, the responses are those to the same bytes in one piece. */
class HttpCutsTest {

    /** Between cuts: together the runs cut at each byte. */
    private static final int DISTANCE = 40;

    private static final int SEEDS = 60;

    private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";

    private static final String CHUNKED = HOST + "Transfer-Encoding: chunked\r\n\r\n";

    /** Of each kind one, and at the end one that is malformed. */
    private static final byte[] REQUESTS = String.join(
                    "",
                    "\r\nPUT /a%20b" + HOST + "Content-Length: 12\r\n\r\n\r\n\r\nGET / \r\n\r\n",
                    "GET /a%20b" + HOST + "X: " + "y".repeat(40) + "\r\n\r\n",
                    "PUT /c" + CHUNKED + "3\r\nabc\r\n1a;x=\"y\"\r\n" + "\r\n".repeat(13)
                            + "\r\n0\r\nT: u\r\nV: w\r\n\r\n",
                    "HEAD /c" + HOST + "\r\n",
                    "GET /c" + HOST + "Range: bytes=1-4,20-\r\n\r\n",
                    "PUT /d?ttl=1000" + CHUNKED + "0\r\n\r\n",
                    "PUT /" + HOST + "Content-Length: 3\r\n\r\nabc",
                    "PUT /c" + HOST + "If-None-Match: *\r\nContent-Length: 5\r\n\r\nGET /",
                    "PUT /e" + HOST + "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
                    "GET /?list&limit=2" + HOST + "\r\n",
                    "GET http://localhost/c" + HOST + "If-None-Match: \"x\"\r\n\r\n\r\n",
                    "POST /c" + HOST + "\r\n",
                    "DELETE /c" + HOST + "\r\n",
                    "OPTIONS *" + HOST + "\r\n",
                    "GET /c" + HOST + "\r\n",
                    "PUT /f" + CHUNKED + "2\r\nhi\r\nx\r\n\r\nGET /c" + HOST + "\r\n")
            .getBytes(ISO_8859_1);

    @TempDir
    Path directory;

    private Store store;
    private HttpDriver driver;

    @BeforeEach
    void open() {
        store = Store.open(directory);
        driver = new HttpDriver(store);
    }

    @AfterEach
    void close() {
        driver.close();
        store.close();
    }

    /** @param cuts offsets in ascending order; the last is the end */
    private String responses(int... cuts) throws IOException {
        for (String key : new String[] {"a b", "c", "d", "e", "f"}) {
            store.remove(key.getBytes(ISO_8859_1));
        }
        driver.reconnect();
        int from = 0;
        for (int cut : cuts) {
            driver.arrive(Arrays.copyOfRange(REQUESTS, from, cut));
            driver.serve();
            from = cut;
            if (driver.isClosing()) {
                break;
            }
        }
        return HttpResponses.normalized(driver.responses());
    }

    /** Cuts at equal distances, and the end. */
    private static int[] cuts(int first, int distance) {
        return IntStream.concat(
                        IntStream.iterate(first, cut -> cut < REQUESTS.length, cut -> cut + distance),
                        IntStream.of(REQUESTS.length))
                .toArray();
    }

    @Test
    void theResponsesDoNotDependOnTheCuts() throws IOException {
        int end = REQUESTS.length;
        String expected = responses(end);
        assertEquals(17, expected.split("HTTP/1\\.1 ", -1).length, expected);
        assertTrue(expected.contains("400 Bad Request"), expected);
        for (int first = 1; first <= DISTANCE; first++) {
            assertEquals(expected, responses(cuts(first, DISTANCE)), "cut at " + first + " and so on");
        }
        assertEquals(expected, responses(cuts(1, 1)), "cut everywhere");
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int[] cuts = random.ints(1 + random.nextInt(60), 1, end + 1)
                    .sorted()
                    .distinct()
                    .toArray();
            cuts[cuts.length - 1] = end;
            assertEquals(expected, responses(cuts), "seed " + seed);
        }
    }
}
