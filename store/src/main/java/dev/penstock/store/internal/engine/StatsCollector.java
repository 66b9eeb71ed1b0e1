package dev.penstock.store.internal.engine;

import dev.penstock.store.Store;
import dev.penstock.store.StoreStats;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Collects the result of {@link Store#stats()}. */
final class StatsCollector {

    private static final int SAMPLED_BUCKETS_PER_STRIPE = 64;
    private static final int DEPTHS = 8;
    private static final int SLOTS_PER_BUCKET = 8;

    private StatsCollector() {}

    static StoreStats of(Engine engine) throws IOException {
        List<Segment> log = engine.segments.logSegments();
        List<LargeSegment> large = List.copyOf(engine.segments.largeSegments());
        long live = engine.segments.liveBytes();
        long[] forces = engine.forceLatencies();
        return new StoreStats(
                engine.directory.count(),
                engine.directory.expiringCount(),
                live,
                engine.segments.usedBytes() - live,
                engine.segments.fileBytes(),
                log.stream()
                        .map(segment -> new StoreStats.SegmentStats(
                                segment.name(),
                                segment.usedLength(),
                                segment.liveBytes().sum()))
                        .toList(),
                large.size(),
                large.stream().mapToLong(LargeSegment::fileLength).sum(),
                engine.expiredCount(),
                index(engine.directory),
                Arrays.stream(forces).boxed().toList(),
                engine.compactionStats());
    }

    private static StoreStats.IndexStats index(KeyDirectory directory) {
        long[] depths = new long[DEPTHS];
        directory.sampleDepths(SAMPLED_BUCKETS_PER_STRIPE, depths);
        long buckets = directory.bucketCount();
        return new StoreStats.IndexStats(
                directory.bytes(),
                buckets,
                directory.overflowCount(),
                (double) directory.count() / (buckets * SLOTS_PER_BUCKET),
                Arrays.stream(depths).boxed().toList());
    }
}
