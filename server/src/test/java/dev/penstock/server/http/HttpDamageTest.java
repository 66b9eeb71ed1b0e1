package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.DamagedValue;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where values are verified when they are read, a damaged one is one error, however it is asked for. */
class HttpDamageTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(8L << 20).withVerifyOnRead(true);
    private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000, 2_000_000})
    void noByteOfADamagedValueGetsOut(int length, @TempDir Path directory) throws IOException {
        DamagedValue.store(directory, OPTIONS, length);
        try (Store store = Store.open(directory, OPTIONS);
                HttpDriver driver = new HttpDriver(store)) {
            store.put("sound".getBytes(ISO_8859_1), "value".getBytes(ISO_8859_1));
            for (String range : new String[] {
                "",
                "Range: bytes=0-0\r\n",
                "Range: bytes=1-\r\n",
                "Range: bytes=0-0,3-7,11-\r\n",
                "Range: bytes=0-1,-1\r\n"
            }) {
                String request = "GET /k" + HOST + range + "\r\nGET /sound" + HOST + "\r\n";
                driver.arrive(request.getBytes(ISO_8859_1));
                driver.serve();
                String answers = driver.responses();
                assertTrue(answers.startsWith("HTTP/1.1 500 "), range + answers);
                assertFalse(answers.contains("yy"), range);
                assertTrue(answers.endsWith("\r\n\r\nvalue"), range + answers);
                assertEquals(3, answers.split("HTTP/1\\.1 ", -1).length, answers);
            }
            driver.arrive(("HEAD /k" + HOST + "\r\n").getBytes(ISO_8859_1));
            driver.serve();
            String head = driver.responses();
            assertTrue(head.startsWith("HTTP/1.1 200 ") && head.contains("Content-Length: " + length), head);
        }
    }
}
