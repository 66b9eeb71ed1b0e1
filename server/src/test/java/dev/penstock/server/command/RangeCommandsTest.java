package dev.penstock.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RangeCommandsTest extends CommandTestCase {

    private static final String TOO_LONG = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";

    @Test
    void aPartIsOverwrittenAndTheGapBeforeItIsZeros() throws IOException {
        client.call("SET", "k", "Hello World");
        expect(":11\r\n", "SETRANGE", "k", "6", "Redis");
        expect(bulk("Hello Redis"), "GET", "k");
        expect(":14\r\n", "SETRANGE", "k", "9", "atyou");
        expect(bulk("Hello Redatyou"), "GET", "k");
        expect(":17\r\n", "SETRANGE", "k", "16", "!");
        expect(bulk("Hello Redatyou\0\0!"), "GET", "k");
        expect(":3\r\n", "SETRANGE", "new", "2", "x");
        expect(bulk("\0\0x"), "GET", "new");
    }

    @Test
    void nothingToWriteMakesNoKey() throws IOException {
        expect(":0\r\n", "SETRANGE", "none", "5", "");
        expect(":0\r\n", "EXISTS", "none");
        client.call("SET", "k", "abc");
        expect(":3\r\n", "SETRANGE", "k", "9223372036854775807", "");
    }

    @Test
    void aSmallRequestMakesNoHugeValue() throws IOException {
        expect(TOO_LONG, "SETRANGE", "k", "9223372036854775807", "x");
        expect(TOO_LONG, "SETRANGE", "k", "536870911", "xy");
        expect("-ERR offset is out of range\r\n", "SETRANGE", "k", "-1", "x");
        expect(NOT_AN_INTEGER, "SETRANGE", "k", "x", "x");
        expect(":0\r\n", "EXISTS", "k");
    }

    @Test
    void largeValuesArePutTogetherOutsideOfTheHeap() throws IOException {
        int length = 3 << 20;
        client.call("SET", "k", "a".repeat(length));
        expect(":" + (length + 3) + "\r\n", "APPEND", "k", "end");
        expect(":" + (length + 3) + "\r\n", "SETRANGE", "k", "" + (length - 1), "XYZ");
        expect(bulk("aaXYZd"), "GETRANGE", "k", "-6", "-1");
        expect(":" + (2 * length + 1) + "\r\n", "SETRANGE", "k", "" + 2 * length, "!");
        String expected = "a".repeat(length - 1) + "XYZd" + "\0".repeat(length - 3) + "!";
        assertEquals(bulk(expected), client.call("GET", "k"));
    }
}
