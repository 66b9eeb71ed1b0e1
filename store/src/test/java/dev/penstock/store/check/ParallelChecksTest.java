package dev.penstock.store.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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

    /** Each thread has two files ahead at most, and there are at most eight threads. */
    private static final int MOST_AHEAD = 16;

    @Test
    void resultsComeInTheOrderOfTheFilesWhicheverIsDoneFirst() throws IOException {
        CountDownLatch secondDone = new CountDownLatch(1);
        List<Integer> results = new ArrayList<>();
        boolean two = Runtime.getRuntime().availableProcessors() > 1;
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(FILES, (file, read) -> {
            if (file == 0 && two) {
                awaitQuietly(secondDone);
            } else if (file == 1) {
                secondDone.countDown();
            }
            read.accept(10);
            return file;
        })) {
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
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(counted, (file, read) -> file)) {
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
            try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(FILES, (file, read) -> {
                if (file == 0) {
                    if (Runtime.getRuntime().availableProcessors() > 1) {
                        awaitQuietly(otherRuns);
                    }
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
            })) {
                checks.next(() -> {});
            }
        });
        assertSame(failure, thrown);
        assertEquals(0, running.get());
        assertEquals(List.of(), threadsOfChecks());
    }

    @Test
    void anErrorOfAThreadReachesTheCallerAsItIs() {
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(FILES, (file, read) -> {
            throw new InternalError("a page that was lost");
        })) {
            assertThrows(InternalError.class, () -> checks.next(() -> {}));
        }
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndIsKept() throws IOException {
        AtomicBoolean reported = new AtomicBoolean();
        Thread.currentThread().interrupt();
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(FILES, (file, read) -> {
            while (!reported.get()) {
                Thread.onSpinWait();
            }
            return file;
        })) {
            assertEquals(0, checks.next(() -> reported.set(true)));
        }
        assertTrue(Thread.interrupted());
    }

    @Test
    void whatIsStillReadingAtTheEndIsEnded() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean cancelled = new AtomicBoolean();
        try (ParallelChecks<Integer, Integer> checks = new ParallelChecks<>(FILES, (file, read) -> {
            begun.countDown();
            try {
                while (true) {
                    read.accept(1);
                }
            } catch (CancellationException e) {
                cancelled.set(true);
                throw e;
            }
        })) {
            awaitQuietly(begun);
            while (checks.readBytes() == 0) {
                Thread.onSpinWait();
            }
        }
        assertTrue(cancelled.get());
        assertEquals(List.of(), threadsOfChecks());
    }

    private static List<Thread> threadsOfChecks() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && thread.getName().equals("penstock-verify"))
                .toList();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
