package dev.penstock.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.store.Prefetch;
import dev.penstock.store.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands ahead in the input is counted as far as it is plainly a run of GETs, and no further. */
class GetLookaheadTest {

    private static final String GET = "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";
    private static final String LOWER = "*2\r\n$3\r\nget\r\n$11\r\nanother key\r\n";

    @TempDir
    Path directory;

    @Test
    void onlyWholeGetsAtTheBeginningCount() throws IOException {
        assertAhead(2, GET + LOWER);
        assertAhead(3, GET + LOWER + GET + GET.substring(0, GET.length() - 1));
        assertAhead(1, GET + "*1\r\n$4\r\nPING\r\n" + GET);
        assertAhead(0, "*1\r\n$4\r\nPING\r\n" + GET + GET);
        assertAhead(0, GET.replace("3\r\nkey", "-1\r\n") + GET);
        assertAhead(0, GET.replace("$3\r\nkey", "$3333\r\nkey") + GET);
        assertAhead(0, GET.replace("$3\r\nkey", "$\r\n") + GET);
        assertAhead(0, "GET key\r\nGET key\r\n");
        assertAhead(Prefetch.CAPACITY, GET.repeat(100));
    }

    @Test
    void aRequestAloneIsNotLookedAheadFor() throws IOException {
        assertAhead(0, GET);
        assertAhead(0, "");
    }

    @Test
    void anythingThatIsCutOffAnywhereIsLeftAlone() throws IOException {
        String input = GET + LOWER;
        for (int length = 0; length <= input.length(); length++) {
            int whole = length < GET.length() + 1 ? 0 : length < input.length() ? 1 : 2;
            assertAhead(whole, input.substring(0, length));
        }
    }

    private void assertAhead(int expected, String received) throws IOException {
        try (Store store = Store.open(directory)) {
            RequestBuffer input = new RequestBuffer(new ChunkPool());
            byte[] bytes = received.getBytes(StandardCharsets.US_ASCII);
            try (ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes))) {
                while (input.readFrom(channel) > 0) {
                    // Until it is all there.
                }
            }
            assertEquals(expected, new GetLookahead(store.prefetch()).run(input), received);
        }
    }
}
