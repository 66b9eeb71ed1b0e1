package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Where another process may have a file open for a moment, a move waits for that, and not for ever. */
class PathNamesTest {

    /** Less than a move is repeated for, and far more than all attempts take without pauses. */
    private static final Duration HELD = Duration.ofMillis(200);

    @Test
    void anInterruptDoesNotShortenTheWaitForAFileThatAnotherProcessHolds() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        long begin = System.nanoTime();
        Thread.currentThread().interrupt();
        PathNames.repeatWhileRefused(() -> {
            attempts.incrementAndGet();
            if (System.nanoTime() - begin < HELD.toNanos()) {
                throw new AccessDeniedException("name");
            }
        });
        assertTrue(Thread.interrupted(), "the interrupt is lost");
        assertTrue(attempts.get() <= 1 + HELD.toMillis() / 20 + 1, attempts + " attempts: not one each 20 ms");
    }

    @Test
    void aFileThatIsHeldForLongIsRefused() {
        AtomicInteger attempts = new AtomicInteger();
        AccessDeniedException refused = assertThrows(
                AccessDeniedException.class,
                () -> PathNames.repeatWhileRefused(() -> {
                    attempts.incrementAndGet();
                    throw new AccessDeniedException("name");
                }));
        assertEquals("name", refused.getFile());
        assertEquals(51, attempts.get());
    }
}
