package dev.penstock.tools.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyParserTest {

    private static final String STREAM =
            "+OK\r\n$3\r\na\r\n\r\n$-1\r\n-ERR no\r\n$0\r\n\r\n:42\r\n+\r\n$12\r\n-ERR\r\n$3\r\nab\r\n+PONG\r\n";
    private static final List<String> REPLIES = List.of("ok", "ok", "missing", "ERR no", "ok", "ok", "ok", "ok", "ok");

    private static List<String> parse(ReplyParser parser, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
        List<String> replies = new ArrayList<>();
        while (parser.next(bytes)) {
            replies.add(parser.error() != null ? parser.error() : parser.isMissing() ? "missing" : "ok");
        }
        return replies;
    }

    /** A value may hold what looks like a reply, and the network may cut anywhere. */
    @Test
    void repliesAreTheSameWhereverTheStreamIsCut() throws IOException {
        for (int first = 0; first <= STREAM.length(); first++) {
            for (int second = first; second <= STREAM.length(); second++) {
                ReplyParser parser = new ReplyParser();
                List<String> replies = new ArrayList<>(parse(parser, STREAM.substring(0, first)));
                replies.addAll(parse(parser, STREAM.substring(first, second)));
                replies.addAll(parse(parser, STREAM.substring(second)));
                assertEquals(REPLIES, replies, "cut at " + first + " and " + second);
            }
        }
    }

    @Test
    void ofALongErrorTheBeginningIsKept() throws IOException {
        List<String> replies = parse(new ReplyParser(), "-" + "x".repeat(100_000) + "\r\n+OK\r\n");
        assertEquals(2, replies.size());
        assertEquals("x".repeat(255), replies.getFirst());
    }

    @Test
    void aValueOfManyGigabytesIsSkippedWithoutBeingHeld() throws IOException {
        ReplyParser parser = new ReplyParser();
        assertTrue(parse(parser, "$" + (1L << 33) + "\r\n").isEmpty());
        ByteBuffer block = ByteBuffer.allocate(1 << 20);
        for (int i = 0; i < 1 << 13; i++) {
            assertTrue(!parser.next(block.clear()));
        }
        assertEquals(List.of("ok", "ok"), parse(parser, "\r\n+OK\r\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\n",
                "*1\r\n",
                "$x\r\n",
                "$-2\r\n",
                "$99999999999999999999\r\n",
                "$9223372036854775807\r\n",
                "$\r\n",
                "\r\n",
                "\u0015\u0003"
            })
    void whatIsNoReplyIsRefused(String text) {
        String problem = assertThrows(IOException.class, () -> parse(new ReplyParser(), text))
                .getMessage();
        assertTrue(problem.startsWith("this is no Redis server"), problem);
    }
}
