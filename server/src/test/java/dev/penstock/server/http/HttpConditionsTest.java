package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Validators and conditions, as RFC 9110 has them, also where another writer or an expiry comes between. */
class HttpConditionsTest {

    private static final byte[] KEY = {'k'};
    private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
    private static final Pattern ETAG = Pattern.compile("\r\nETag: ([^\r]*)\r\n");
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
    private static final int LARGE = 2 << 20;

    @TempDir
    Path directory;

    private final AtomicInteger callsLeft = new AtomicInteger();
    private volatile Runnable between = () -> {};
    private volatile Instant now = NOON;
    private Store store;
    private HttpDriver driver;

    @BeforeEach
    void open() {
        InstantSource clock = () -> {
            if (callsLeft.decrementAndGet() == 0) {
                between.run();
            }
            return now;
        };
        store = Store.open(directory, StoreOptions.defaults().withClock(clock));
        driver = new HttpDriver(store);
    }

    @AfterEach
    void close() {
        driver.close();
        store.close();
    }

    private String answer(String... parts) throws IOException {
        for (String part : parts) {
            driver.arrive(part.getBytes(ISO_8859_1));
        }
        driver.serve();
        return driver.responses();
    }

    private static String tag(String response) {
        Matcher matcher = ETAG.matcher(response);
        assertTrue(matcher.find(), response);
        return matcher.group(1);
    }

    private static void assertStatus(int status, String response) {
        assertTrue(
                response.startsWith("HTTP/1.1 " + status + " "),
                response.substring(0, Math.min(300, response.length())));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 40_000, LARGE})
    void aPutAnswersTheTagOfWhatItStored(int length) throws IOException {
        String body = "x".repeat(length);
        String known = answer("PUT /k" + HOST + "Content-Length: " + length + "\r\n\r\n");
        for (int from = 0; from < length; from += 300_000) {
            known += answer(body.substring(from, Math.min(length, from + 300_000)));
        }
        assertStatus(201, known);
        assertEquals(tag(answer("HEAD /k" + HOST + "\r\n")), tag(known));

        String last = length == 0 ? "" : "\r\n";
        String chunk = length == 0 ? "" : Integer.toHexString(length) + "\r\n" + body;
        String inChunks = answer("PUT /k" + HOST + "Transfer-Encoding: chunked\r\n\r\n", chunk + last, "0\r\n\r\n");
        assertStatus(204, inChunks);
        assertFalse(tag(known).equals(tag(inChunks)), "another version");
        assertEquals(tag(answer("HEAD /k" + HOST + "\r\n")), tag(inChunks));
        assertStatus(
                204, answer("PUT /k" + HOST + "If-Match: " + tag(inChunks) + "\r\nContent-Length: 1\r\n\r\n", "y"));
    }

    @ParameterizedTest
    @CsvSource({
        "If-Match, Content-Length",
        "If-Match, chunked",
        "If-None-Match, Content-Length",
        "If-None-Match, chunked"
    })
    void aStreamedPutThatLosesARaceStoresNothing(String condition, String framing) throws IOException {
        boolean chunked = framing.equals("chunked");
        String expected = "*";
        if (condition.equals("If-Match")) {
            store.put(KEY, new byte[] {1});
            expected = tag(answer("HEAD /k" + HOST + "\r\n"));
        }
        String half = "x".repeat(LARGE / 2);
        String first = answer(
                "PUT /k" + HOST + condition + ": " + expected + "\r\n"
                        + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + LARGE) + "\r\n\r\n",
                (chunked ? Integer.toHexString(LARGE) + "\r\n" : "") + half);
        assertEquals("", first, "the condition holds as yet");
        store.put(KEY, new byte[] {2});
        assertStatus(412, answer(half) + (chunked ? answer("\r\n0\r\n\r\n") : ""));
        String next = answer("GET /k" + HOST + "\r\n");
        assertStatus(200, next);
        assertTrue(next.endsWith("\r\n\r\n\2"), "the value of the other writer");
        assertEquals(1, store.stats().keyCount());
        assertEquals(0, store.stats().largeValueCount());
    }

    @Test
    void aConditionOnAbsentValueCountsOnlyForAWrite() throws IOException {
        // Without the condition these are a 404, so the condition is ignored (RFC 9110, 13.2.1).
        for (String condition : new String[] {"If-Match: *", "If-Match: \"x\"", "If-None-Match: *"}) {
            for (String method : new String[] {"GET", "HEAD", "DELETE"}) {
                assertStatus(404, answer(method + " /k" + HOST + condition + "\r\n\r\n"));
            }
        }
        assertStatus(412, answer("PUT /k" + HOST + "If-Match: *\r\nContent-Length: 1\r\n\r\nx"));
        assertStatus(412, answer("PUT /k" + HOST + "If-Match: \"x\"\r\nContent-Length: 1\r\n\r\nx"));
        assertStatus(201, answer("PUT /k" + HOST + "If-None-Match: \"x\"\r\nContent-Length: 1\r\n\r\nx"));
    }

    @Test
    void onlyTheStrongTagOfTheValueAllowsARange() throws IOException {
        store.put(KEY, "0123456789".getBytes(ISO_8859_1));
        String tag = tag(answer("HEAD /k" + HOST + "\r\n"));
        String range = "GET /k" + HOST + "Range: bytes=1-2\r\n";
        assertStatus(206, answer(range + "If-Range: " + tag + "\r\n\r\n"));
        for (String other : new String[] {
            "W/" + tag, "\"x\"", "x", "", "*", tag + ", " + tag, tag.substring(1), "Mon, 01 Jun 2026 12:00:00 GMT"
        }) {
            String whole = answer(range + "If-Range: " + other + "\r\n\r\n");
            assertStatus(200, whole);
            assertTrue(whole.endsWith("\r\n\r\n0123456789"), whole);
        }
    }

    @Test
    void aRangeIsForGetAlone() throws IOException {
        store.put(KEY, "0123456789".getBytes(ISO_8859_1));
        for (String range : new String[] {"bytes=1-2", "bytes=1-2,5-6", "bytes=10-", "x"}) {
            String head = answer("HEAD /k" + HOST + "Range: " + range + "\r\n\r\n");
            assertStatus(200, head);
            assertTrue(head.contains("\r\nContent-Length: 10\r\n"), head);
            assertTrue(head.contains("\r\nAccept-Ranges: bytes\r\n"), head);
            assertTrue(head.endsWith("\r\n\r\n"), head);
        }
        assertStatus(201, answer("PUT /new" + HOST + "Range: bytes=0-0\r\nContent-Length: 3\r\n\r\nabc"));
        assertArrayEquals("abc".getBytes(ISO_8859_1), store.getBytes("new".getBytes(ISO_8859_1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /k|Range: bytes=0-0",
                "GET /k|Authorization: Basic eDp5",
                "GET /k|If-Range: \"x\"|Range: bytes=0-0",
                "PUT /k|Expect: 100-continue",
                "PUT /k|Content-Range: bytes 0-0/1",
                "PUT /k|Content-Encoding: identity"
            })
    void aFieldThatIsThereTwiceIsRefused(String request) throws IOException {
        store.put(KEY, "0123456789".getBytes(ISO_8859_1));
        String[] parts = request.split("\\|", -1);
        String more = parts.length > 2 ? parts[2] + "\r\n" : "";
        String answer =
                answer(parts[0] + HOST + parts[1] + "\r\n" + parts[1] + "\r\n" + more + "Content-Length: 0\r\n\r\n");
        assertStatus(400, answer);
        assertTrue(answer.contains("there twice"), answer);
    }

    @Test
    void aValueThatExpiresBetweenTwoPartsIsNotThere() throws IOException {
        int missing = 0;
        int sent = 0;
        for (int calls = 1; calls <= 30; calls++) {
            store.put(KEY, "0123456789".getBytes(ISO_8859_1));
            store.setExpiry(KEY, now.plusSeconds(60));
            between = () -> now = now.plusSeconds(61);
            callsLeft.set(calls);
            String answer = answer("GET /k" + HOST + "Range: bytes=0-0,2-2,4-4,6-6,8-8\r\n\r\n");
            callsLeft.set(0);
            assertTrue(answer.matches("(?s)HTTP/1.1 (206|404) .*"), answer);
            missing += answer.contains(" 404 ") ? 1 : 0;
            sent += answer.contains(" 206 ") ? 1 : 0;
        }
        assertTrue(missing > 3, "it expires before the last part " + missing + " times");
        assertTrue(sent > 3, "it expires after the last part " + sent + " times");
    }

    /** The client would send the value again, or believe that the old one is still there. */
    @Test
    void aWriteThatIsDoneIsAnsweredAsDoneWhateverFailsAfterwards() throws IOException {
        int withoutTag = 0;
        int failed = 0;
        for (int calls = 1; calls <= 12; calls++) {
            between = () -> {
                throw new StoreClosedException("closed by the test");
            };
            callsLeft.set(calls);
            String answer = answer("PUT /k" + calls + "?ttl=60" + HOST + "Content-Length: 1\r\n\r\nv");
            callsLeft.set(0);
            boolean isStored = store.getBytes(("k" + calls).getBytes(ISO_8859_1)) != null;
            assertStatus(isStored ? 201 : 503, answer);
            failed += isStored ? 0 : 1;
            withoutTag += isStored && !ETAG.matcher(answer).find() ? 1 : 0;
            driver.reconnect(); // the refused request may have ended the connection
        }
        assertTrue(failed > 0, "no failure before the write");
        assertTrue(withoutTag > 0, "no failure after the write");
    }

    @Test
    void theViewsOfPartsAreClosedWhenTheNextCannotBeMade() {
        store.put(KEY, "0123456789".getBytes(ISO_8859_1));
        ValueView first = new ValueView();
        ValueView second = new ValueView();
        assertTrue(store.get(KEY, first) && store.get(KEY, second));
        Iterator<ValueView> views = List.of(second).iterator(); // has no third one
        assertThrows(NoSuchElementException.class, () -> GetHandler.views(first, 3, views::next));
        assertThrows(StoreClosedException.class, first::length);
        assertThrows(StoreClosedException.class, second::length);
    }

    @Test
    void theLastPartIsOfTheSameValueAsTheFirst() throws Exception {
        store.put(KEY, "0000000000".getBytes(ISO_8859_1));
        store.setExpiry(KEY, NOON.plusSeconds(60)); // so that each read looks at the clock
        for (int calls = 1; calls <= 30; calls++) {
            char filled = (char) ('a' + calls % 26);
            between = () -> {
                Thread writer = Thread.ofVirtual().start(() -> {
                    store.put(KEY, String.valueOf(filled).repeat(10).getBytes(ISO_8859_1));
                    store.setExpiry(KEY, NOON.plusSeconds(60));
                });
                try {
                    writer.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            };
            callsLeft.set(calls);
            String answer = answer("GET /k" + HOST + "Range: bytes=0-0,2-2,4-4,6-6,8-8\r\n\r\n");
            assertStatus(206, answer);
            Matcher parts = Pattern.compile("Content-Range: bytes \\d-\\d/10\r\n\r\n(.)")
                    .matcher(answer);
            assertTrue(parts.find());
            String first = parts.group(1);
            int count = 1;
            for (; parts.find(); count++) {
                assertEquals(first, parts.group(1), answer);
            }
            assertEquals(5, count);
            callsLeft.set(0);
        }
        assertNotNull(store.getBytes(KEY));
    }
}
