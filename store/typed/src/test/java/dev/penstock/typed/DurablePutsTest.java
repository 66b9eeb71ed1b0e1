package dev.penstock.typed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Durability;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteOptions;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the stages of putAsync promise. Forces are held up where a test must look in between. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DurablePutsTest {

    private static final WriteOptions PLAIN = WriteOptions.defaults();
    private static final int MOST_PENDING = 4;

    @TempDir
    Path directory;

    private Store store;
    private final AtomicInteger forces = new AtomicInteger();
    private final Semaphore permits = new Semaphore(0);
    private final CountDownLatch begun = new CountDownLatch(1);
    private DurablePuts puts;

    @BeforeEach
    void open() {
        store = Store.open(directory.resolve("store"));
        puts = new DurablePuts(store, this::force, MOST_PENDING);
    }

    @AfterEach
    void close() {
        permits.release(1_000);
        puts.close();
        store.close();
    }

    /** A force that waits for the test. */
    private void force() {
        begun.countDown();
        permits.acquireUninterruptibly();
        forces.incrementAndGet();
        store.sync();
    }

    private CompletionStage<Boolean> put(String key) {
        return puts.put(Key.of(bytes(key)), MemorySegment.ofArray(bytes("value")), PLAIN);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isDone(CompletionStage<?> stage) {
        return stage.toCompletableFuture().isDone();
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static Throwable failure(CompletionStage<?> stage) {
        return assertThrows(CompletionException.class, () -> join(stage)).getCause();
    }

    private static void await(Supplier<Boolean> condition) {
        while (!condition.get()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aStageCompletesAfterTheForceAndTheValueIsThereBefore() throws Exception {
        CompletionStage<Boolean> stage = put("key");
        assertTrue(store.contains(bytes("key")));
        begun.await();
        assertFalse(isDone(stage));
        permits.release();
        assertTrue(join(stage));
        assertEquals(1, forces.get());
    }

    /** One is under way; all that are written meanwhile share the next. */
    @Test
    void writesThatWaitShareAForce() throws Exception {
        List<CompletionStage<Boolean>> stages = new ArrayList<>(List.of(put("first")));
        begun.await();
        for (int i = 1; i < MOST_PENDING; i++) {
            stages.add(put("key" + i));
        }
        permits.release(100);
        stages.forEach(stage -> assertTrue(join(stage)));
        assertEquals(2, forces.get());
    }

    /** The force of the store is a group commit: whoever waits for the device at the time is served as well. */
    @Test
    void writesShareTheForcesOfOtherWriters(@TempDir Path other) {
        try (TypedStore<Long, Long> typed = TypedStore.open(other, Codecs.longs(), Codecs.longs())) {
            List<CompletionStage<Boolean>> stages = new ArrayList<>();
            for (long i = 0; i < 5_000; i++) {
                stages.add(typed.putAsync(i, i));
            }
            typed.put(-1L, 1L, PLAIN.durability(Durability.ALWAYS));
            stages.forEach(stage -> assertTrue(join(stage)));
            long count = typed.store().stats().forceCounts().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            assertTrue(count > 0 && count < stages.size() / 2, count + " forces for " + stages.size() + " writes");
        }
    }

    @Test
    void aCallerWaitsWhileTooManyWritesArePending() throws Exception {
        List<CompletionStage<Boolean>> stages = new ArrayList<>();
        for (int i = 0; i < MOST_PENDING; i++) {
            stages.add(put("key" + i));
        }
        AtomicReference<CompletionStage<Boolean>> late = new AtomicReference<>();
        AtomicBoolean interruptKept = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            late.set(put("late"));
            interruptKept.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        await(() -> caller.getState() == Thread.State.WAITING);
        assertFalse(store.contains(bytes("late")), "it is not even written");
        caller.interrupt();
        // The wait takes the interrupt, goes on, and sets it again at its end.
        await(() -> caller.getState() == Thread.State.WAITING && !caller.isInterrupted() || !caller.isAlive());
        assertNull(late.get(), "an interrupt does not end the call");
        permits.release(100);
        caller.join();
        assertTrue(join(late.get()));
        assertTrue(interruptKept.get(), "the interrupt is lost");
        stages.forEach(stage -> assertTrue(join(stage)));
    }

    @Test
    void aRefusedWriteCompletesAtOnceWithFalse() {
        store.put(bytes("key"), bytes("value"));
        CompletionStage<Boolean> stage =
                puts.put(Key.of(bytes("key")), MemorySegment.ofArray(bytes("new")), PLAIN.ifAbsent());
        assertTrue(isDone(stage));
        assertFalse(join(stage));
        assertEquals(0, forces.get());
    }

    @Test
    void optionsWithADurabilityAreRefused() {
        Key key = Key.of(bytes("key"));
        MemorySegment value = MemorySegment.ofArray(bytes("value"));
        for (int i = 0; i <= MOST_PENDING; i++) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> puts.put(key, value, PLAIN.durability(Durability.ALWAYS)),
                    "none counts as pending");
        }
    }

    /** The caller would wait for the device in the store. */
    @Test
    void theCallerWaitsForNoForceThoughTheStoreForcesEachWrite(@TempDir Path other) throws Exception {
        StoreOptions always = StoreOptions.defaults().withDurability(Durability.ALWAYS);
        try (Store forced = Store.open(other, always);
                DurablePuts own = new DurablePuts(forced, this::force, MOST_PENDING)) {
            CompletionStage<Boolean> stage =
                    own.put(Key.of(bytes("key")), MemorySegment.ofArray(bytes("value")), PLAIN);
            begun.await();
            assertEquals(
                    0,
                    forced.stats().forceCounts().stream()
                            .mapToLong(Long::longValue)
                            .sum());
            permits.release(100);
            assertTrue(join(stage));
        }
    }

    // --- ends ---

    @Test
    void closingWaitsForAllStagesAndRefusesMore() throws Exception {
        CompletionStage<Boolean> stage = put("key");
        Thread closer = new Thread(puts::close);
        closer.start();
        await(() -> closer.getState() == Thread.State.WAITING);
        assertFalse(isDone(stage));
        assertThrows(StoreClosedException.class, () -> put("late"));
        permits.release();
        closer.join();
        assertTrue(join(stage));
        assertFalse(store.contains(bytes("late")));
    }

    @Test
    void closingRefusesCallersThatWaitForTheirTurn() throws Exception {
        for (int i = 0; i < MOST_PENDING; i++) {
            put("key" + i);
        }
        AtomicReference<Throwable> refused = new AtomicReference<>();
        Thread caller = new Thread(() -> refused.set(assertThrows(StoreClosedException.class, () -> put("late"))));
        caller.start();
        await(() -> caller.getState() == Thread.State.WAITING);
        Thread closer = new Thread(puts::close);
        closer.start();
        caller.join();
        assertNotNull(refused.get());
        permits.release(100);
        closer.join();
    }

    @Test
    void aStoreThatIsClosedBeneathFailsTheStages() throws Exception {
        CompletionStage<Boolean> stage = put("key");
        begun.await();
        store.close();
        permits.release(100);
        assertInstanceOf(StoreClosedException.class, failure(stage));
        assertInstanceOf(StoreClosedException.class, failure(put("later")));
    }

    /** Nobody would find what is forced to a directory that is gone. */
    @Test
    void aForceThatFailsFailsTheStages() throws Exception {
        Logger.getLogger("dev.penstock.store").setLevel(Level.OFF);
        try {
            CompletionStage<Boolean> stage = put("key");
            begun.await();
            Files.move(directory.resolve("store"), directory.resolve("elsewhere"));
            permits.release(100);
            assertInstanceOf(StoreFailedException.class, failure(stage));
            assertInstanceOf(StoreFailedException.class, failure(put("next")));
            puts.close();
            assertThrows(StoreFailedException.class, store::close);
        } finally {
            Logger.getLogger("dev.penstock.store").setLevel(null);
        }
    }

    @Test
    void anyErrorOfAForceReachesTheStages() {
        Error error = new OutOfMemoryError("of the test");
        try (DurablePuts failing = new DurablePuts(
                store,
                () -> {
                    throw error;
                },
                1)) {
            for (int i = 0; i < 3; i++) {
                CompletionStage<Boolean> stage =
                        failing.put(Key.of(bytes("key")), MemorySegment.ofArray(bytes("value")), PLAIN);
                assertEquals(error, failure(stage), "and the next write has its turn");
            }
        }
    }

    // --- no threads ---

    /** The write is in the store already: its stage must not wait for the next one. */
    @Test
    void aCallerForcesItselfIfNoThreadCanBeStarted() {
        permits.release(1_000);
        try (DurablePuts alone = new DurablePuts(
                store,
                this::force,
                1,
                _ -> {
                    throw new OutOfMemoryError("unable to create native thread");
                },
                Runnable::run)) {
            for (int i = 1; i <= 3; i++) {
                CompletionStage<Boolean> stage =
                        alone.put(Key.of(bytes("key" + i)), MemorySegment.ofArray(bytes("value")), PLAIN);
                assertTrue(isDone(stage));
                assertTrue(join(stage));
                assertEquals(i, forces.get());
            }
        }
    }

    @Test
    void aThreadThatCannotBeMadeKeepsNoWritePending() {
        permits.release(1_000);
        try (DurablePuts refused = new DurablePuts(
                store,
                this::force,
                MOST_PENDING,
                _ -> {
                    throw new SecurityException("of the test");
                },
                Runnable::run)) {
            CompletionStage<Boolean> stage =
                    refused.put(Key.of(bytes("key")), MemorySegment.ofArray(bytes("value")), PLAIN);
            assertTrue(isDone(stage));
        }
    }

    @Test
    void stagesCompleteThoughTheirExecutorRefusesThem() {
        permits.release(1_000);
        try (DurablePuts refused = new DurablePuts(
                store, this::force, MOST_PENDING, Thread.ofPlatform().daemon().factory(), _ -> {
                    throw new RejectedExecutionException("of the test");
                })) {
            for (int i = 0; i < 3 * MOST_PENDING; i++) {
                assertTrue(join(refused.put(Key.of(bytes("key")), MemorySegment.ofArray(bytes("value")), PLAIN)));
            }
        }
    }

    // --- functions of the caller ---

    @Test
    void functionsOfTheCallerRunOnNoThreadOfTheStore() {
        List<CompletableFuture<String>> names = new ArrayList<>();
        for (int i = 0; i < MOST_PENDING; i++) {
            names.add(put("key" + i)
                    .thenApply(_ -> Thread.currentThread().getName())
                    .toCompletableFuture());
        }
        permits.release(100);
        names.forEach(name -> assertFalse(name.join().startsWith("penstock-"), name.join()));
    }

    /** One that never ends delays nobody. */
    @Test
    void aFunctionThatBlocksDelaysNoOtherStage() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        permits.release(1_000);
        CompletableFuture<Void> blocking = put("key")
                .thenAccept(_ -> {
                    blocked.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .toCompletableFuture();
        if (!blocking.isDone()) {
            for (int i = 0; i < 3 * MOST_PENDING; i++) {
                int before = forces.get();
                put("other" + i);
                await(() -> forces.get() > before);
            }
        }
        release.countDown();
        blocking.join();
    }

    /** A pending write has ended when its stage completes: a chain of writes does not block itself. */
    @Test
    void aFunctionMayPutAgain() {
        permits.release(1_000);
        CompletionStage<Boolean> chain = put("key");
        for (int i = 0; i < 10 * MOST_PENDING; i++) {
            String key = "key" + i;
            chain = chain.thenCompose(_ -> put(key));
        }
        assertTrue(join(chain));
    }

    @Test
    void aCallerCannotCompleteAStage() throws Exception {
        CompletionStage<Boolean> stage = put("key");
        begun.await();
        stage.toCompletableFuture().complete(true);
        assertFalse(isDone(stage));
        permits.release(100);
        assertTrue(join(stage));
    }

    /** A typed store that is abandoned keeps no thread. */
    @Test
    void theThreadEndsWhenNothingIsWritten() throws Exception {
        permits.release(100);
        assertTrue(join(put("key")));
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("penstock-put-async")) {
                thread.join();
            }
        }
        assertTrue(join(put("again")));
    }
}
