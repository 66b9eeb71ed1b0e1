package dev.penstock.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.resp.RequestDecoder.Outcome;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.OutputChunk;
import dev.penstock.server.transfer.TestWire;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.server.transfer.Upload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However the bytes arrive, the same requests come out; and what is no request gets Redis's own words. */
class RequestDecoderTest {

    private static final String PIPELINE = "*1\r\n$4\r\nPING\r\n"
            + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n"
            + "*2\r\n$3\r\nGET\r\n$0\r\n\r\n"
            + "*0\r\n*-1\r\n\r\n  \n"
            + "PING inline\r\nSET \"a b\" 'c''d'\n".replace("'c''d'", "'c\\'d'")
            + "ECHO \"\\x41\\n\\\"\"\r\n"
            + "ECHO a\13b\fc\t\13\r\n";
    private static final List<List<String>> PIPELINE_REQUESTS = List.of(
            List.of("PING"),
            List.of("SET", "k", "a\r\nbc"),
            List.of("GET", ""),
            List.of("PING", "inline"),
            List.of("SET", "a b", "c'd"),
            List.of("ECHO", "A\n\""),
            List.of("ECHO", "a\13b\fc"));

    private final ChunkPool pool = new ChunkPool();
    private final RequestBuffer input = new RequestBuffer(pool);
    private boolean streams;
    private final RequestDecoder decoder = new RequestDecoder(input, (request, index) -> streams && index == 2);
    private final List<List<String>> decoded = new ArrayList<>();

    @Test
    void aRequestSplitAtAnyByteIsTheSameRequest() throws IOException {
        for (int cut = 0; cut <= PIPELINE.length(); cut++) {
            RequestDecoderTest fresh = new RequestDecoderTest();
            fresh.feed(PIPELINE.substring(0, cut));
            fresh.feed(PIPELINE.substring(cut));
            assertEquals(PIPELINE_REQUESTS, fresh.decoded, "cut at " + cut);
            assertEquals(0, fresh.pool.bytesOnLoan(), "nothing left over after the cut at " + cut);
        }
    }

    @Test
    void aRequestThatArrivesByteByByteIsTheSameRequest() throws IOException {
        feedByteByByte(PIPELINE);
        assertEquals(PIPELINE_REQUESTS, decoded);
    }

    @Property(tries = 300)
    void whatWasEncodedIsDecodedHoweverItIsCut(
            @ForAll @Size(min = 1, max = 20) List<@Size(min = 1, max = 8) List<byte[]>> requests, @ForAll long seed)
            throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        List<List<String>> expected = new ArrayList<>();
        for (List<byte[]> request : requests) {
            wire.writeBytes(("*" + request.size() + "\r\n").getBytes(ISO_8859_1));
            List<String> words = new ArrayList<>();
            for (byte[] word : request) {
                wire.writeBytes(("$" + word.length + "\r\n").getBytes(ISO_8859_1));
                wire.writeBytes(word);
                wire.writeBytes("\r\n".getBytes(ISO_8859_1));
                words.add(new String(word, ISO_8859_1));
            }
            expected.add(words);
        }
        RequestDecoderTest fresh = new RequestDecoderTest();
        Random random = new Random(seed);
        String bytes = wire.toString(ISO_8859_1);
        for (int from = 0; from < bytes.length(); ) {
            int to = Math.min(bytes.length(), from + 1 + random.nextInt(40));
            fresh.feed(bytes.substring(from, to));
            from = to;
        }
        assertEquals(expected, fresh.decoded);
        assertEquals(0, fresh.pool.bytesOnLoan());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*x\\r\\n | invalid multibulk length",
                "*\\r\\n | invalid multibulk length",
                "*1x\\r\\n | invalid multibulk length",
                "* 1\\r\\n | invalid multibulk length",
                "*+1\\r\\n | invalid multibulk length",
                "*01\\r\\n | invalid multibulk length",
                "*1048577\\r\\n | invalid multibulk length",
                "*9223372036854775808\\r\\n | invalid multibulk length",
                "*1\\r\\nPING\\r\\n | expected '$', got 'P'",
                "*1\\r\\n:4\\r\\n | expected '$', got ':'",
                "*1\\r\\n$x\\r\\n | invalid bulk length",
                "*1\\r\\n$\\r\\n | invalid bulk length",
                "*1\\r\\n$-1\\r\\n | invalid bulk length",
                "*1\\r\\n$-0\\r\\n | invalid bulk length",
                "*1\\r\\n$04\\r\\n | invalid bulk length",
                "*1\\r\\n$99999999999999999\\r\\n | invalid bulk length",
                "*1\\r\\n$67108865\\r\\n | invalid bulk length",
                "*1\\r\\n$4\\r\\nPINGxx | expected a line end after the bulk string",
                "PING \"abc\\r\\n | unbalanced quotes in request",
                "PING 'abc\\r\\n | unbalanced quotes in request",
                "PING \"abc\"d\\r\\n | unbalanced quotes in request",
            })
    void malformedInputIsNamedInRedisOwnWords(String wire, String error) throws IOException {
        String bytes = wire.replace("\\r", "\r").replace("\\n", "\n");
        for (int cut = 0; cut <= bytes.length(); cut++) {
            RequestDecoderTest fresh = new RequestDecoderTest();
            Outcome outcome = fresh.feed(bytes.substring(0, cut));
            if (outcome != Outcome.ERROR) {
                outcome = fresh.feed(bytes.substring(cut));
            }
            assertEquals(Outcome.ERROR, outcome, "cut at " + cut);
            assertEquals("Protocol error: " + error, fresh.decoder.error());
        }
    }

    @Test
    void aLineThatNeverEndsIsRefused() throws IOException {
        String part = "x".repeat(1000);
        Outcome outcome = Outcome.MORE;
        int fed = 0;
        while (outcome == Outcome.MORE && fed < 100_000) {
            outcome = feed(part);
            fed += part.length();
        }
        assertEquals("Protocol error: too big inline request", decoder.error());
        assertTrue(fed <= RequestDecoder.MAX_INLINE_LENGTH + part.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*1048576\r\n", "*2\r\n$3\r\nGET\r\n$67000000\r\n", "*1048576\r\n$3\r\nGET\r\n$60000000\r\nabc"})
    void nothingIsAllocatedForWhatIsOnlyAnnounced(String wire) throws IOException {
        assertEquals(Outcome.MORE, feed(wire));
        assertEquals(OutputChunk.SIZE, pool.bytesOnLoan());
    }

    @Test
    void theBufferGrowsAsBytesArriveAndShrinksAfterwards() throws IOException {
        int length = 700_000;
        feed("*2\r\n$4\r\nECHO\r\n$" + length + "\r\n");
        feed("x".repeat(length / 10));
        assertTrue(pool.bytesOnLoan() <= 4L * length / 10, "grown to " + pool.bytesOnLoan());
        feed("x".repeat(length - length / 10));
        assertTrue(pool.bytesOnLoan() <= 2L * length, "grown to " + pool.bytesOnLoan());
        feed("\r\n*1\r\n");
        assertEquals(length, decoded.getFirst().get(1).length());
        assertEquals(OutputChunk.SIZE, pool.bytesOnLoan(), "back to one chunk");
        feed("$4\r\nPING\r\n");
        assertEquals(List.of("PING"), decoded.get(1));
        assertEquals(0, pool.bytesOnLoan(), "and to none when idle");
    }

    @Test
    void aRequestOfTooManyBytesIsRefusedWhileItArrives() throws IOException {
        String argument = "$1000000\r\n" + "x".repeat(1_000_000) + "\r\n";
        Outcome outcome = feed("*1000\r\n$4\r\nMGET\r\n");
        int sent = 0;
        while (outcome == Outcome.MORE && sent < 100) {
            outcome = feed(argument);
            sent++;
        }
        assertEquals("Protocol error: invalid bulk length", decoder.error());
        assertTrue(pool.bytesOnLoan() <= RequestBuffer.REQUEST_LIMIT, "held " + pool.bytesOnLoan());
    }

    @Test
    void aLargeArgumentIsHandedOutAndTheRequestGoesOnBehindIt() throws IOException {
        streams = true;
        int length = RequestDecoder.STREAMED_LENGTH;
        String prefix = "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + length + "\r\n";
        assertEquals(Outcome.LARGE_ARGUMENT, feed(prefix + "abc"));
        assertEquals(length, decoder.announcedLength());
        TransferContext transfers = new TransferContext(pool, new TransferSettings(), Runnable::run);
        Upload upload = Upload.refused(new IllegalStateException("refused"), length);
        decoder.stream(upload);
        assertEquals(length - 3, upload.remaining());
        while (upload.remaining() > 0) {
            upload.readFrom(new TestWire(channel("y".repeat(50_000)), null, false), 50_000, transfers);
        }
        assertEquals(Outcome.MORE, decoder.next());
        feedByteByByte("\r\n$2\r\nN");
        assertEquals(Outcome.MORE, feed("X\r"));
        input.readFrom(channel("\n"));
        assertEquals(Outcome.REQUEST, decoder.next());
        assertTrue(decoder.request().isStreamed(2));
        assertEquals("k", decoder.request().text(1));
        assertEquals("NX", decoder.request().text(3));
        assertThrows(
                IllegalStateException.class, () -> decoder.request().upload().writer());
        decoder.done();
        feed("PING\r\n");
        assertEquals(List.of("PING"), decoded.getFirst());
    }

    /** Reads and decodes all of the text; the last outcome. */
    private Outcome feed(String text) throws IOException {
        ReadableByteChannel channel = channel(text);
        Outcome outcome = Outcome.MORE;
        while (outcome == Outcome.MORE && input.readFrom(channel) > 0) {
            outcome = decodeAll();
        }
        return outcome;
    }

    private void feedByteByByte(String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            feed(text.substring(i, i + 1));
        }
    }

    private Outcome decodeAll() {
        Outcome outcome = decoder.next();
        while (outcome == Outcome.REQUEST) {
            List<String> words = new ArrayList<>();
            for (int i = 0; i < decoder.request().count(); i++) {
                words.add(decoder.request().text(i));
            }
            decoded.add(words);
            decoder.done();
            outcome = decoder.next();
        }
        return outcome;
    }

    private static ReadableByteChannel channel(String text) {
        return Channels.newChannel(new ByteArrayInputStream(text.getBytes(ISO_8859_1)));
    }
}
