package dev.penstock.typed.micrometer;

import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreStats;
import dev.penstock.store.StoreStats.CompactionState;
import dev.penstock.store.StoreStats.SegmentStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of a store for Micrometer. By a Prometheus registry they have the names that a Penstock server gives them, so
 * that rules and dashboards work for both:
 *
 * <pre>{@code
 * new StoreMetrics(store, Tags.of("store", "orders")).bindTo(registry);
 * }</pre>
 *
 * <p>Counters begin at 0 when the store is opened. After the store is closed, gauges are NaN and counters keep their
 * last value. The durations of forces are missing, since Micrometer cannot take over a histogram; {@link
 * StoreStats#forceCounts} has them.
 *
 * <p>Thread-safe. The registry keeps the store reachable.
 */
public final class StoreMetrics implements MeterBinder {

    private static final String PREFIX = "penstock.";
    /** A registry asks for every figure by itself, and all at once. */
    private static final long SHARED_NANOS = 1_000_000_000;

    private final Store store;
    private final Iterable<Tag> tags;
    private volatile @Nullable Reading latest;

    /** What the store said at a time of {@link System#nanoTime}. */
    private record Reading(StoreStats stats, long nanoTime) {}

    /**
     * Creates the metrics of a store, without tags.
     *
     * @param store the store
     */
    public StoreMetrics(Store store) {
        this(store, Tags.empty());
    }

    /**
     * Creates the metrics of a store.
     *
     * @param store the store
     * @param tags of all its meters; needed to tell stores apart if there are several
     */
    public StoreMetrics(Store store, Iterable<Tag> tags) {
        this.store = store;
        this.tags = tags;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "keys", null, "keys, including expired ones that are not yet removed", StoreStats::keyCount);
        gauge(registry, "store.failed", null, "1 after an error that ended writing", _ -> store.hasFailed() ? 1 : 0);
        bytes(registry, "store.file", "size of all segments and large values", StoreStats::fileBytes);
        bytes(registry, "store.live", "records that the keys currently have", StoreStats::liveBytes);
        bytes(registry, "store.dead", "records that compaction frees", StoreStats::deadBytes);
        bytes(registry, "store.preallocated", "space that holds no record yet", StoreMetrics::preallocatedBytes);
        gauge(
                registry,
                "store.segments",
                null,
                "segments of the log",
                stats -> stats.segments().size());
        gauge(registry, "store.large.values", null, "values with a separate file", StoreStats::largeValueCount);
        bytes(registry, "store.large.value", "size of the files of large values", StoreStats::largeValueBytes);
        bytes(
                registry,
                "store.waiting",
                "emptied files that the next checkpoint deletes",
                stats -> stats.compaction().waitingBytes());
        bytes(
                registry,
                "index",
                "memory of the index, outside the heap",
                stats -> stats.index().bytes());
        gauge(
                registry,
                "index.load",
                "ratio",
                "keys per slot of the index",
                stats -> stats.index().load());
        gauge(
                registry,
                "store.compaction.running",
                null,
                "1 while background compaction runs, else 0",
                stats -> stats.compaction().state() == CompactionState.RUNNING ? 1 : 0);
        counter(registry, "store.expired.keys", null, "keys removed because they expired", StoreStats::expiredCount);
        counter(
                registry,
                "store.compaction.retired.segments",
                null,
                "segments that compaction emptied",
                stats -> stats.compaction().segmentsRetired());
        counter(
                registry,
                "store.appended",
                BaseUnits.BYTES,
                "records appended to the log, including copies by compaction",
                stats -> stats.compaction().appendedBytes());
        counter(
                registry,
                "store.compaction.moved",
                BaseUnits.BYTES,
                "records that compaction copied",
                stats -> stats.compaction().movedBytes());
    }

    private static double preallocatedBytes(StoreStats stats) {
        List<SegmentStats> segments = stats.segments();
        long used = segments.stream().mapToLong(SegmentStats::usedBytes).sum();
        return Math.max(0, stats.fileBytes() - stats.largeValueBytes() - used);
    }

    private void bytes(MeterRegistry registry, String name, String text, ToDoubleFunction<StoreStats> value) {
        gauge(registry, name, BaseUnits.BYTES, text, value);
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            @Nullable String unit,
            String text,
            ToDoubleFunction<StoreStats> value) {
        Gauge.builder(PREFIX + name, this, metrics -> metrics.gaugeOf(value))
                .description(text)
                .baseUnit(unit)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private void counter(
            MeterRegistry registry,
            String name,
            @Nullable String unit,
            String text,
            ToDoubleFunction<StoreStats> value) {
        FunctionCounter.builder(PREFIX + name, this, metrics -> metrics.countOf(value))
                .description(text)
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    private double gaugeOf(ToDoubleFunction<StoreStats> value) {
        try {
            return value.applyAsDouble(stats());
        } catch (StoreException e) {
            return Double.NaN;
        }
    }

    private double countOf(ToDoubleFunction<StoreStats> value) {
        Reading before = latest;
        try {
            return value.applyAsDouble(stats());
        } catch (StoreException e) {
            return before == null ? 0 : value.applyAsDouble(before.stats());
        }
    }

    private StoreStats stats() {
        Reading reading = latest;
        long now = System.nanoTime();
        if (reading == null || now - reading.nanoTime() >= SHARED_NANOS) {
            reading = new Reading(store.stats(), now);
            latest = reading;
        }
        return reading.stats();
    }
}
