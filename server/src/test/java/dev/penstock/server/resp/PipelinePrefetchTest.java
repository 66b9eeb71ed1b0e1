package dev.penstock.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.store.Store;
import dev.penstock.store.transfer.Prefetch;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands ahead in the input is counted as far as it is plainly a run of requests with keys, and no further. */
class PipelinePrefetchTest {

    private static final String GET = "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";
    private static final String SET = "*3\r\n$3\r\nset\r\n$11\r\nanother key\r\n$12\r\n0123456789ab\r\n";
    private static final String PING = "*1\r\n$4\r\nPING\r\n";

    @TempDir
    Path directory;

    @Test
    void onlyWholeRequestsWithKeysAtTheBeginningCount() throws IOException {
        assertAhead(2, GET + SET);
        assertAhead(3, GET + SET + GET + GET.substring(0, GET.length() - 1));
        assertAhead(1, SET + PING + GET);
        assertAhead(0, PING + GET + GET);
        assertAhead(0, "GET key\r\nGET key\r\n");
        assertAhead(0, "");
        assertAhead(Prefetch.CAPACITY, GET.repeat(100));
    }

    @Test
    void whatIsUnusualIsLeftAlone() throws IOException {
        assertAhead(0, GET.replace("3\r\nkey", "-1\r\n") + GET);
        assertAhead(0, GET.replace("$3\r\nkey", "$3333\r\nkey") + GET);
        assertAhead(0, GET.replace("$3\r\nkey", "$99999\r\nkey") + GET);
        assertAhead(0, GET.replace("$3\r\nkey", "$999999999999999\r\nkey") + GET);
        assertAhead(0, GET.replace("$3\r\nkey", "$\r\n") + GET);
        assertAhead(0, GET.replace("$3\r\nkey", "$129\r\n" + "k".repeat(129)) + GET);
        assertAhead(0, GET.replace("*2", "*").concat(GET));
        assertAhead(0, "*10\r\n" + "$1\r\nk\r\n".repeat(10) + GET);
        assertAhead(1, GET + SET.replace("$12", "$-1"));
    }

    @Test
    void anythingThatIsCutOffAnywhereIsLeftAlone() throws IOException {
        String input = GET + SET;
        for (int length = 0; length <= input.length(); length++) {
            int whole = length < GET.length() ? 0 : length < input.length() ? 1 : 2;
            assertAhead(whole, input.substring(0, length));
        }
    }

    @Test
    void severalInputsShareWhatIsWorthIt() throws IOException {
        try (Store store = Store.open(directory)) {
            PipelinePrefetch prefetch =
                    new PipelinePrefetch(StoreTransfer.of(store).prefetch());
            assertEquals(Prefetch.CAPACITY - 1, prefetch.add(input(GET.repeat(Prefetch.CAPACITY - 1))));
            assertFalse(prefetch.isFull());
            assertEquals(1, prefetch.add(input(GET + SET)));
            assertTrue(prefetch.isFull());
            assertEquals(0, prefetch.add(input(GET)));
            prefetch.run();
            assertFalse(prefetch.isFull());
            assertEquals(1, prefetch.add(input(GET)));
        }
    }

    private void assertAhead(int expected, String received) throws IOException {
        try (Store store = Store.open(directory)) {
            assertEquals(
                    expected, new PipelinePrefetch(StoreTransfer.of(store).prefetch()).run(input(received)), received);
        }
    }

    private static RequestBuffer input(String received) throws IOException {
        RequestBuffer input = new RequestBuffer(new ChunkPool());
        byte[] bytes = received.getBytes(StandardCharsets.US_ASCII);
        try (ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes))) {
            while (input.readFrom(channel) > 0) {
                // Until it is all there.
            }
        }
        return input;
    }
}
