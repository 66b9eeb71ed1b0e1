package dev.penstock.tools.top;

import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreStats;
import dev.penstock.store.StoreStats.SegmentStats;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A store's directory, opened to read, which takes no lock and follows the process that writes. */
public final class FollowerSource implements TopSource {

    private final Path directory;
    private final Store store;
    private @Nullable TopReading before;

    private FollowerSource(Path directory, Store store) {
        this.directory = directory;
        this.store = store;
    }

    /** @throws dev.penstock.store.StoreException if the directory is no store, or is damaged */
    public static FollowerSource open(Path directory) {
        return new FollowerSource(
                directory,
                Store.open(
                        directory,
                        StoreOptions.defaults().withCreateIfMissing(false).withReadOnly(true)));
    }

    @Override
    public TopFrame next() {
        store.refresh();
        StoreStats stats = store.stats();
        TopReading now = new TopReading(System.nanoTime(), directory + "  followed", figures(stats), List.of());
        FrameBuilder frame = new FrameBuilder(before, now);
        before = now;
        frame.count("keys", "keys", "keys")
                .count("expiring", "expiring", "expiring")
                .bytesPerSecond("appendedPerSecond", "appended", "appended")
                .section("store");
        frame.bytes("fileBytes", "files", "files")
                .bytes("liveBytes", "live", "live")
                .bytes("deadBytes", "dead", "dead")
                .count("largeValues", "large values", "largeCount")
                .bytes("largeValueBytes", "of", "largeBytes")
                .section("space");
        frame.bytes("bytes", "", "indexBytes").text("load", "load", "indexLoad").section("index");
        return frame.build(List.of(segments(stats)));
    }

    private static Map<String, String> figures(StoreStats stats) {
        Map<String, String> figures = new HashMap<>();
        figures.put("keys", Long.toString(stats.keyCount()));
        figures.put("expiring", Long.toString(stats.expiringCount()));
        figures.put("files", Long.toString(stats.fileBytes()));
        figures.put("live", Long.toString(stats.liveBytes()));
        figures.put("dead", Long.toString(stats.deadBytes()));
        figures.put("largeCount", Long.toString(stats.largeValueCount()));
        figures.put("largeBytes", Long.toString(stats.largeValueBytes()));
        figures.put("indexBytes", Long.toString(stats.index().bytes()));
        figures.put(
                "indexLoad", String.format(Locale.ROOT, "%.2f", stats.index().load()));
        // Compaction takes away; the growth that is shown is then less than what was written.
        long used = stats.segments().stream().mapToLong(SegmentStats::usedBytes).sum();
        figures.put("appended", Long.toString(used + stats.largeValueBytes()));
        return figures;
    }

    /** The segments of which most is dead come first: they are the next to be compacted. */
    private static TopTable segments(StoreStats stats) {
        List<List<String>> rows = new ArrayList<>();
        stats.segments().stream()
                .sorted(Comparator.comparingLong(SegmentStats::deadBytes).reversed())
                .forEach(segment -> rows.add(List.of(
                        segment.file(),
                        FrameBuilder.bytes((double) segment.usedBytes()),
                        FrameBuilder.bytes((double) segment.liveBytes()),
                        String.format(
                                Locale.ROOT,
                                "%.1f %%",
                                100.0 * segment.deadBytes() / Math.max(1, segment.usedBytes())))));
        return new TopTable("segments", List.of("segment", ">used", ">live", ">dead"), rows);
    }

    @Override
    public void close() {
        store.close();
    }
}
