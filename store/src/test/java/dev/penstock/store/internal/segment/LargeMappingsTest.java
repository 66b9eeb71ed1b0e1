package dev.penstock.store.internal.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.io.Mappings;
import dev.penstock.store.internal.io.OpenFiles;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** There may be more large values than a process can have mappings; what a reader holds stays where it is. */
class LargeMappingsTest {

    private static final int WANTED = 4;
    private static final int MOST = 10;
    private static final int VALUES = 40;
    private static final int LENGTH = 100_000;

    @TempDir
    Path directory;

    private final LargeMappings mappings = new LargeMappings(WANTED, MOST);
    private final List<LargeSegment> values = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        Reclaimer reclaimer = new Reclaimer(new Reclaimer.Schedule() {
            @Override
            public void wakeUp() {}

            @Override
            public void lookAgainAfter(long nanos) {}
        });
        SegmentFactory factory = new SegmentFactory(
                new SystemDisk().openDirectory(directory),
                new UUID(1, 2),
                20,
                reclaimer,
                mappings,
                new OpenFiles(VALUES));
        for (int i = 0; i < VALUES; i++) {
            LargeSegment value = factory.createLarge(1, LENGTH);
            value.allocateAll();
            MemorySegment memory = value.memory();
            for (int at = 0; at < LENGTH; at++) {
                memory.set(ValueLayout.JAVA_BYTE, value.valueOffset() + at, (byte) (i + 1));
            }
            value.filled();
            values.add(value);
        }
    }

    @AfterEach
    void close() {
        values.forEach(LargeSegment::close);
        assertEquals(0, mappings.count());
    }

    private static void check(LargeSegment value, int expected, int offset) throws IOException {
        assertEquals(
                expected,
                value.memory().get(ValueLayout.JAVA_BYTE, value.valueOffset() + offset),
                value.name() + " at " + offset);
    }

    /** Linux has 65,530 unless told otherwise; nobody runs a JVM with less than some thousand. */
    @Test
    void theLimitOfTheSystemIsRead() {
        assertTrue(Mappings.mostInProcess() > 4000, Mappings.mostInProcess() + " mappings");
    }

    @Test
    void idleValuesAreUnmappedAndMappedAgain() throws IOException {
        assertTrue(mappings.count() <= WANTED + 1, mappings.count() + " are mapped");
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < VALUES; i++) {
                int lease = values.get(i).acquire();
                check(values.get(i), i + 1, i);
                values.get(i).release(lease);
                assertTrue(mappings.count() <= WANTED + 1, mappings.count() + " are mapped");
            }
        }
    }

    @Test
    void whatIsHeldStaysMappedAndTooManyHeldAreRefusedNotFatal() throws IOException {
        List<Integer> leases = new ArrayList<>();
        List<MemorySegment> held = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            leases.add(values.get(i).acquire());
            held.add(values.get(i).memory());
        }
        for (int i = 0; i < MOST; i++) {
            assertEquals(
                    i + 1, held.get(i).get(ValueLayout.JAVA_BYTE, values.get(i).valueOffset()));
        }
        int another = values.get(MOST).acquire();
        IOException refused = assertThrows(IOException.class, values.get(MOST)::memory);
        assertTrue(refused.getMessage().contains("max_map_count"), refused.getMessage());
        values.get(0).release(leases.getFirst());
        values.get(1).release(leases.get(1));
        mappings.trim();
        mappings.trim();
        mappings.trim();
        check(values.get(MOST), MOST + 1, 5);
        values.get(MOST).release(another);
        for (int i = 2; i < MOST; i++) {
            assertEquals(
                    i + 1, held.get(i).get(ValueLayout.JAVA_BYTE, values.get(i).valueOffset()));
            values.get(i).release(leases.get(i));
        }
    }

    /** Every read sees the value's own bytes, though mappings come and go under the readers all the time. */
    @Test
    void manyReadersOfMoreValuesThanAreMappedAllSeeWhatIsThere() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("LargeMappingsTest: -Dpenstock.seed=" + seed);
        int readers = 4;
        try (ExecutorService threads = Executors.newFixedThreadPool(readers)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int reader = 0; reader < readers; reader++) {
                SplittableRandom random = new SplittableRandom(seed + reader);
                tasks.add(() -> {
                    for (int read = 0; read < 1_500; read++) {
                        int number = random.nextInt(VALUES);
                        LargeSegment value = values.get(number);
                        int lease = value.acquire();
                        try {
                            MemorySegment memory = value.memory();
                            for (int look = 0; look < 20; look++) {
                                byte found =
                                        memory.get(ValueLayout.JAVA_BYTE, value.valueOffset() + random.nextInt(LENGTH));
                                assertEquals(number + 1, found);
                            }
                        } finally {
                            value.release(lease);
                        }
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        }
        assertTrue(mappings.count() <= MOST);
    }
}
