package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Clients never get the last descriptors, whoever has the others. */
class DescriptorReserveTest {

    private static final long LIMIT = 100;
    private static final long MOST = LIMIT - DescriptorReserve.KEPT;

    private long open = 40;
    private int counts;

    private final DescriptorReserve reserve = new DescriptorReserve(LIMIT, () -> {
        counts++;
        return open;
    });

    /** As the server does: the socket is open when it asks, and closed again where it is refused. */
    private boolean accept(long nowMillis) {
        open++;
        boolean taken = reserve.take(nowMillis);
        if (!taken) {
            open--;
        }
        return taken;
    }

    @Test
    void theLastOnesAreKept() {
        while (accept(1000)) {
            assertTrue(open <= MOST, open + " open");
        }
        assertEquals(MOST, open);
        assertEquals(1, counts, "counted once in the same instant");
        open -= 3;
        assertFalse(accept(1000));
        assertTrue(accept(1000 + DescriptorReserve.RECOUNT_MILLIS), "they are used again soon");
    }

    @Test
    void whatOthersOpenIsCountedToo() {
        assertTrue(accept(1000));
        open = MOST;
        assertFalse(accept(1000 + DescriptorReserve.COUNT_MILLIS));
        open = -2; // nothing left to count with
        assertFalse(accept(2000 + DescriptorReserve.COUNT_MILLIS));
    }

    @Test
    void whereThereIsNoLimitNobodyCounts() {
        DescriptorReserve unlimited = new DescriptorReserve(Long.MAX_VALUE, () -> {
            throw new AssertionError("counted");
        });
        assertTrue(unlimited.take(1));
    }
}
