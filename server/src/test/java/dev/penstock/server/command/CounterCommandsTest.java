package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class CounterCommandsTest extends CommandTestCase {

    private static final String OVERFLOW = "-ERR increment or decrement would overflow\r\n";
    private static final String NOT_A_FLOAT = "-ERR value is not a valid float\r\n";

    @Test
    void anAbsentKeyCountsFromZero() throws IOException {
        expect(":1\r\n", "INCR", "n");
        expect(":-4\r\n", "DECRBY", "n", "5");
        expect(":-5\r\n", "DECR", "n");
        expect(":15\r\n", "INCRBY", "n", "20");
        expect(bulk("15"), "GET", "n");
        expect(bulk("0.5"), "INCRBYFLOAT", "f", "0.5");
    }

    @Test
    void whatIsNoNumberStaysAsItIs() throws IOException {
        for (String value :
                new String[] {"", " 1", "1 ", "01", "+1", "1.5", "abc", "9223372036854775808", "x".repeat(9000)}) {
            client.call("SET", "n", value);
            expect(NOT_AN_INTEGER, "INCR", "n");
            expect(bulk(value), "GET", "n");
        }
        expect(NOT_AN_INTEGER, "INCRBY", "n", "1.5");
        expect(NOT_A_FLOAT, "INCRBYFLOAT", "n", "1");
    }

    @Test
    void nothingOverflows() throws IOException {
        client.call("SET", "n", "9223372036854775807");
        expect(OVERFLOW, "INCR", "n");
        expect(OVERFLOW, "DECRBY", "n", "-1");
        expect(":9223372036854775806\r\n", "DECR", "n");
        client.call("SET", "n", "-9223372036854775808");
        expect(OVERFLOW, "DECR", "n");
        expect("-ERR decrement would overflow\r\n", "DECRBY", "n", "-9223372036854775808");
        expect(":-1\r\n", "INCRBY", "n", "9223372036854775807");
    }

    @Test
    void decimalsAreThoseOfLongDouble() throws IOException {
        client.call("SET", "f", "3.0e3");
        expect(bulk("3000.5"), "INCRBYFLOAT", "f", "0.5");
        expect(bulk("3000.60000000000000009"), "INCRBYFLOAT", "f", "0.1");
        expect(bulk("3016.60000000000000009"), "INCRBYFLOAT", "f", "0x10");
        expect(bulk("0"), "INCRBYFLOAT", "zero", "-0");
        expect(bulk("0.33333333333333333"), "INCRBYFLOAT", "third", "0.33333333333333333333333");
        expect(bulk("18446744073709551616"), "INCRBYFLOAT", "big", "18446744073709551616");
        expect(bulk("18446744073709551616"), "INCRBYFLOAT", "big", "1"); // 64 bits of mantissa, and to even
        expect(bulk("18446744073709551618"), "INCRBYFLOAT", "big", "2");
        expect(NOT_A_FLOAT, "INCRBYFLOAT", "f", "nan");
        expect(NOT_A_FLOAT, "INCRBYFLOAT", "f", "1e5000");
        expect(NOT_A_FLOAT, "INCRBYFLOAT", "f", "");
        expect("-ERR increment would produce NaN or Infinity\r\n", "INCRBYFLOAT", "f", "-inf");
        client.call("SET", "f", "1e4932");
        expect("-ERR increment would produce NaN or Infinity\r\n", "INCRBYFLOAT", "f", "1e4932");
    }

    @Test
    void writersBesideTheServerLoseNothing() throws Exception {
        int rounds = 2_000;
        Thread embedder = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < rounds; i++) {
                server.store().compute("n".getBytes(UTF_8), CounterCommandsTest::plusOne);
            }
        });
        for (int i = 0; i < rounds; i++) {
            client.call("INCR", "n");
        }
        embedder.join();
        assertEquals(bulk("" + 2 * rounds), client.call("GET", "n"));
    }

    static byte[] plusOne(byte[] old) {
        long number = old == null ? 0 : Long.parseLong(new String(old, UTF_8));
        return Long.toString(number + 1).getBytes(UTF_8);
    }
}
