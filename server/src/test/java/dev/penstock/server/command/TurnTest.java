package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.server.transfer.Transfers;
import dev.penstock.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No command keeps the event loop for longer than a turn, whatever it is given. */
class TurnTest {

    /** What a turn may cost beyond its budget: the last part of some work, such as a thousand keys. */
    private static final long MOST_STEPS = Turn.STEPS + 20_000;

    /** Processor time of one turn. On a quiet machine the worst are below 50; others run tests beside. */
    private static final long MOST_MILLIS = 400;

    private static final int KEYS = 12_000;
    private static final int MANY = 25_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @TempDir
    static Path directory;

    private static Store store;
    private static Node node;
    private static Dispatcher dispatcher;
    private static Transfers transfers;

    @BeforeAll
    static void open() {
        store = Store.open(directory);
        node = new Node(new Hub(store, new Settings(0, Map.of()), Users.ofDefault(null), () -> {}));
        dispatcher = new Dispatcher(node);
        transfers = new Transfers(new ChunkPool(), new TransferSettings(), new TransferCounts(), Runnable::run);
        for (int i = 0; i < KEYS; i++) {
            store.put(("k" + i).getBytes(ISO_8859_1), new byte[10]);
        }
        for (int i = 0; i < 2; i++) {
            store.put((i + "a".repeat(10_000)).getBytes(ISO_8859_1), new byte[10]);
        }
        for (String name : List.of("large", "large2", "large3", "large4")) {
            store.put(name.getBytes(ISO_8859_1), new byte[4 << 20]);
        }
        store.put("text".getBytes(ISO_8859_1), "ab".repeat(2000).getBytes(ISO_8859_1));
        store.put("text2".getBytes(ISO_8859_1), "ba".repeat(1900).getBytes(ISO_8859_1));
        store.put("wide".getBytes(ISO_8859_1), new byte[8_000_000]);
        store.put("narrow".getBytes(ISO_8859_1), new byte[1]);
        store.put("other".getBytes(ISO_8859_1), "x".getBytes(ISO_8859_1));
    }

    @AfterAll
    static void close() {
        transfers.awaitReaders();
        transfers.close();
        store.close();
    }

    /** What turns cost. */
    private static final class Cost {
        int turns;
        long steps;
        long millis;
    }

    /** A connection without a socket. */
    private static final class Client implements Link, AutoCloseable {

        private final OutputQueue output = new OutputQueue(transfers, () -> {});
        private final Session session = node.open(this, new Reply(output));
        private final RequestBuffer input = new RequestBuffer(transfers.pool());
        private final RequestDecoder decoder = new RequestDecoder(input, (request, index) -> false);

        /** Executes requests turn by turn; what the dearest turn of the last one cost. */
        Cost run(byte[] requests) throws IOException {
            ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(requests));
            Cost cost = new Cost();
            boolean more = true;
            while (more) {
                more = input.readFrom(channel) > 0;
                while (decoder.next() == RequestDecoder.Outcome.REQUEST) {
                    cost = execute();
                    decoder.done();
                }
            }
            return cost;
        }

        private Cost execute() {
            Cost cost = new Cost();
            boolean done = false;
            while (!done) {
                Runnable job = session.isSuspended() ? session.elsewhere() : null;
                if (job != null) {
                    job.run();
                }
                dispatcher.beginRun();
                long before = THREADS.getCurrentThreadCpuTime();
                node.turn().begin();
                done = session.isSuspended()
                        ? dispatcher.resume(session, decoder.request())
                        : dispatcher.execute(session, decoder.request());
                cost.turns++;
                cost.millis = Math.max(cost.millis, (THREADS.getCurrentThreadCpuTime() - before) / 1_000_000);
                cost.steps = Math.max(cost.steps, node.turn().spent());
            }
            return cost;
        }

        @Override
        public void close() {
            session.abandonCommand();
            node.close(session);
            decoder.discard();
            output.discard();
        }

        @Override
        public String remoteAddress() {
            return "1.2.3.4:5";
        }

        @Override
        public String localAddress() {
            return "1.2.3.4:6";
        }

        @Override
        public boolean isUnixSocket() {
            return false;
        }

        @Override
        public void kill() {}

        @Override
        public int inputBytes() {
            return 0;
        }

        @Override
        public int inputCapacity() {
            return 0;
        }

        @Override
        public int outputPieces() {
            return 0;
        }

        @Override
        public long outputBufferedBytes() {
            return 0;
        }
    }

    private static byte[] request(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("*" + words.length + "\r\n").getBytes(ISO_8859_1));
        for (String word : words) {
            bytes.writeBytes(("$" + word.length() + "\r\n" + word + "\r\n").getBytes(ISO_8859_1));
        }
        return bytes.toByteArray();
    }

    private static String[] words(String command, Stream<String> arguments) {
        return Stream.concat(Stream.of(command.split(" ", -1)), arguments).toArray(String[]::new);
    }

    private static byte[] repeated(String command, int count, String argument) {
        return request(words(command, IntStream.range(0, count).mapToObj(i -> argument)));
    }

    private static byte[] numbered(String command, int count) {
        return request(words(command, IntStream.range(0, count).mapToObj(i -> "k" + i)));
    }

    private static byte[] all(byte[]... requests) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Stream.of(requests).forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }

    /** As many arguments as a command may have that does not go through them in parts, and as long. */
    private static byte[] crowded(String command) {
        return repeated(command, 1000, "x".repeat(1000));
    }

    private static byte[] transaction(int count, String... command) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(request("MULTI"));
        byte[] one = request(command);
        for (int i = 0; i < count; i++) {
            bytes.writeBytes(one);
        }
        bytes.writeBytes(request("EXEC"));
        return bytes.toByteArray();
    }

    /** The worst that each command can be asked for; the last request of each is measured. */
    private static Map<String, List<byte[]>> worst() {
        String long32 = "v".repeat(4 << 20);
        String longKey = "k".repeat(60_000);
        String hard = "*" + "a".repeat(1000) + "*" + "a".repeat(1000) + "b*";
        String classes = "*" + "[^x]".repeat(1000) + "y";
        Map<String, List<byte[]>> worst = new LinkedHashMap<>();
        for (String plain : List.of(
                "quit",
                "reset",
                "multi",
                "discard",
                "unwatch",
                "dbsize",
                "time",
                "role",
                "lastsave",
                "bgsave",
                "bgrewriteaof",
                "randomkey",
                "readonly",
                "readwrite",
                "asking")) {
            worst.put(plain, List.of(request(plain)));
        }
        for (String crowd : List.of(
                "hello",
                "command",
                "info",
                "save",
                "shutdown",
                "flushdb",
                "select",
                "auth",
                "getex large",
                "scan 0",
                "copy large other",
                "expire large",
                "cluster")) {
            worst.put(crowd.split(" ", -1)[0], List.of(crowded(crowd)));
        }
        for (String numbered : List.of("mget", "exists", "touch", "watch")) {
            worst.put(numbered, List.of(numbered(numbered, MANY)));
        }
        for (String key : List.of(
                "get",
                "strlen",
                "type",
                "ttl",
                "pttl",
                "expiretime",
                "pexpiretime",
                "persist",
                "incr",
                "decr",
                "getdel")) {
            worst.put(key, List.of(request(key, longKey), request(key, key.equals("getdel") ? "large4" : "large")));
        }
        for (String expiry : List.of("pexpire", "expireat", "pexpireat")) {
            worst.put(expiry, List.of(request(expiry, "large", "99999999999")));
        }
        for (String number : List.of("incrby", "decrby", "incrbyfloat")) {
            worst.put(number, List.of(request(number, "large", "1"), request(number, "k1", "1".repeat(900_000))));
        }
        worst.put("ping", List.of(request("ping", long32)));
        worst.put("echo", List.of(request("echo", long32)));
        worst.put("set", List.of(request("set", "s", long32), request("set", "s", long32, "keepttl", "get")));
        worst.put("setnx", List.of(request("setnx", "s2", long32)));
        worst.put("setex", List.of(request("setex", "s3", "100", long32)));
        worst.put("psetex", List.of(request("psetex", "s3", "100000", long32)));
        worst.put("getset", List.of(request("getset", "s", long32)));
        worst.put("mset", List.of(request(words("mset", IntStream.range(0, MANY).mapToObj(i -> "m" + i)))));
        worst.put(
                "msetnx",
                List.of(request(words("msetnx", IntStream.range(0, MANY).mapToObj(i -> "n" + i)))));
        worst.put("append", List.of(request("append", "large", "x"), request("append", "large2", "x".repeat(1 << 20))));
        worst.put(
                "setrange",
                List.of(request("setrange", "large", "1", "x"), request("setrange", "gap", "50000000", "x")));
        worst.put(
                "getrange",
                List.of(request("getrange", "large", "0", "-1"), request("getrange", "large", "0", "99999")));
        worst.put("substr", List.of(request("substr", "large", "0", "-1")));
        worst.put(
                "lcs",
                List.of(
                        request("lcs", "wide", "narrow"),
                        request("lcs", "wide", "other"),
                        request("lcs", "other", "wide", "idx"),
                        request("lcs", "wide", "none"),
                        request("lcs", "text", "text2", "idx"),
                        request("lcs", "text", "text2")));
        worst.put("rename", List.of(request("rename", "large2", "large3")));
        worst.put("renamenx", List.of(request("renamenx", "large3", "large5")));
        worst.put("copy", List.of(request("copy", "large", "large6"), crowded("copy large other")));
        worst.put(
                "keys",
                List.of(
                        request("keys", "*"),
                        request("keys", hard),
                        request("keys", classes),
                        request("keys", "x".repeat(16 << 20))));
        worst.put(
                "scan",
                List.of(
                        request("scan", "0", "count", "1000000", "match", hard),
                        request("scan", "0", "count", "2000000000", "match", classes)));
        worst.put("del", List.of(numbered("del", MANY)));
        worst.put("unlink", List.of(numbered("unlink", MANY)));
        worst.put("flushall", List.of(all(request("multi"), request("flushall"), request("discard"))));
        worst.put(
                "exec",
                List.of(
                        transaction(MANY, "GET", "k1"),
                        transaction(MANY, "INCR", "counter"),
                        transaction(5, "KEYS", "*"),
                        transaction(2, "KEYS", hard),
                        transaction(5, "APPEND", "text", "x".repeat(1 << 20)),
                        transaction(3, "COPY", "large", "large6", "REPLACE"),
                        transaction(500, "RANDOMKEY"),
                        transaction(20_000, "DBSIZE"),
                        transaction(2, "LCS", "text", "text2"),
                        transaction(2000, "AUTH", "wrong", "x".repeat(1000)),
                        transaction(
                                5, words("MGET", IntStream.range(0, MANY / 4).mapToObj(i -> "k" + i)))));
        for (String container :
                List.of("client", "object", "memory", "config", "command", "acl", "slowlog", "function", "cluster")) {
            worst.putIfAbsent(container, List.of(request(container)));
        }
        for (String sub : List.of(
                "client|id",
                "client|getname",
                "client|info",
                "client|help",
                "object|help",
                "memory|help",
                "config|resetstat",
                "config|rewrite",
                "config|help",
                "command|count",
                "command|help",
                "acl|whoami",
                "acl|list",
                "acl|users",
                "acl|help",
                "slowlog|len",
                "slowlog|reset",
                "slowlog|help",
                "function|help")) {
            worst.put(sub, List.of(request(sub.split("\\|", -1))));
        }
        for (String sub : List.of(
                "client|list",
                "client|list|id",
                "client|kill",
                "client|kill|id",
                "config|get",
                "config|set",
                "command|docs",
                "command|info",
                "command|list",
                "command|getkeys|mget",
                "acl|cat",
                "slowlog|get",
                "function|flush")) {
            String name = sub.split("\\|", -1)[0] + "|" + sub.split("\\|", -1)[1];
            List<byte[]> requests = new ArrayList<>(worst.getOrDefault(name, List.of()));
            requests.add(crowded(sub.replace('|', ' ')));
            requests.add(repeated(sub.replace('|', ' '), 1000, "1"));
            worst.put(name, requests);
        }
        for (String sub : List.of("client|setname", "client|reply", "client|no-evict", "client|no-touch")) {
            worst.put(sub, List.of(request(words(sub.replace('|', ' '), Stream.of(longKey)))));
        }
        worst.put("client|setinfo", List.of(request("client", "setinfo", "lib-name", longKey)));
        for (String sub :
                List.of("object|encoding", "object|refcount", "object|idletime", "object|freq", "memory|usage")) {
            worst.put(sub, List.of(request(words(sub.replace('|', ' '), Stream.of("large")))));
        }
        worst.get("config|get")
                .addAll(List.of(
                        repeated("config get", 1000, "*"),
                        request("config", "get", "[" + "a".repeat(60_000) + "*"),
                        request("config", "get", "x".repeat(16 << 20))));
        worst.get("command|info").add(repeated("command info", 1000, "set"));
        worst.get("command|info").add(repeated("command info", 300_000, "set"));
        worst.get("command|list")
                .add(request("command", "list", "filterby", "pattern", "[" + "a".repeat(60_000) + "*"));
        worst.get("command|list").add(request("command", "list", "filterby", "pattern", "*[a".repeat(5_000_000)));
        return worst;
    }

    @Test
    void noTurnOfAnyCommandIsLong() throws IOException {
        Map<String, List<byte[]>> worst = worst();
        TreeSet<String> without = new TreeSet<>();
        List<String> tooLong = new ArrayList<>();
        node.statistics().eachCommand().forEach(command -> {
            List<byte[]> requests = command.fullName().startsWith("cluster|")
                    ? List.of(crowded(command.fullName().replace('|', ' '))) // all refused alike
                    : worst.remove(command.fullName());
            if (requests == null) {
                without.add(command.fullName());
                return;
            }
            for (int i = 0; i < requests.size(); i++) {
                try (Client client = new Client()) {
                    Cost cost = client.run(requests.get(i));
                    String line = command.fullName() + "[" + i + "] in " + cost.turns + " turns, at most " + cost.steps
                            + " steps and " + cost.millis + " ms";
                    if (cost.millis >= 20 || cost.turns > 1) {
                        System.out.println("TurnTest: " + line);
                    }
                    if (cost.millis > MOST_MILLIS || cost.steps > MOST_STEPS) {
                        tooLong.add(line);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        assertEquals("[]", without.toString(), "commands of which nobody said what is the worst");
        assertEquals(List.of(), tooLong);
    }

    /** Somebody changes the key whenever it is read: that costs the client its turns, and ends. */
    @Test
    void whoeverChangesAKeyAllTheTimeStopsNobody() throws Exception {
        byte[] key = "contended".getBytes(ISO_8859_1);
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; !done.get(); i++) {
                store.put(key, Integer.toString(i).getBytes(ISO_8859_1));
            }
        });
        try (Client client = new Client()) {
            for (int round = 0; round < 20; round++) {
                for (String[] command : new String[][] {
                    {"INCR", "contended"},
                    {"APPEND", "contended", "1"},
                    {"GETSET", "contended", "1"},
                    {"SET", "contended", "1", "KEEPTTL"},
                    {"SETRANGE", "contended", "0", "1"},
                    {"EXPIRE", "contended", "100"}
                }) {
                    Cost cost = client.run(request(command));
                    assertTrue(cost.millis <= MOST_MILLIS, command[0] + " " + cost.millis + " ms");
                }
                Cost cost = client.run(transaction(100, "GET", "contended"));
                assertTrue(cost.millis <= MOST_MILLIS, "EXEC " + cost.millis + " ms");
                client.output.discard();
            }
        } finally {
            done.set(true);
            writer.join();
        }
    }
}
