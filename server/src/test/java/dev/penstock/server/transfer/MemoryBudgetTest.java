package dev.penstock.server.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** However many loops draw on it, no more is handed out than there is, and what is given back can be had again. */
class MemoryBudgetTest {

    private static final int MIB = 1 << 20;

    @Test
    void whatOneLoopHoldsAnotherCannotHave() {
        MemoryBudget one = new MemoryBudget("tests", 100 * MIB);
        MemoryBudget other = one.sibling();
        one.reserveFirst(90 * MIB);
        assertTrue(one.isTight() && other.isTight());
        assertThrows(OutOfBudgetException.class, () -> other.reserveFirst(11 * MIB));
        other.reserveFirst(10 * MIB);
        assertThrows(OutOfBudgetException.class, () -> one.reserveFirst(1));
        one.release(90 * MIB);
        assertFalse(other.isTight());
        other.reserveMore(60 * MIB);
        assertEquals(70 * MIB, other.used());
    }

    @Test
    void aQuarterIsKeptForThoseWhoHaveNothing() {
        MemoryBudget one = new MemoryBudget("tests", 100 * MIB);
        MemoryBudget other = one.sibling();
        one.reserveFirst(70 * MIB);
        assertThrows(OutOfBudgetException.class, () -> one.reserveMore(6 * MIB));
        assertThrows(OutOfBudgetException.class, () -> other.reserveMore(6 * MIB));
        other.reserveFirst(20 * MIB);
    }

    @Test
    void loopsTogetherNeverHoldMoreThanTheLimit() throws Exception {
        long seed = System.nanoTime();
        long limit = 40 * MIB;
        MemoryBudget first = new MemoryBudget("tests", limit);
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        List<Callable<Void>> loops = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            MemoryBudget part = i == 0 ? first : first.sibling();
            Random random = new Random(seed + i);
            loops.add(() -> {
                work(part, random, held, most);
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(loops.size())) {
            for (var done : threads.invokeAll(loops)) {
                done.get();
            }
        }
        assertTrue(most.get() <= limit, "seed " + seed + ": " + most + " of " + limit);
        assertTrue(most.get() > limit / 2, "seed " + seed + ": the test never came near the limit");
        assertEquals(0, held.get());
        first.reserveFirst(limit - 4 * 2 * MIB);
    }

    private static void work(MemoryBudget part, Random random, AtomicLong held, AtomicLong most) {
        List<Integer> reserved = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int bytes = 1 + random.nextInt(2 * MIB);
            if (random.nextInt(5) < 3) {
                try {
                    part.reserveFirst(bytes);
                    reserved.add(bytes);
                    most.accumulateAndGet(held.addAndGet(bytes), Math::max);
                } catch (OutOfBudgetException full) {
                    // as it should be
                }
            } else if (!reserved.isEmpty()) {
                int back = reserved.removeLast();
                held.addAndGet(-back);
                part.release(back);
            }
        }
        reserved.forEach(back -> {
            held.addAndGet(-back);
            part.release(back);
        });
    }
}
