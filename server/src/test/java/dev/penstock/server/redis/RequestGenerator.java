package dev.penstock.server.redis;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Generates requests of every kind, right and wrong ones, out of few keys, so that they meet each other. */
final class RequestGenerator {

    private final Random random;

    private final List<Supplier<String[]>> grammar = List.of(
            () -> words("GET", key()),
            () -> words("GET", key()),
            () -> words("SET", key(), value()),
            () -> words("SET", key(), value()),
            () -> words("SET", key(), value(), option()),
            () -> words("SET", key(), value(), option(), option()),
            () -> words("SET", key(), value(), option(), option(), option()),
            () -> withExpiry("SET", key(), value()),
            () -> withExpiry("SET", key(), value()),
            () -> withExpiry("SET", key(), value(), option()),
            () -> append(withExpiry("SET", key(), value()), option()),
            () -> append(withExpiry("SET", key(), value(), option()), option(), option()),
            () -> append(withExpiry("SET", key(), value()), withExpiry()),
            () -> words("SET", key(), value(), pick("NX", "XX", "GET"), expiryOption()),
            () -> words("SETEX", key(), duration(), value()),
            () -> words("PSETEX", key(), duration(), value()),
            () -> words("GETEX", key()),
            () -> withExpiry("GETEX", key()),
            () -> append(withExpiry("GETEX", key()), getExOption()),
            () -> words("GETEX", key(), getExOption()),
            () -> withExpiry("GETEX", key(), getExOption()),
            () -> words("GETEX", key(), pick("EXAT", "PXAT"), "1"),
            () -> words(pick("EXPIRE", "PEXPIRE"), key(), pick(duration(), "-1", "0")),
            () -> words(pick("EXPIRE", "PEXPIRE"), key(), duration(), pick("NX", "XX", "nx", "xx", "nonsense")),
            () -> words(pick("EXPIREAT", "PEXPIREAT"), key(), time()),
            () -> words(pick("EXPIREAT", "PEXPIREAT"), key(), time(), expireOption()),
            () -> words(pick("EXPIREAT", "PEXPIREAT"), key(), time(), expireOption()),
            () -> words(pick("EXPIREAT", "PEXPIREAT"), key(), time(), expireOption(), expireOption()),
            () -> words(expire(), key()),
            () -> words(pick("TTL", "PTTL"), key()),
            () -> words(pick("TTL", "PTTL"), "missing"),
            () -> words(pick("EXPIRETIME", "PEXPIRETIME"), key()),
            () -> words(pick("EXPIRETIME", "PEXPIRETIME"), key()),
            () -> words("PERSIST", key()),
            () -> words("SETNX", key(), value()),
            () -> words("GETSET", key(), value()),
            () -> words("GETDEL", key()),
            () -> words("STRLEN", key()),
            () -> words("MGET", key(), key(), key()),
            () -> words("MSET", key(), value(), key(), value()),
            () -> words("MSET", key(), value(), key()),
            () -> words("APPEND", key(), value()),
            () -> words("GETRANGE", key(), number(), number()),
            () -> words("SUBSTR", key(), number(), number()),
            () -> words("SETRANGE", key(), offset(), value()),
            () -> words("SET", counter(), pick(number(), decimal())),
            () -> words("SET", counter(), pick(number(), decimal())),
            () -> words("GET", counter()),
            () -> words(pick("INCR", "DECR"), counter()),
            () -> words(pick("INCR", "DECR"), key()),
            () -> words(pick("INCRBY", "DECRBY"), counter(), number()),
            () -> words(pick("INCRBY", "DECRBY"), counter(), number()),
            () -> words("INCRBYFLOAT", counter(), decimal()),
            () -> words("INCRBYFLOAT", counter(), decimal()),
            () -> words("INCRBYFLOAT", key(), number()),
            () -> words("SET", text(), letters()),
            () -> words("LCS", text(), text()),
            () -> words("LCS", text(), text(), lcsOption()),
            () -> words("LCS", text(), text(), lcsOption(), lcsOption()),
            () -> words("LCS", text(), text(), "IDX", "MINMATCHLEN", number(), lcsOption()),
            () -> words("MSETNX", key(), value(), key(), value()),
            () -> words("MSETNX", key(), value(), key()),
            () -> words("RENAME", key(), key()),
            () -> words("RENAME", key(), key()),
            () -> words("RENAMENX", key(), key()),
            () -> words("COPY", key(), key()),
            () -> words("COPY", key(), key(), copyOption()),
            () -> words("COPY", key(), key(), copyOption(), copyOption()),
            () -> words("COPY", key(), key(), "DB", number(), copyOption()),
            () -> words("RANDOMKEY"),
            () -> words("MULTI"),
            () -> words("MULTI"),
            () -> words("EXEC"),
            () -> words("EXEC"),
            () -> words("DISCARD"),
            () -> words("WATCH", "missing", "missing"), // others can be compared only where nobody changes them back
            () -> words("UNWATCH"),
            () -> words(pick("EXEC", "MULTI", "DISCARD", "UNWATCH"), "nonsense"),
            () -> words("DEL", key(), key()),
            () -> words("UNLINK", key()),
            () -> words("EXISTS", key(), key(), key()),
            () -> words("TOUCH", key(), key()),
            () -> words("TYPE", key()),
            () -> words("DBSIZE"),
            () -> words("KEYS", pattern()),
            () -> words("OBJECT", "ENCODING", "missing"),
            () -> words("OBJECT", pick("REFCOUNT", "IDLETIME", "FREQ"), "missing"),
            () -> words("OBJECT", "FREQ", key()),
            () -> words("OBJECT", "nonsense", key()),
            () -> words("OBJECT", pick("ENCODING", "FREQ")),
            () -> words("MEMORY", "USAGE", "missing"),
            () -> words("SCAN", "0", "COUNT", number()),
            () -> words("SCAN", "0", "COUNT", "100000", "MATCH", pattern()),
            () -> words(
                    "SCAN", "0", "TYPE", pick("string", "hash", "String", "x"), "COUNT", "100000", "MATCH", pattern()),
            () -> words("SCAN", "0", "MATCH", pattern(), pick("TYPE", "COUNT", "nonsense")),
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
            () -> words("CLIENT", "KILL", pick("1.2.3.4:5", "[::1]:5", ":0", "::1:5")),
            () -> words("CLIENT", "KILL", "ID", "999999999"),
            () -> words("CLIENT", "KILL", "ID", "0"),
            () -> words("CLIENT", "KILL", "TYPE", "nonsense"),
            () -> words("CLIENT", "LIST", "TYPE", "nonsense"),
            () -> words("CLIENT", "LIST", "ID", "x"),
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
            () -> words("COMMAND", "GETKEYS"),
            () -> words("COMMAND", "GETKEYS", pick("get", "MSET", "ping", "LCS", "nonsense"), key()),
            () -> words("COMMAND", "GETKEYS", pick("get", "MSET", "ping", "LCS", "DEL"), key(), name()),
            () -> words(
                    "COMMAND", "GETKEYS", pick("OBJECT", "CLIENT", "MEMORY"), pick("ENCODING", "ID", "USAGE"), key()),
            () -> words("ROLE"),
            () -> words("RESET"),
            () -> words("FUNCTION", "FLUSH"),
            () -> words("FUNCTION", "FLUSH", "nonsense"),
            () -> words("SHUTDOWN", "nonsense"),
            () -> words("SHUTDOWN", "ABORT"),
            () -> words("SHUTDOWN", "ABORT", pick("ABORT", "NOW", "SAVE", "NOSAVE", "FORCE")),
            () -> words("SHUTDOWN", pick("SAVE", "nosave"), pick("now", "ABORT"), pick("abort", "Abort")),
            () -> words("SHUTDOWN", "NOSAVE", pick("SAVE", "nonsense"), pick("NOW", "SAVE")),
            () -> words("SHUTDOWN", "SAVE", "NOSAVE"),
            () -> words(
                    "CLUSTER", pick("INFO", "nodes", "SLOTS", "shards", "MYID", "HELP", "LINKS", "RESET", "nonsense")),
            () -> words("CLUSTER", pick("KEYSLOT", "COUNTKEYSINSLOT", "FORGET", "INFO", "MEET"), number()),
            () -> words("CLUSTER", pick("GETKEYSINSLOT", "ADDSLOTS", "ADDSLOTSRANGE", "SETSLOT"), number(), number()),
            () -> words(pick("READONLY", "READWRITE", "ASKING", "CLUSTER")),
            () -> words(pick("READONLY", "READWRITE", "ASKING"), "nonsense"),
            () -> words("BGSAVE", "nonsense"),
            () -> words("BGREWRITEAOF", "nonsense"),
            () -> words("LASTSAVE", "nonsense"),
            () -> words("TIME", "nonsense"),
            () -> words("SAVE", "nonsense"),
            () -> words("INFO", "nonsense"),
            () -> words("NOSUCH", value(), value()),
            () -> words(value(), value()),
            () -> words("get"),
            () -> words("GeT", key(), key()));

    RequestGenerator(Random random) {
        this.random = random;
    }

    String[] next() {
        return grammar.get(random.nextInt(grammar.size())).get();
    }

    private static String[] words(String... words) {
        return words;
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** One command that may change a key; never back to what it was. */
    String[] change() {
        return switch (random.nextInt(22)) {
            case 0, 1 -> words("SET", key(), value());
            case 2 -> words("SET", key(), value(), option(), option());
            case 3 -> words("DEL", key(), key());
            case 4 -> words("APPEND", key(), pick("", "x"));
            case 5 -> words("SETRANGE", key(), pick("0", "5"), pick("", "x"));
            case 6 -> words("INCRBY", key(), pick("0", "1"));
            case 7 -> words("RENAME", key(), key());
            case 8 -> words("RENAMENX", key(), key());
            case 9 -> words("COPY", key(), key());
            case 10 -> words("COPY", key(), key(), "REPLACE");
            case 11 -> words("MSET", key(), "1", key(), "2");
            case 12 -> words("MSETNX", key(), "1", key(), "2");
            case 13 -> words("GETDEL", key());
            case 14 -> words("GETSET", key(), "1");
            case 15 -> words("EXPIRE", key(), pick("100000", "-1"), pick("NX", "XX"));
            case 16 -> words("EXPIREAT", key(), pick("4000000000", "4000000001"), pick("GT", "LT"));
            case 17 -> words("PERSIST", key());
            case 18 -> words("GETEX", key(), pick("PERSIST", "nonsense"));
            case 19 -> words("GETEX", key(), "EXAT", pick("4000000000", "1"));
            case 20 -> words(pick("GET", "STRLEN", "TTL", "EXISTS", "TYPE", "SETNX", "FLUSHALL"), key());
            default -> words("FLUSHALL");
        };
    }

    String key() {
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

    /** Keys whose values are mostly numbers. */
    private String counter() {
        return pick("n:1", "n:2", "n:3");
    }

    private String decimal() {
        return switch (random.nextInt(4)) {
            case 0 -> Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
            case 1 -> random.nextInt(2000) / 1000.0 + "";
            case 2 ->
                pick("1.5e3", "-0", "0.1", "+1", ".5", "1.", "1e-30", "3.0e5", "0x1F", "0x1.8p-3", "-0Xa.P2", "5e-1");
            default ->
                pick(
                        "",
                        " 1",
                        "1 ",
                        "1e",
                        "e5",
                        "nan",
                        "-nan",
                        "inf",
                        "-Infinity",
                        "1e5000",
                        "1e-5000",
                        "1e4932",
                        "0x",
                        "0xg",
                        "--1",
                        "1.5.5",
                        "0e99999999999",
                        "1e99999999999999999999",
                        "abc",
                        "1e4000",
                        "-1e4000");
        };
    }

    private String offset() {
        return pick("0", "1", "3", "10", "500", "-1", "x", "", "9223372036854775807", "2147483647", "536870912");
    }

    /** Keys whose values are short texts of few letters. */
    private String text() {
        return pick("t:1", "t:2", "none");
    }

    private String letters() {
        StringBuilder letters = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            letters.append(pick("a", "b", "c"));
        }
        return letters.toString();
    }

    private String lcsOption() {
        return pick("LEN", "IDX", "WITHMATCHLEN", "MINMATCHLEN", "len", "idx", "withmatchlen", "nonsense", "2");
    }

    private String expire() {
        return pick("EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT");
    }

    private String expiryOption() {
        return pick("EX", "PX", "EXAT", "PXAT", "ex", "px", "exat", "pxat");
    }

    /** The words with an expiry in one of its forms behind them. */
    private String[] withExpiry(String... words) {
        return switch (random.nextInt(4)) {
            case 0 -> append(words, pick("EX", "ex"), duration());
            case 1 -> append(words, pick("PX", "px"), duration());
            case 2 -> append(words, pick("EXAT", "exat"), pick("2000000000", "4000000000", notATime()));
            default -> append(words, pick("PXAT", "pxat"), pick("4000000000000", "4000000000001", notATime()));
        };
    }

    private static String[] append(String[] words, String... more) {
        String[] all = Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return all;
    }

    /** So many seconds or milliseconds that nothing expires before the test ends. */
    private String duration() {
        return pick("1000000", "2000000000", "4000000000", "9000000000000000", notATime());
    }

    private String notATime() {
        return pick("0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854776", "x", "", "1.5");
    }

    private String getExOption() {
        return pick("PERSIST", "persist", "KEEPTTL", "EX", "NX", "nonsense");
    }

    private String expireOption() {
        return pick("NX", "XX", "GT", "LT", "nx", "xx", "gt", "lt", "nonsense");
    }

    private String copyOption() {
        return pick("REPLACE", "replace", "DB", "0", "nonsense");
    }

    /** In seconds or milliseconds, long past or far ahead, except a number that is neither. */
    private String time() {
        return pick("2000000000", "2000000001", "4000000000000", "4000000000001", "1", notATime());
    }
}
