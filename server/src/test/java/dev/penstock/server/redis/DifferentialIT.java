package dev.penstock.server.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import dev.penstock.server.redis.RedisTools.RealRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests, well-formed and not, go to a real Redis and to this server, and every reply must be the same byte
 * for byte. The seed that is printed replays a run: set the system property {@code penstock.differential.seed}.
 * A longer one has more {@code penstock.differential.sequences}.
 */
class DifferentialIT {

    private static final int SEQUENCES = Integer.getInteger("penstock.differential.sequences", 60);
    private static final int COMMANDS = 400;
    private static final int WATCHES = 40 * SEQUENCES;
    private static final int MALFORMED = 400;

    @TempDir
    Path directory;

    @TempDir
    Path redisDirectory;

    private final long seed = Long.getLong("penstock.differential.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private final RequestGenerator generator = new RequestGenerator(random);

    @Test
    void repliesAreTheSameByteForByte() throws Exception {
        System.out.println("differential seed " + seed);
        try (RealRedis redis = new RealRedis(redisDirectory);
                TestServer server = new TestServer(directory)) {
            for (int i = 0; i < SEQUENCES; i++) {
                try (RespClient theirs = redis.client();
                        RespClient ours = server.client()) {
                    compareSequence(theirs, ours, i);
                }
            }
        }
    }

    private void compareSequence(RespClient theirs, RespClient ours, int sequence) throws IOException {
        List<String[]> history = new ArrayList<>();
        ReplyComparison comparison = new ReplyComparison();
        if (sequence % 2 == 1) {
            theirs.call("HELLO", "3");
            ours.call("HELLO", "3");
        }
        for (int i = 0; i < COMMANDS; i++) {
            String[] request = generator.next();
            history.add(request);
            String expected = theirs.call(request);
            String actual = ours.call(request);
            if (!comparison.areAlike(request, expected, actual)) {
                fail("seed " + seed + ", expected: " + expected + "\nbut was: " + actual + "\nlast requests: "
                        + last(history));
            }
        }
    }

    /**
     * A key is watched, one command comes from this or another connection, and then EXEC tells whether it was changed.
     */
    @Test
    void theSameChangesAreNoticedByWatch() throws Exception {
        System.out.println("differential seed " + seed);
        try (RealRedis redis = new RealRedis(redisDirectory);
                TestServer server = new TestServer(directory);
                RespClient theirs = redis.client();
                RespClient theirsToo = redis.client();
                RespClient ours = server.client();
                RespClient oursToo = server.client()) {
            for (int i = 0; i < WATCHES; i++) {
                List<String[]> history = new ArrayList<>();
                boolean self = random.nextBoolean();
                String[][] requests = {
                    {"WATCH", generator.key(), generator.key()},
                    generator.change(),
                    {"MULTI"},
                    generator.change(),
                    {"EXEC"}
                };
                ReplyComparison comparison = new ReplyComparison();
                for (int j = 0; j < requests.length; j++) {
                    history.add(requests[j]);
                    String expected = (self || j != 1 ? theirs : theirsToo).call(requests[j]);
                    String actual = (self || j != 1 ? ours : oursToo).call(requests[j]);
                    if (!comparison.areAlike(requests[j], expected, actual)) {
                        fail("seed " + seed + ", expected: " + expected + "\nbut was: " + actual + "\nlast requests: "
                                + last(history));
                    }
                }
            }
        }
    }

    @Test
    void malformedInputGetsTheSameAnswer() throws Exception {
        System.out.println("differential seed " + seed);
        try (RealRedis redis = new RealRedis(redisDirectory);
                TestServer server = new TestServer(directory)) {
            for (int i = 0; i < MALFORMED; i++) {
                String wire = malformed();
                assertEquals(
                        answer(redis.client(), wire),
                        answer(server.client(), wire),
                        () -> "seed " + seed + ": " + wire);
            }
        }
    }

    /** All that comes back until the server closes. */
    private static String answer(RespClient client, String wire) throws IOException {
        try (client) {
            client.sendRaw(wire + "PING end-of-test\r\n*1\r\n$4\r\nQUIT\r\n"); // one write, so that no close races it
            return client.untilClosed();
        }
    }

    private String malformed() {
        String[] pieces = {
            "PING\r\n",
            "*1\r\n$4\r\nPING\r\n",
            "*0\r\n",
            "\r\n",
            "*-1\r\n",
            "ECHO 'it\\'s'\r\n",
            "ECHO \"a\\x41\\n\"\r\n",
            "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
            "ECHO \"\"\r\n",
            "   PING   \r\n",
            "PING\n",
        };
        String[] endings = {
            "*x\r\n", "*1\r\nPING\r\n", "*1\r\n:4\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n", "*1\r\n$99999999999999999\r\n",
            "ECHO \"a\r\n", "ECHO 'a\r\n", "ECHO \"a\"b\r\n", "ECHO 'a'b\r\n", "*2\r\n$4\r\nECHO\r\n*\r\n", "*1 \r\n",
            "*+1\r\n", "*01\r\n", "*1\r\n$04\r\nPING\r\n", "*1\r\n$\r\n", "*\r\n", "",
        };
        StringBuilder wire = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            wire.append(pieces[random.nextInt(pieces.length)]);
        }
        return wire.append(endings[random.nextInt(endings.length)]).toString();
    }

    private static String last(List<String[]> history) {
        StringBuilder text = new StringBuilder();
        for (String[] request : history.subList(Math.max(0, history.size() - 12), history.size())) {
            text.append('\n');
            for (String word : request) {
                text.append(word.length() > 40 ? word.length() + " bytes" : word)
                        .append(' ');
            }
        }
        return text.toString();
    }
}
