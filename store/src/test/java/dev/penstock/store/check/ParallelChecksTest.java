package dev.penstock.store.check;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Results come in the order of the files, few are begun ahead, and a failure or the end leaves no thread behind. */
class ParallelChecksTest {

    private static final List<Integer> FILES = IntStream.range(0, 200).boxed().toList();

    private static final int THREADS = 2;
    /** Each thread has two files ahead at most. */
    private static final int MOST_AHEAD = 4;

    @Test
    void resultsComeInTheOrderOfTheFilesWhicheverIsDoneFirst() throws IOException {
        CountDownLatch secondDone = new CountDownLatch(1);
        List<Integer> results = new ArrayList<>();
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(
                FILES,
                (file, read) -> {
                    if (file == 0) {
                        awaitQuietly(secondDone);
                    } else if (file == 1) {
                        secondDone.countDown();
                    }
                    read.accept(10);
                    return file;
                },
                THREADS)) {
            for (int i = 0; i < FILES.size(); i++) {
                results.add(checks.next(() -> {}));
            }
            assertEquals(10L * FILES.size(), checks.readBytes());
        }
        assertEquals(FILES, results);
    }

    @Test
    void noMoreFilesAreBegunThanAreBounded() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        Iterable<Integer> counted = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                return asked.getAndIncrement();
            }
        };
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(counted, (file, read) -> file, THREADS)) {
            for (int taken = 0; taken < 100; taken++) {
                int ahead = asked.get() - taken;
                assertTrue(ahead <= MOST_AHEAD, () -> ahead + " files ahead");
                assertEquals(taken, checks.next(() -> {}));
            }
        }
    }

    @Test
    void aFailureInOneThreadEndsAllOthersBeforeCloseReturns() {
        IOException failure = new IOException("of the first file");
        AtomicInteger running = new AtomicInteger();
        CountDownLatch otherRuns = new CountDownLatch(1);
        IOException thrown = assertThrows(IOException.class, () -> {
            try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(
                    FILES,
                    (file, read) -> {
                        if (file == 0) {
                            awaitQuietly(otherRuns);
                            throw failure;
                        }
                        running.incrementAndGet();
                        otherRuns.countDown();
                        try {
                            while (true) {
                                read.accept(1);
                            }
                        } finally {
                            running.decrementAndGet();
                        }
                    },
                    THREADS)) {
                checks.next(() -> {});
            }
        });
        assertSame(failure, thrown);
        assertEquals(0, running.get());
        assertNoThreadIsLeft();
    }

    @Test
    void anErrorOfAThreadReachesTheCallerAsItIs() {
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(
                FILES,
                (file, read) -> {
                    throw new InternalError("a page that was lost");
                },
                THREADS)) {
            assertThrows(InternalError.class, () -> checks.next(() -> {}));
        }
    }

    @Test
    void oneThreadIsThatOfTheCallerWhichHearsOfProgressInsideOfAFile() throws IOException {
        Thread caller = Thread.currentThread();
        List<Long> progress = new ArrayList<>();
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(
                FILES,
                (file, read) -> {
                    assertSame(caller, Thread.currentThread());
                    for (int step = 0; step < 8; step++) {
                        read.accept(1 << 19);
                    }
                    return file;
                },
                1)) {
            assertEquals(0, checks.next(() -> progress.add(checks.readBytes())));
            assertEquals(List.of(1L << 20, 2L << 20, 3L << 20, 4L << 20), progress);
            assertEquals(1, checks.next(() -> {}));
            assertEquals(8L << 20, checks.readBytes());
        }
        assertNoThreadIsLeft();
    }

    @Test
    void noThreadIsLeftWhenTheNextFileCannotBeNamed() {
        IllegalStateException failure = new IllegalStateException("of the second file");
        Iterable<Integer> failing = () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (next == 1) {
                    throw failure;
                }
                return next++;
            }
        };
        assertSame(
                failure,
                assertThrows(
                        IllegalStateException.class,
                        () -> new ParallelChecks<Integer, Integer>(failing, (file, read) -> file, THREADS)));
        assertNoThreadIsLeft();
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndIsKept() throws IOException {
        AtomicBoolean reported = new AtomicBoolean();
        Thread.currentThread().interrupt();
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(
                FILES,
                (file, read) -> {
                    while (!reported.get()) {
                        Thread.onSpinWait();
                    }
                    return file;
                },
                THREADS)) {
            assertEquals(0, checks.next(() -> reported.set(true)));
        }
        assertTrue(Thread.interrupted());
    }

    @Test
    void whatIsStillReadingAtTheEndIsEnded() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean cancelled = new AtomicBoolean();
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(
                FILES,
                (file, read) -> {
                    begun.countDown();
                    try {
                        while (true) {
                            read.accept(1);
                        }
                    } catch (CancellationException e) {
                        cancelled.set(true);
                        throw e;
                    }
                },
                THREADS)) {
            awaitQuietly(begun);
            while (checks.readBytes() == 0) {
                Thread.onSpinWait();
            }
        }
        assertTrue(cancelled.get());
        assertNoThreadIsLeft();
    }

    /** A thread that has done its work may need a moment to end. */
    private static void assertNoThreadIsLeft() {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("penstock-verify")) {
                assertDoesNotThrow(() -> thread.join(Duration.ofSeconds(20)));
                assertFalse(thread.isAlive(), "a thread goes on");
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
