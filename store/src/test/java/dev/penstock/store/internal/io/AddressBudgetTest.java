package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** However many stores are open, the process keeps about half of its addresses for everything else. */
class AddressBudgetTest {

    private static final long OF_A_DIRECTORY = 64L << 30;

    private static long takenBytes(long highestAddress) {
        AddressBudget budget = new AddressBudget();
        long taken = 0;
        while (budget.allows(OF_A_DIRECTORY)) {
            taken += OF_A_DIRECTORY;
            budget.take(highestAddress - taken, OF_A_DIRECTORY);
        }
        return taken;
    }

    @Test
    void halfOfTheAddressesOfEachKernelStayFree() {
        assertEquals(1L << 46, takenBytes(0x7f12_3456_7000L), "x86-64");
        assertEquals(1L << 47, takenBytes(0xffff_9234_5000L), "AArch64 with 48 bits");
        assertEquals(1L << 38, takenBytes(0x7f_9234_5000L), "AArch64 with 39 bits");
    }
}
