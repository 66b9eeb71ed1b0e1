package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No address that a kernel gives is changed by the mask that compiled loads need. A changed one ends the process. */
class RawMemoryTest {

    @ParameterizedTest
    @ValueSource(longs = {0x7fff_ffff_f000L, 0xffff_ffff_f000L, 0xf_ffff_ffff_f000L, 0xff_ffff_ffff_f000L})
    void theMaskKeepsTheHighestAddressOfEachProcessor(long address) {
        assertEquals(address, address & RawMemory.ADDRESSES);
    }
}
