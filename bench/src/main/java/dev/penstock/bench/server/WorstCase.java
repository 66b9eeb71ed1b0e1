package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The most that a client can ask of a server at once, in one respect: requests that are sent together, again and again.
 */
final class WorstCase {

    /** What no other reply ends with. */
    static final byte[] END = BlockingClient.ascii("---the-end-of-the-requests---\r\n");

    private static final byte[] LAST_WORD = Arrays.copyOf(END, END.length - 2);

    private static final int KEYS = 1_000_000;
    private static final int SMALL_KEYS = 20_000;
    private static final int LARGE_LENGTH = 128 << 20;
    private static final String HARD_PATTERN = "*" + "a".repeat(1000) + "*" + "a".repeat(1000) + "b*";

    private final String name;
    private final byte[] requests;

    private WorstCase(String name, byte[] requests) {
        this.name = name;
        this.requests = requests;
    }

    String name() {
        return name;
    }

    boolean isNothing() {
        return requests.length == 0;
    }

    /** Whose last reply ends with {@link #END}. */
    ByteBuffer requests() {
        return ByteBuffer.wrap(requests);
    }

    /** Beside which the others are seen. */
    static WorstCase nothing() {
        return new WorstCase("nothing", new byte[0]);
    }

    /** What every case may rely on: keys k0, k1 and so on, some of them long, and some large values. */
    static void fill(BlockingClient connection) throws IOException {
        for (int first = 0; first < SMALL_KEYS; first += 1000) {
            String[] pairs = new String[2001];
            pairs[0] = "MSET";
            for (int i = 0; i < 1000; i++) {
                pairs[1 + 2 * i] = "k" + (first + i);
                pairs[2 + 2 * i] = "value";
            }
            connection.line(BlockingClient.command(pairs));
        }
        for (int i = 0; i < 64; i++) {
            connection.line(BlockingClient.command("SET", i + "a".repeat(60_000), "value"));
        }
        connection.store("large", ByteBuffer.allocate(LARGE_LENGTH));
        connection.store("large2", ByteBuffer.allocate(LARGE_LENGTH));
        for (int i = 0; i < 64; i++) {
            connection.store("mega" + i, ByteBuffer.allocate(1 << 20));
        }
        connection.store("text", ByteBuffer.wrap(BlockingClient.ascii("ab".repeat(2000))));
        connection.store("text2", ByteBuffer.wrap(BlockingClient.ascii("ba".repeat(1900))));
        connection.store("wide", ByteBuffer.wrap(BlockingClient.ascii("x".repeat(8_000_000))));
        connection.store("narrow", ByteBuffer.wrap(BlockingClient.ascii("y")));
    }

    static List<WorstCase> all() {
        List<WorstCase> cases = new ArrayList<>();
        cases.add(nothing());
        for (String command : List.of("GET k1", "STRLEN large", "GETRANGE large 0 100", "TTL large", "INFO")) {
            cases.add(pipeline(command, 5_000));
        }
        for (String command : List.of(
                "INFO all",
                "CLIENT LIST",
                "CLIENT KILL ID 999999999",
                "COMMAND",
                "COMMAND DOCS",
                "COMMAND LIST FILTERBY ACLCAT read",
                "ACL CAT read",
                "CONFIG GET *",
                "SLOWLOG GET -1",
                "DBSIZE",
                "RANDOMKEY")) {
            cases.add(pipeline(command, 500));
        }
        cases.add(of("COMMAND INFO of 1000 names", request("COMMAND INFO", 1000, i -> "set")));
        cases.add(of("MGET of 1,000,000 keys", request("MGET", KEYS, i -> "k" + i % SMALL_KEYS)));
        cases.add(of("MGET of 64 values of 1 MiB", request("MGET", 64, i -> "mega" + i)));
        cases.add(of("EXISTS of 1,000,000 keys", request("EXISTS", KEYS, i -> "k" + i % SMALL_KEYS)));
        cases.add(of("DEL of 1,000,000 keys", request("DEL", KEYS, i -> "none" + i)));
        cases.add(of("MSET of 150,000 pairs", request("MSET", 300_000, i -> "m" + i)));
        cases.add(of("WATCH of 100,000 keys", request("WATCH", 100_000, i -> "k" + i)));
        cases.add(of("KEYS *", request("KEYS", 1, i -> "*")));
        cases.add(of("KEYS with a long pattern", request("KEYS", 1, i -> HARD_PATTERN)));
        cases.add(of("KEYS with many stars", request("KEYS", 1, i -> "*a".repeat(31) + "b")));
        cases.add(of("SCAN MATCH with a long pattern", request("SCAN 0 COUNT 1000000 MATCH", 1, i -> HARD_PATTERN)));
        cases.add(pipeline("LCS text text2", 1));
        cases.add(pipeline("LCS text text2 IDX", 1));
        cases.add(pipeline("LCS wide narrow", 1));
        cases.add(transaction("EXEC of 200,000 GETs", 200_000, i -> request("GET", 1, n -> "k1")));
        cases.add(transaction("EXEC of 200,000 GETs of many keys", 200_000, i -> request("GET", 1, n -> "k" + i)));
        cases.add(transaction("EXEC of 50,000 SETs", 50_000, i -> request("SET", 2, n -> "s" + i)));
        cases.add(transaction("EXEC of 10 LCS", 10, i -> request("LCS text text2", 0, n -> "")));
        cases.add(transaction("EXEC of 100 COPY", 100, i -> request("COPY large copy REPLACE", 0, n -> "")));
        cases.add(transaction("EXEC of 500 INFO", 500, i -> request("INFO", 0, n -> "")));
        cases.add(pipeline("APPEND large x", 1));
        cases.add(pipeline("SETRANGE large2 100 x", 1));
        cases.add(pipeline("COPY large copy REPLACE", 1));
        cases.add(new WorstCase(
                "RENAME there and back",
                all(request("RENAME large moved", 0, i -> ""), request("RENAME moved large", 0, i -> ""), end())));
        cases.add(of("ECHO of 16 MiB", request("ECHO", 1, i -> "x".repeat(16 << 20))));
        cases.add(of("SET of 16 MiB", request("SET big", 1, i -> "x".repeat(16 << 20))));
        return cases;
    }

    private static WorstCase of(String name, byte[] request) {
        return new WorstCase(name, all(request, end()));
    }

    private static WorstCase pipeline(String command, int count) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] one = request(command, 0, i -> "");
        for (int i = 0; i < count; i++) {
            bytes.writeBytes(one);
        }
        bytes.writeBytes(end());
        return new WorstCase(count == 1 ? command : count + " of " + command, bytes.toByteArray());
    }

    private static WorstCase transaction(String name, int count, IntFunction<byte[]> command) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(request("MULTI", 0, i -> ""));
        IntStream.range(0, count).mapToObj(command).forEach(bytes::writeBytes);
        bytes.writeBytes(request("EXEC", 0, i -> ""));
        bytes.writeBytes(end());
        return new WorstCase(name, bytes.toByteArray());
    }

    private static byte[] end() {
        return bytes(BlockingClient.command(BlockingClient.ascii("ECHO"), LAST_WORD));
    }

    /** A command with more arguments behind those that it is given with. */
    private static byte[] request(String command, int count, IntFunction<String> argument) {
        List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
        IntStream.range(0, count).mapToObj(argument).forEach(words::add);
        return bytes(BlockingClient.command(words.toArray(String[]::new)));
    }

    private static byte[] bytes(ByteBuffer request) {
        byte[] bytes = new byte[request.remaining()];
        request.get(bytes);
        return bytes;
    }

    private static byte[] all(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }
}
