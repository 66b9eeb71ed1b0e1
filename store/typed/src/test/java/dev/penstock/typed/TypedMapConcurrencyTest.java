package dev.penstock.typed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.WriteOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Changes by several threads, and by other writers of the store, are never lost and never mixed up. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TypedMapConcurrencyTest {

    private static final int THREADS = 4;
    private static final int CHANGES = 2_000;

    @TempDir
    Path directory;

    private TypedStore<String, Long> store;
    private ConcurrentMap<String, Long> map;

    @BeforeEach
    void open() {
        store = TypedStore.open(directory, Codecs.strings(), Codecs.longs());
        map = store.asMap();
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Each of them counts by another method. */
    private static final List<BiConsumer<ConcurrentMap<String, Long>, String>> INCREMENTS = List.of(
            (counts, key) -> counts.merge(key, 1L, Long::sum),
            (counts, key) -> counts.compute(key, (_, count) -> count == null ? 1 : count + 1),
            (counts, key) -> {
                if (counts.computeIfPresent(key, (_, count) -> count + 1) == null) {
                    counts.merge(key, 1L, Long::sum);
                }
            },
            (counts, key) -> {
                counts.putIfAbsent(key, 0L);
                for (Long count = counts.get(key); !counts.replace(key, count, count + 1); count = counts.get(key)) {}
            });

    @Test
    void noIncrementIsLost() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                BiConsumer<ConcurrentMap<String, Long>, String> increment = INCREMENTS.get(thread % INCREMENTS.size());
                running.add(threads.submit(() -> {
                    for (int i = 0; i < CHANGES; i++) {
                        increment.accept(map, "key" + i % 2);
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
        assertEquals((long) THREADS * CHANGES, map.get("key0") + map.get("key1"));
    }

    /** Of all puts and removals of a key, each value is returned exactly once as the one that was replaced. */
    @Test
    void everyValueIsReplacedOnce() throws Exception {
        List<Long> replaced = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<List<Long>>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                long first = (long) thread * CHANGES;
                running.add(threads.submit(() -> {
                    List<Long> mine = new ArrayList<>();
                    for (long value = first; value < first + CHANGES; value++) {
                        Long before = map.put("key", value);
                        mine.add(before);
                        if (value % 7 == 0) {
                            mine.add(map.remove("key"));
                        }
                    }
                    return mine;
                }));
            }
            for (Future<List<Long>> each : running) {
                replaced.addAll(each.get());
            }
        }
        replaced.add(map.remove("key"));
        replaced.removeIf(value -> value == null);
        assertEquals(THREADS * CHANGES, replaced.size());
        assertEquals(THREADS * CHANGES, new HashSet<>(replaced).size());
    }

    /** By value, the second writer's change would not be seen. */
    @Test
    void aChangeToTheSameValueIsAChange() {
        map.put("key", 1L);
        List<Long> calls = new ArrayList<>();
        map.merge("key", 10L, (before, added) -> {
            calls.add(before);
            if (calls.size() == 1) {
                store.put("key", 1L);
            }
            return before + added;
        });
        assertEquals(List.of(1L, 1L), calls);
        assertEquals(11L, map.get("key"));
    }

    @Test
    void replacingAllValuesLosesNoChangeThatComesMeanwhile() {
        map.put("key", 1L);
        map.put("removed", 1L);
        List<Long> calls = new ArrayList<>();
        map.replaceAll((key, value) -> {
            map.remove("removed");
            calls.add(value);
            if (calls.size() == 1) {
                store.put("key", 1L);
            }
            return value + 10;
        });
        assertEquals(Map.of("key", 11L), map);
        assertTrue(calls.size() >= 2, "the change to an equal value was not seen");
    }

    /** No two arrays are equal: by value, nothing would ever be unchanged. */
    @Test
    void allValuesOfATypeWithoutEqualsAreReplacedOnce(@TempDir Path other) {
        try (TypedStore<Integer, byte[]> arrays = TypedStore.open(other, Codecs.ints(), Codecs.byteArrays())) {
            for (int i = 0; i < 1_000; i++) {
                arrays.put(i, new byte[] {(byte) i});
            }
            arrays.asMap().replaceAll((_, value) -> new byte[] {(byte) (value[0] + 1)});
            arrays.asMap().forEach((key, value) -> assertEquals((byte) (key + 1), value[0]));
            assertEquals(1_000, arrays.asMap().size());
        }
    }

    /** A stream that trusts a size is wrong, or throws, as soon as others write. */
    @Test
    void noViewClaimsASizeThatOthersChange() {
        map.put("key", 1L);
        for (Collection<?> view : List.of(map.keySet(), map.values(), map.entrySet())) {
            Spliterator<?> elements = view.spliterator();
            assertFalse(
                    elements.hasCharacteristics(Spliterator.SIZED),
                    view.getClass().getSimpleName());
            assertTrue(elements.hasCharacteristics(Spliterator.CONCURRENT));
            Object[] found = view.stream()
                    .peek(_ -> map.put("key" + map.size(), 1L))
                    .limit(10)
                    .toArray();
            assertTrue(found.length > 0 && !view.isEmpty());
        }
    }

    @Test
    void theValuesAreALiveView() {
        Collection<Long> values = map.values();
        assertTrue(values.isEmpty());
        map.put("a", 1L);
        map.put("b", 2L);
        assertEquals(Set.of(1L, 2L), new HashSet<>(values));
        assertTrue(values.remove(1L));
        assertEquals(Set.of("b"), map.keySet());
        values.clear();
        assertTrue(map.isEmpty());
    }

    @Test
    void anIterationSeesWhatStaysAndHoldsNothing() {
        Set<String> staying = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            map.put("stays" + i, 1L);
            staying.add("stays" + i);
        }
        Set<String> seen = new HashSet<>();
        int added = 0;
        for (Iterator<String> keys = map.keySet().iterator(); keys.hasNext(); ) {
            String key = keys.next();
            seen.add(key);
            if (key.startsWith("stays")) {
                for (int i = 0; i < 5; i++) {
                    map.put("added" + added++, 2L);
                }
            } else {
                keys.remove();
            }
        }
        assertTrue(seen.containsAll(staying));
        assertTrue(map.keySet().containsAll(staying));
        assertTrue(store.store().getBytes("stays0".getBytes(StandardCharsets.UTF_8)).length == Long.BYTES);
    }

    @Test
    void aMapKeepsExpiriesWhereItComputesAndDropsThemWhereItPuts() {
        store.put("key", 1L, WriteOptions.defaults().expiresIn(Duration.ofDays(1)));
        map.merge("key", 1L, Long::sum);
        map.replace("key", 3L);
        map.replace("key", 3L, 4L);
        map.compute("key", (_, value) -> value + 1);
        assertTrue(store.store().expiringCount() == 1);
        map.put("key", 6L);
        assertEquals(0, store.store().expiringCount());
        store.put("key", 1L, WriteOptions.defaults().expiresIn(Duration.ZERO));
        assertNull(map.get("key"));
        assertNull(map.putIfAbsent("key", 2L));
    }
}
