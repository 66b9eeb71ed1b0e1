package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The worst that each command can be asked for, on the store of {@link TurnTest}. */
final class WorstRequests {

    static final int KEYS = 12_000;

    private static final int MANY = 25_000;

    private WorstRequests() {}

    static byte[] request(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("*" + words.length + "\r\n").getBytes(ISO_8859_1));
        for (String word : words) {
            bytes.writeBytes(("$" + word.length() + "\r\n" + word + "\r\n").getBytes(ISO_8859_1));
        }
        return bytes.toByteArray();
    }

    static String[] words(String command, Stream<String> arguments) {
        return Stream.concat(Stream.of(command.split(" ", -1)), arguments).toArray(String[]::new);
    }

    private static byte[] repeated(String command, int count, String argument) {
        return request(words(command, IntStream.range(0, count).mapToObj(i -> argument)));
    }

    static byte[] numbered(String command, int count) {
        return request(words(command, IntStream.range(0, count).mapToObj(i -> "k" + i)));
    }

    static byte[] all(byte[]... requests) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Stream.of(requests).forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }

    /** A request so many times. */
    static byte[] pipeline(byte[] request, int count) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            bytes.writeBytes(request);
        }
        return bytes.toByteArray();
    }

    /** As many arguments as a command may have that does not go through them in parts, and as long. */
    static byte[] crowded(String command) {
        return repeated(command, 1000, "x".repeat(1000));
    }

    static byte[] transaction(int count, String... command) {
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
    static Map<String, List<byte[]>> all() {
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
                "command",
                "info",
                "save",
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
        worst.put("info", List.of(request("info"), request("info", "everything"), crowded("info")));
        worst.put("hello", List.of(request("hello", "3"), crowded("hello")));
        worst.put("auth", List.of(request("auth", "default", "x".repeat(1_000_000)), crowded("auth")));
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
        worst.put("wait", List.of(request("wait", "1", "1000")));
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
}
