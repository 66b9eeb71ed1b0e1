package dev.penstock.store.internal.event;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Expiries;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store tells of itself is what was done to it. */
class ObservabilityTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir
    Path temporary;

    @Test
    void theStatisticsCountWhatIsThere() {
        try (Store store = Store.open(temporary.resolve("store"), SMALL)) {
            for (int i = 0; i < 30_000; i++) {
                store.put(bytes("key" + i), random(60, i));
            }
            for (int i = 0; i < 10_000; i++) {
                store.remove(bytes("key" + i));
            }
            store.put(bytes("large"), random(500_000, 1));
            store.sync();
            StoreStats stats = store.stats();
            assertEquals(20_001, stats.keyCount());
            assertEquals(1, stats.largeValueCount());
            assertTrue(stats.largeValueBytes() >= 500_000);
            assertEquals(store.liveBytes(), stats.liveBytes());
            assertTrue(stats.deadBytes() > 10_000 * 100, stats.toString());
            assertTrue(stats.segments().size() > 3, stats.toString());
            long live = stats.segments().stream()
                    .mapToLong(StoreStats.SegmentStats::liveBytes)
                    .sum();
            assertEquals(stats.liveBytes(), live + stats.largeValueBytes());
            assertTrue(stats.segments().getFirst().deadBytes()
                    > stats.segments().getLast().deadBytes());
            assertTrue(stats.index().load() > 0.3 && stats.index().load() < 1, stats.toString());
            assertTrue(stats.index().keysByDepth().getFirst() > 1000, stats.toString());
            assertEquals(
                    1, stats.forceCounts().stream().mapToLong(count -> count).sum(), "one sync, one force");
        }
    }

    @Test
    void aReadOnlyStoreHasStatisticsToo() {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("key"), bytes("value"));
        }
        try (Store store = Store.open(directory, SMALL.withReadOnly(true))) {
            assertEquals(1, store.stats().keyCount());
        }
    }

    @Test
    void whatTakesTimeIsRecordedByTheFlightRecorder() throws IOException {
        Path file = temporary.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Force", "IndexGrowth", "Compaction", "Recovery", "ExpirySweep")) {
                recording.enable("dev.penstock." + name).withoutThreshold();
            }
            recording.start();
            Instant[] now = {Instant.EPOCH};
            try (Store store = Store.open(temporary.resolve("store"), SMALL.withClock(() -> now[0]))) {
                for (int i = 0; i < 30_000; i++) {
                    store.put(bytes("key" + i), random(60, i), Expiries.expiring(1 + i % 2));
                }
                store.sync();
                now[0] = Instant.ofEpochMilli(1);
                StoreAccess.sweepExpired(store);
                store.compact(ProgressListener.NONE);
            }
            recording.stop();
            recording.dump(file);
        }
        Map<String, List<RecordedEvent>> events = Stream.of(RecordingFile.readAllEvents(file))
                .flatMap(List::stream)
                .filter(event -> event.getEventType().getName().startsWith("dev.penstock."))
                .collect(Collectors.groupingBy(
                        event -> event.getEventType().getName().substring("dev.penstock.".length())));
        assertTrue(sum(events.get("Force"), event -> event.getLong("bytes")) > 30_000 * 100);
        assertTrue(sum(events.get("IndexGrowth"), event -> event.getLong("bytes")) >= 30_000 * 11);
        assertEquals(15_000, sum(events.get("ExpirySweep"), event -> event.getLong("keys")));
        assertEquals(15_000, sum(events.get("Compaction"), event -> event.getLong("recordsMoved")));
        assertEquals(1, events.get("Recovery").size());
    }

    private static long sum(List<RecordedEvent> events, Function<RecordedEvent, Long> field) {
        return events.stream().mapToLong(field::apply).sum();
    }
}
