package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.acl.Users;
import dev.penstock.server.transfer.OutputChunk;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No request by HTTP keeps the event loop for longer than a turn, however much of it has arrived, and in what form. */
class HttpTurnTest {

    /** What a turn may cost beyond its budget: the last part of some work. */
    private static final long MOST_STEPS = Turn.STEPS + 5_000;

    private static final byte[] KEY = {'k'};

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

    private void arrive(String text) throws IOException {
        driver.arrive(text.getBytes(ISO_8859_1));
    }

    @Test
    void tinyChunksAreDecodedInTurns() throws IOException {
        arrive("PUT /k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        arrive("1\r\nx\r\n".repeat(200_000) + "0\r\n\r\n");
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 201 "));
        byte[] expected = new byte[200_000];
        Arrays.fill(expected, (byte) 'x');
        assertArrayEquals(expected, store.getBytes(KEY));
        assertTrue(driver.turns() > 20, driver.turns() + " turns");
        assertTrue(driver.mostSteps() <= MOST_STEPS, driver.mostSteps() + " steps");
    }

    @Test
    void tinyRequestsAreAnsweredInTurns() throws IOException {
        store.put(KEY, new byte[] {'v'});
        int count = 40_000;
        String host = " HTTP/1.1\r\nHost: localhost\r\n";
        String requests = "GET /k" + host + "\r\nGET /missing" + host + "\r\nOPTIONS *" + host + "\r\nPUT /p" + host
                + "Content-Length: 0\r\n\r\nDELETE /p" + host + "\r\n";
        arrive(requests.repeat(count / 5));
        driver.serve();
        String responses = driver.responses();
        assertEquals(count + 1, responses.split("HTTP/1\\.1 (200|201|204|404) ", -1).length);
        assertTrue(driver.turns() > 10, driver.turns() + " turns");
        assertTrue(driver.mostSteps() <= MOST_STEPS, driver.mostSteps() + " steps");
    }

    @Test
    void aBodyThatIsHereAlreadyIsDigestedInTurns() throws Exception {
        byte[] value = new byte[20 << 20];
        String digest = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(value));
        arrive("PUT /k HTTP/1.1\r\nHost: localhost\r\nContent-Digest: sha-256=:" + digest + ":\r\nContent-Length: "
                + value.length + "\r\n\r\n");
        driver.arrive(value);
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 201 "));
        assertArrayEquals(value, store.getBytes(KEY));
        assertTrue(driver.turns() > 2, driver.turns() + " turns");
        assertTrue(driver.mostSteps() <= MOST_STEPS, driver.mostSteps() + " steps");
    }

    @Test
    void aChunkThatHasNotArrivedWholeTakesNoMemoryOfItsOwn() throws IOException {
        arrive("PUT /k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        arrive("5\r\nhello\r\n1;" + "x".repeat(10_000));
        driver.serve();
        assertEquals(OutputChunk.SIZE, driver.held(), "the line is where the budget counts it");
        arrive("\r\n!\r\n0\r\n\r\n");
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 201 "));
        assertArrayEquals("hello!".getBytes(ISO_8859_1), store.getBytes(KEY));
    }

    @Test
    void moreEmptyLinesThanAClientSendsEndTheConnection() throws IOException {
        arrive("\r\n".repeat(1_000_000));
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 400 "));
        assertTrue(driver.isClosing());
    }

    @Test
    void moreFieldsThanAClientSendsAreRefused() throws IOException {
        String put = "PUT /k HTTP/1.1\r\nHost: localhost\r\n";
        arrive(put + "A: b\r\n".repeat(126) + "Content-Length: 1\r\n\r\nx");
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 201 "));
        arrive(put + "A:\r\n".repeat(127) + "Content-Length: 1\r\n\r\nx");
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 431 "));
        assertTrue(driver.isClosing());
        driver.reconnect();
        arrive(put + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n" + "A:\r\n".repeat(1000));
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 400 "));
        assertTrue(driver.isClosing());
    }

    /** Has the default user own the keys of patterns, and be allowed everything. */
    private void restrict(String patterns) throws IOException {
        driver.close();
        Path file = Files.writeString(directory.resolve("users"), "user default on nopass -@all +@all " + patterns);
        driver = new HttpDriver(store, Users.read(file, null));
    }

    @Test
    void theKeyOfARequestIsComparedWithPatternsInTurns() throws IOException {
        restrict("~*" + "a".repeat(4000) + "b ~mine*");
        String hard = "a".repeat(16_000);
        arrive("GET /" + hard + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        driver.serve();
        assertTrue(driver.responses().startsWith("HTTP/1.1 403 "));
        assertTrue(driver.turns() > 10, driver.turns() + " turns");
        arrive("PUT /" + hard + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
        arrive("DELETE /" + hard + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        arrive("PUT /mine" + hard + "b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
        driver.serve();
        assertFalse(driver.isMidRequest());
        String responses = driver.responses();
        assertEquals(3, responses.split("HTTP/1\\.1 403 ", -1).length, responses);
        assertEquals(2, responses.split("HTTP/1\\.1 201 ", -1).length, responses);
        assertEquals(1, store.count());
        assertTrue(driver.mostSteps() <= MOST_STEPS, driver.mostSteps() + " steps");
    }

    @Test
    void theKeysOfAListAreComparedWithPatternsInTurns() throws IOException {
        for (int i = 0; i < 1000; i++) {
            store.put(("a".repeat(1000) + i).getBytes(ISO_8859_1), new byte[1]);
        }
        store.put("mine".getBytes(ISO_8859_1), new byte[1]);
        restrict("~*" + "a".repeat(200) + "b ~mine*");
        arrive("GET /?list HTTP/1.1\r\nHost: localhost\r\n\r\n");
        driver.serve();
        String responses = driver.responses();
        assertTrue(responses.contains("\"mine\"") && !responses.contains("\"a"), responses);
        assertTrue(driver.turns() > 20, driver.turns() + " turns");
        assertTrue(driver.mostSteps() <= MOST_STEPS, driver.mostSteps() + " steps");
    }
}
