package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.RedisTools.RealRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests, well-formed and not, go to a real Redis and to this server, and every reply must be the same byte
 * for byte. The seed that is printed replays a run: set the system property {@code penstock.differential.seed}.
 */
class DifferentialIT {

    private static final int SEQUENCES = 60;
    private static final int COMMANDS = 400;
    private static final int MALFORMED = 400;

    @TempDir
    Path directory;

    @TempDir
    Path redisDirectory;

    private final long seed = Long.getLong("penstock.differential.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private final List<Supplier<String[]>> grammar = List.of(
            () -> words("GET", key()),
            () -> words("GET", key()),
            () -> words("SET", key(), value()),
            () -> words("SET", key(), value()),
            () -> words("SET", key(), value(), option()),
            () -> words("SET", key(), value(), option(), option()),
            () -> words("SET", key(), value(), option(), option(), option()),
            () -> words("SETNX", key(), value()),
            () -> words("GETSET", key(), value()),
            () -> words("GETDEL", key()),
            () -> words("APPEND", key(), value()),
            () -> words("STRLEN", key()),
            () -> words("GETRANGE", key(), number(), number()),
            () -> words("SUBSTR", key(), number(), number()),
            () -> words("MGET", key(), key(), key()),
            () -> words("MSET", key(), value(), key(), value()),
            () -> words("MSET", key(), value(), key()),
            () -> words("DEL", key(), key()),
            () -> words("UNLINK", key()),
            () -> words("EXISTS", key(), key(), key()),
            () -> words("TOUCH", key(), key()),
            () -> words("TYPE", key()),
            () -> words("DBSIZE"),
            () -> words("KEYS", pattern()),
            () -> words("OBJECT", "ENCODING", "missing"),
            () -> words("OBJECT", "nonsense", key()),
            () -> words("MEMORY", "USAGE", "missing"),
            () -> words("SCAN", "0", "COUNT", number()),
            () -> words("SCAN", "x"),
            () -> words("SCAN", "0", "MATCH"),
            () -> words("SCAN", "0", "COUNT", "1000", "MATCH", "nothing*"),
            () -> words("FLUSHALL"),
            () -> words("FLUSHDB", "soon"),
            () -> words("PING"),
            () -> words("PING", value()),
            () -> words("PING", value(), value()),
            () -> words("ECHO", value()),
            () -> words("SELECT", number()),
            () -> words("HELLO", number()),
            () -> words("HELLO", "x"),
            () -> words("HELLO", "3", "nonsense"),
            () -> words("HELLO", "3", "AUTH", "nobody", "x"),
            () -> words("AUTH", "x"),
            () -> words("AUTH", "default", "x"),
            () -> words("AUTH", "nobody", "x"),
            () -> words("AUTH", "a", "b", "c"),
            () -> words("CLIENT", "GETNAME"),
            () -> words("CLIENT", "SETNAME", name()),
            () -> words("CLIENT", "NO-EVICT", option()),
            () -> words("CLIENT", "KILL", "1.2.3.4:5"),
            () -> words("CLIENT", "KILL", "ID", "999999999"),
            () -> words("CLIENT", "KILL", "ID", "0"),
            () -> words("CLIENT", "KILL", "TYPE", "nonsense"),
            () -> words("CLIENT", "LIST", "TYPE", "nonsense"),
            () -> words("CLIENT", "LIST", "ID", "x"),
            () -> words("CLIENT", "REPLY", "nonsense"),
            () -> words("CLIENT", "nonsense"),
            () -> words("CLIENT"),
            () -> words("CONFIG", "GET", "save"),
            () -> words("CONFIG", "GET", "appendonly"),
            () -> words("CONFIG", "SET", "nonsense", "1"),
            () -> words("CONFIG", "SET", "port", "1", "port"),
            () -> words("CONFIG", "nonsense"),
            () -> words("CONFIG", "GET"),
            () -> words("COMMAND", "INFO", "nonsense"),
            () -> words("COMMAND", "DOCS", "nonsense"),
            () -> words("COMMAND", "nonsense"),
            () -> words("ROLE"),
            () -> words("RESET"),
            () -> words("FUNCTION", "FLUSH"),
            () -> words("FUNCTION", "FLUSH", "nonsense"),
            () -> words("SHUTDOWN", "nonsense"),
            () -> words("SHUTDOWN", "ABORT"),
            () -> words("BGSAVE", "nonsense"),
            () -> words("INFO", "nonsense"),
            () -> words("NOSUCH", value(), value()),
            () -> words(value(), value()),
            () -> words("get"),
            () -> words("GeT", key(), key()));

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
        if (sequence % 2 == 1) {
            theirs.call("HELLO", "3");
            ours.call("HELLO", "3");
        }
        for (int i = 0; i < COMMANDS; i++) {
            String[] request = grammar.get(random.nextInt(grammar.size())).get();
            history.add(request);
            String expected = comparable(request, theirs.call(request));
            String actual = comparable(request, ours.call(request));
            assertEquals(expected, actual, () -> "seed " + seed + ", last requests: " + last(history));
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

    /** Replies that may rightly differ are made alike: order of KEYS, a connection's number. */
    private static String comparable(String[] request, String reply) {
        if (request[0].equals("KEYS")) {
            List<String> keys = new ArrayList<>();
            int at = reply.indexOf('\n') + 1;
            String header = reply.substring(0, at);
            while (at < reply.length()) {
                int line = reply.indexOf('\r', at);
                int end = line + 2 + Integer.parseInt(reply.substring(at + 1, line));
                keys.add(reply.substring(line + 2, end));
                at = end + 2;
            }
            keys.sort(null);
            return header + keys;
        }
        if (request[0].equals("HELLO")) {
            return reply.replaceFirst("(id\r\n:)\\d+", "$1N");
        }
        if (request[0].equals("SCAN") && request.length == 4 && request[2].equals("COUNT")) {
            return reply.startsWith("-") ? reply : "some keys";
        }
        return reply;
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

    private static String[] words(String... words) {
        return words;
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String key() {
        return pick("a", "b", "key:1", "key:2", "key:3", "", "k\r\n\0x", "missing?");
    }

    private String value() {
        return switch (random.nextInt(8)) {
            case 0 -> "";
            case 1 -> "12345";
            case 2 -> "x".repeat(random.nextInt(300));
            case 3 -> "x".repeat(random.nextInt(100_000));
            case 4 -> "\r\n\0binary\u00ff";
            case 5 -> "y".repeat(40_000 + random.nextInt(2_000_000)).substring(random.nextInt(40_000));
            default -> "value" + random.nextInt(10);
        };
    }

    private String option() {
        return pick("NX", "XX", "GET", "KEEPTTL", "nx", "xx", "get", "nonsense", "on");
    }

    private String number() {
        return pick(
                "0",
                "1",
                "-1",
                "3",
                "-3",
                "100",
                "-100",
                "9223372036854775807",
                "-9223372036854775808",
                "x",
                "",
                "1.5",
                "9223372036854775808",
                "01",
                " 1");
    }

    private String pattern() {
        return pick(
                "*",
                "key:*",
                "key:?",
                "k*1",
                "[ab]",
                "[^a]",
                "*[1-2]",
                "a",
                "",
                "k\r\n*",
                "key:[3-2]",
                "\\a",
                "[a",
                "nothing");
    }

    private String name() {
        return pick("me", "", "a b", "line\n", "x\u00ff");
    }
}
