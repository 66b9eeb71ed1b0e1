package dev.penstock.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SizeTest {

    @Test
    void eachUnitStartsWhereItShould() {
        assertEquals("0 B", Size.of(0));
        assertEquals("1023 B", Size.of(1023));
        assertEquals("1.0 KiB", Size.of(1024));
        assertEquals("1.5 MiB", Size.of(3 << 19));
        assertEquals("64.0 MiB", Size.of(64 << 20));
        assertEquals("1.0 TiB", Size.of(1L << 40));
        assertEquals("8.0 EiB", Size.of(Long.MAX_VALUE));
    }
}
