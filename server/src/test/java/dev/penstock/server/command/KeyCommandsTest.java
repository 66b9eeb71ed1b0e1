package dev.penstock.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.TestServer;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyCommandsTest extends CommandTestCase {

    @Test
    void aValueGetsAnotherKey() throws IOException {
        expect("-ERR no such key\r\n", "RENAME", "none", "other");
        expect("-ERR no such key\r\n", "RENAME", "none", "none");
        client.call("MSET", "a", "1", "b", "2");
        expect(OK, "RENAME", "a", "a");
        expect(":0\r\n", "RENAMENX", "a", "a");
        expect(":0\r\n", "RENAMENX", "a", "b");
        expect(OK, "RENAME", "a", "b");
        expect("*2\r\n" + NIL + bulk("1"), "MGET", "a", "b");
        expect(":1\r\n", "RENAMENX", "b", "a");
        expect("*2\r\n" + bulk("1") + NIL, "MGET", "a", "b");
    }

    @Test
    void aValueIsCopied() throws IOException {
        expect(":0\r\n", "COPY", "none", "a");
        client.call("MSET", "a", "1", "b", "2");
        expect(":0\r\n", "COPY", "a", "b");
        expect(":1\r\n", "COPY", "a", "b", "replace", "DB", "0");
        expect("*2\r\n" + bulk("1") + bulk("1"), "MGET", "a", "b");
        expect("-ERR source and destination objects are the same\r\n", "COPY", "a", "a", "REPLACE");
        expect("-ERR DB index is out of range\r\n", "COPY", "a", "b", "DB", "1");
        expect(NOT_AN_INTEGER, "COPY", "a", "b", "DB", "x");
        expect(SYNTAX_ERROR, "COPY", "a", "b", "DB");
    }

    @Test
    void largeValuesMoveToo() throws IOException {
        String value = "x".repeat(9 << 20);
        client.call("SET", "a", value);
        expect(OK, "RENAME", "a", "b");
        expect(":1\r\n", "COPY", "b", "c");
        expect(":1\r\n", "DEL", "b");
        expect(bulk(value), "GET", "c");
        expect(bulk(value), "GETDEL", "c");
        expect(":0\r\n", "DBSIZE");
    }

    @Test
    void randomKeysAreAllThatThereAre() throws IOException {
        expect(NIL, "RANDOMKEY");
        Set<String> all = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            client.call("SET", "key:" + i, "v");
            all.add(bulk("key:" + i));
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 2_000; i++) { // each is missed by a chance of far less than one in a billion
            seen.add(client.call("RANDOMKEY"));
        }
        assertEquals(all, seen);
    }

    @Test
    void severalKeysAreSetTogetherOrNotAtAll() throws IOException {
        expect(":1\r\n", "MSETNX", "a", "1", "b", "2", "a", "3");
        expect(":0\r\n", "MSETNX", "c", "1", "b", "3");
        expect("*3\r\n" + bulk("3") + bulk("2") + NIL, "MGET", "a", "b", "c");
        expect("-ERR wrong number of arguments for 'msetnx' command\r\n", "MSETNX", "a", "1", "b");
    }

    @Test
    void objectAnswersInRedisTerms() throws IOException {
        client.call("SET", "k", "v");
        expect(":1\r\n", "OBJECT", "REFCOUNT", "k");
        expect(":0\r\n", "OBJECT", "IDLETIME", "k");
        expect(NIL, "OBJECT", "FREQ", "none");
        assertTrue(client.call("OBJECT", "FREQ", "k").startsWith("-ERR An LFU maxmemory policy is not selected"));
        assertTrue(client.call("OBJECT", "HELP").startsWith("*"));
    }

    @Test
    void compactionRunsInTheBackground() throws Exception {
        for (int i = 0; i < 40; i++) {
            client.call("SET", "k", "x".repeat(500_000));
        }
        long before = server.store().fileBytes();
        expect("+Background append only file rewriting started\r\n", "BGREWRITEAOF");
        TestServer.await(
                "compaction has ended", () -> client.call("INFO", "persistence").contains("aof_rewrite_in_progress:0"));
        TestServer.await("files are given back", () -> server.store().fileBytes() < before);
        expect(bulk("x".repeat(500_000)), "GET", "k");
    }

    @Test
    void theLongestCommonSubsequenceIsFound() throws IOException {
        client.call("MSET", "a", "ohmytext", "b", "mynewtext");
        expect(bulk("mytext"), "LCS", "a", "b");
        expect(":6\r\n", "LCS", "a", "b", "LEN");
        expect(
                "*4\r\n" + bulk("matches") + "*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n" + bulk("len")
                        + ":6\r\n",
                "LCS",
                "a",
                "b",
                "IDX",
                "MINMATCHLEN",
                "4",
                "WITHMATCHLEN");
        client.call("MSET", "a", "x".repeat(5000), "b", "x".repeat(5000));
        assertTrue(client.call("LCS", "a", "b").startsWith("-ERR Insufficient memory"));
        expect(bulk(""), "LCS", "a", "none");
    }

    @Test
    void theKeysOfACommandAreTold() throws IOException {
        expect("*2\r\n" + bulk("a") + bulk("b"), "COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2");
        expect("*1\r\n" + bulk("a"), "COMMAND", "GETKEYS", "object", "encoding", "a");
        expect("-ERR Invalid command specified\r\n", "COMMAND", "GETKEYS", "nosuch", "a");
        expect("-ERR The command has no key arguments\r\n", "COMMAND", "GETKEYS", "client", "id");
        expect("-ERR Invalid number of arguments specified for command\r\n", "COMMAND", "GETKEYS", "get", "a", "b");
    }
}
