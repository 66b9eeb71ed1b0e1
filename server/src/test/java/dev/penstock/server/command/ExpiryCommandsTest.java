package dev.penstock.server.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ExpiryCommandsTest extends CommandTestCase {

    private static final long NOW = 1_700_000_000_000L;

    @Test
    void aKeyIsGoneFromItsExpiryOn() throws IOException {
        expect(OK, "SET", "k", "v", "PX", "100");
        expect(":100\r\n", "PTTL", "k");
        nowMillis.addAndGet(99);
        expect(bulk("v"), "GET", "k");
        expect(":1\r\n", "PTTL", "k");
        nowMillis.incrementAndGet();
        expect(NIL, "GET", "k");
        expect(":-2\r\n", "PTTL", "k");
        expect(":0\r\n", "EXISTS", "k");
        expect(":0\r\n", "DEL", "k");
        expect("*0\r\n", "KEYS", "*");
        expect("*2\r\n$1\r\n0\r\n*0\r\n", "SCAN", "0", "COUNT", "1000");
        expect(NIL, "RANDOMKEY");
        expect(NIL, "SET", "k", "w", "XX");
        expect(OK, "SET", "k", "w", "NX");
        expect(":-1\r\n", "TTL", "k");
    }

    @Test
    void everyFormOfAnExpiryIsUnderstood() throws IOException {
        expect(OK, "SET", "k", "v", "EX", "10");
        expect(integer(NOW + 10_000), "PEXPIRETIME", "k");
        expect(OK, "SET", "k", "v", "exat", "1700000020");
        expect(integer(NOW + 20_000), "PEXPIRETIME", "k");
        expect(OK, "SET", "k", "v", "PXAT", "1700000020001");
        expect(":1700000020\r\n", "EXPIRETIME", "k");
        expect(OK, "SETEX", "k", "30", "v");
        expect(":30\r\n", "TTL", "k");
        expect(OK, "PSETEX", "k", "1499", "v");
        expect(":1\r\n", "TTL", "k"); // to the nearest second, as Redis has it
        expect(OK, "PSETEX", "k", "1500", "v");
        expect(":2\r\n", "TTL", "k");
        expect("-ERR invalid expire time in 'set' command\r\n", "SET", "k", "v", "EX", "0");
        expect("-ERR invalid expire time in 'setex' command\r\n", "SETEX", "k", "-1", "v");
        expect("-ERR invalid expire time in 'set' command\r\n", "SET", "k", "v", "PX", "9223372036854775807");
        expect(NOT_AN_INTEGER, "PSETEX", "k", "x", "v");
        expect(SYNTAX_ERROR, "SET", "k", "v", "EX", "1", "PX", "1");
        expect(SYNTAX_ERROR, "SET", "k", "v", "EX", "1", "KEEPTTL");
        expect(SYNTAX_ERROR, "SET", "k", "v", "EX");
        expect(OK, "SET", "k", "v", "EX", "1", "EX", "2");
        expect(":2\r\n", "TTL", "k");
    }

    @Test
    void writingAValueKeepsOrEndsItsExpiry() throws IOException {
        client.call("SET", "n", "1", "PX", "5000");
        client.call("INCR", "n");
        client.call("INCRBYFLOAT", "n", "0.5");
        client.call("APPEND", "n", "0");
        client.call("SETRANGE", "n", "0", "3");
        expect(OK, "SET", "n", "2", "KEEPTTL");
        expect(bulk("2"), "SET", "n", "3", "GET", "KEEPTTL");
        expect(":5000\r\n", "PTTL", "n");
        expect(bulk("3"), "GETSET", "n", "4");
        expect(":-1\r\n", "PTTL", "n");
        client.call("PEXPIRE", "n", "5000");
        client.call("SET", "n", "5");
        expect(":-1\r\n", "PTTL", "n");
        client.call("PEXPIRE", "n", "5000");
        client.call("MSET", "n", "6");
        expect(":-1\r\n", "PTTL", "n");
    }

    @Test
    void infoCountsTheKeysThatExpire() throws IOException {
        client.call("MSET", "a", "1", "b", "2", "c", "3");
        client.call("PEXPIRE", "a", "5000");
        client.call("PEXPIRE", "b", "5000");
        client.call("PERSIST", "b");
        String info = client.call("INFO", "keyspace");
        assertTrue(info.contains("db0:keys=3,expires=1,avg_ttl=0"), info);
    }

    @Test
    void theExpiryMovesWithTheValue() throws IOException {
        client.call("SET", "a", "v", "PX", "5000");
        expect(":1\r\n", "COPY", "a", "b");
        expect(OK, "RENAME", "a", "c");
        expect(":5000\r\n", "PTTL", "b");
        expect(":5000\r\n", "PTTL", "c");
        expect(":-2\r\n", "PTTL", "a");
        client.call("SET", "d", "w");
        expect(OK, "RENAME", "d", "c");
        expect(":-1\r\n", "PTTL", "c");
    }

    @Test
    void expireChangesWhatItsTermsAllow() throws IOException {
        client.call("SET", "k", "v");
        expect(":0\r\n", "EXPIRE", "none", "10");
        expect(":0\r\n", "EXPIRE", "k", "10", "XX");
        expect(":0\r\n", "EXPIRE", "k", "10", "GT");
        expect(":1\r\n", "EXPIRE", "k", "10", "LT");
        expect(":0\r\n", "EXPIRE", "k", "20", "NX");
        expect(":0\r\n", "EXPIRE", "k", "10", "GT");
        expect(":1\r\n", "PEXPIRE", "k", "10001", "GT");
        expect(":1\r\n", "EXPIREAT", "k", "1700000005", "XX", "LT");
        expect(integer(NOW + 5000), "PEXPIRETIME", "k");
        expect(":1\r\n", "PERSIST", "k");
        expect(":0\r\n", "PERSIST", "k");
        expect(":0\r\n", "PERSIST", "none");
        expect("-ERR Unsupported option x\r\n", "EXPIRE", "k", "10", "x");
        expect(
                "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n",
                "EXPIRE",
                "k",
                "10",
                "NX",
                "GT");
        expect("-ERR GT and LT options at the same time are not compatible\r\n", "EXPIRE", "k", "1", "GT", "LT");
        expect("-ERR invalid expire time in 'expire' command\r\n", "EXPIRE", "k", "9223372036854775807");
        expect("-ERR invalid expire time in 'pexpire' command\r\n", "PEXPIRE", "k", "9223372036854775807");
        expect(":1\r\n", "PEXPIREAT", "k", "9223372036854775807");
        expect(":1\r\n", "EXPIRE", "k", "-1");
        expect(":0\r\n", "EXISTS", "k");
    }

    @Test
    void getExChangesTheExpiryOfWhatItReads() throws IOException {
        client.call("SET", "k", "v");
        expect(NIL, "GETEX", "none", "EX", "0");
        expect(bulk("v"), "GETEX", "k");
        expect(":-1\r\n", "TTL", "k");
        expect(bulk("v"), "GETEX", "k", "EX", "10");
        expect(":10\r\n", "TTL", "k");
        expect(bulk("v"), "GETEX", "k", "PERSIST");
        expect(":-1\r\n", "TTL", "k");
        expect("-ERR invalid expire time in 'getex' command\r\n", "GETEX", "k", "EX", "0");
        expect(SYNTAX_ERROR, "GETEX", "k", "PERSIST", "EX", "1");
        expect(SYNTAX_ERROR, "GETEX", "k", "KEEPTTL");
        expect(bulk("v"), "GETEX", "k", "PXAT", "1");
        expect(NIL, "GET", "k");
    }

    @Test
    void streamedValuesExpireToo() throws IOException {
        String value = "x".repeat(3 << 20);
        expect(OK, "SET", "k", value, "PX", "100");
        expect(OK, "SETEX", "s", "1", value);
        expect(bulk(value), "SET", "k", value, "GET", "KEEPTTL");
        expect(":100\r\n", "PTTL", "k");
        expect(":1\r\n", "PEXPIRE", "k", "200");
        expect(":200\r\n", "PTTL", "k");
        nowMillis.addAndGet(1000);
        expect("*2\r\n$-1\r\n$-1\r\n", "MGET", "k", "s");
    }
}
