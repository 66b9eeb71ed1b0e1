package dev.penstock.store.check;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.StoreStats;
import dev.penstock.store.check.SegmentMap.State;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.checkpoint.StoredImage;
import dev.penstock.store.internal.compaction.CompactionPolicy;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every record of a store that was walked once, so that it is known which are current, and counts them.
 *
 * <p>One thread. The memory does not depend on the number of records.
 */
final class RecordSurvey {

    private static final long SECOND = 1000;
    private static final long HOUR = 3600 * SECOND;
    private static final long DAY = 24 * HOUR;

    private static final int DEPTHS = 8;
    private static final int SAMPLED_BUCKETS_PER_STRIPE = 4096;
    private static final int SLOTS_PER_BUCKET = 8;

    private final StoreWalk walk;
    private final InspectOptions options;
    private final long nowMillis;
    private final HistogramBuilder keyLengths = HistogramBuilder.ofPowersOfTwo();
    private final HistogramBuilder valueLengths = HistogramBuilder.ofPowersOfTwo();
    private final HistogramBuilder ages = HistogramBuilder.ofPowersOfTen();
    private final HistogramBuilder timesToLive = new HistogramBuilder(
            -1, 0, 10 * SECOND, 60 * SECOND, 600 * SECOND, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY);
    private final PriorityQueue<RecordSummary> largest =
            new PriorityQueue<>(Comparator.comparingLong(RecordSummary::valueLength));
    private final @Nullable PrefixCounter prefixes;
    private final List<SegmentMap> maps = new ArrayList<>();
    private long expiredCount;

    RecordSurvey(StoreWalk walk, InspectOptions options, long nowMillis) {
        this.walk = walk;
        this.options = options;
        this.nowMillis = nowMillis;
        this.prefixes = options.delimiter().length == 0 ? null : new PrefixCounter(options.delimiter());
    }

    StoreDetails run(StoreSummary summary, ProgressListener listener) throws IOException {
        List<Segment> log = walk.files.segments.logSegments();
        long total =
                log.stream().mapToLong(segment -> segment.memory().byteSize()).sum();
        long done = 0;
        for (Segment segment : log) {
            int cells = options.mapCells() == 0 ? 0 : Math.max(1, options.mapCells() / log.size());
            survey(segment, cells);
            done += segment.memory().byteSize();
            CallersCode.report(listener, done, total);
        }
        long[] imageFrom = new long[1];
        CheckpointSummary checkpoint = checkpoint(imageFrom);
        return new StoreDetails(
                summary,
                index(walk.directory),
                walk.directory.expiringCount(),
                expiredCount,
                keyLengths.build(),
                valueLengths.build(),
                ages.build(),
                timesToLive.build(),
                largest.stream()
                        .sorted(Comparator.comparingLong(RecordSummary::valueLength)
                                .reversed())
                        .toList(),
                prefixes == null ? List.of() : prefixes.largest(options.top()),
                prefixes == null ? 0 : prefixes.shortfall(),
                checkpoint,
                replayBytes(log, imageFrom[0]),
                forecast(log),
                maps);
    }

    private void survey(Segment segment, int cells) {
        long size = segment.memory().byteSize();
        SegmentMapBuilder map = cells == 0 ? null : new SegmentMapBuilder(segment.name(), size, cells);
        long[] end = {SegmentHeader.LENGTH};
        if (map != null) {
            map.add(0, SegmentHeader.LENGTH, State.LOG);
        }
        walk.forEachRecord(segment, record -> {
            State state = look(segment, record);
            if (map != null) {
                map.add(end[0], record.offset() - end[0], State.DAMAGED);
                map.add(record.offset(), record.length(), state);
            }
            end[0] = record.nextOffset();
        });
        if (map != null) {
            long damaged = walk.damageAtEnd(segment, end[0]);
            map.add(end[0], damaged, State.DAMAGED);
            map.add(end[0] + damaged, size, State.FREE);
            maps.add(map.build());
        }
    }

    private State look(Segment segment, RecordScanner record) {
        State state = walk.state(record, nowMillis);
        if (state == State.LIVE || state == State.EXPIRED) {
            count(segment, record);
        }
        return state;
    }

    private void count(Segment segment, RecordScanner record) {
        RecordHeader header = record.header();
        long bytes = record.length() + (header.kind() == RecordLayout.REFERENCE ? header.valueLength() : 0);
        keyLengths.add(header.keyLength(), bytes);
        valueLengths.add(header.valueLength(), bytes);
        ages.add(walk.replay.lastSequence() - header.sequence(), bytes);
        if (prefixes != null) {
            prefixes.add(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength(), bytes);
        }
        noteLarge(segment, record);
        if (header.expiryMillis() != RecordLayout.NO_EXPIRY) {
            long left = header.expiryMillis() - nowMillis;
            timesToLive.add(left <= 0 ? -1 : left, bytes);
            expiredCount += left <= 0 ? 1 : 0;
        }
    }

    private void noteLarge(Segment segment, RecordScanner record) {
        if (largest.size() == options.top()
                && (largest.isEmpty()
                        || largest.peek().valueLength() >= record.header().valueLength())) {
            return;
        }
        largest.add(walk.summary(segment, record));
        if (largest.size() > options.top()) {
            largest.poll();
        }
    }

    private @Nullable CheckpointSummary checkpoint(long[] imageFrom) throws IOException {
        if (walk.files.checkpoint.isEmpty()) {
            return null;
        }
        CheckpointHeader header = walk.files.checkpoint.get();
        Optional<StoredImage> image = new CheckpointFile(walk.files.place)
                .openImage(walk.files.identity.storeId(), walk.files.identity.segmentShift());
        if (image.isPresent()) {
            try (StoredImage opened = image.get()) {
                imageFrom[0] = opened.state().replayFrom();
            }
        }
        return new CheckpointSummary(
                walk.files.fileLength(CheckpointHeader.FILE_NAME),
                header.durablePosition(),
                header.lastSequence(),
                imageFrom[0]);
    }

    private long replayBytes(List<Segment> log, long imageFrom) {
        long bytes = 0;
        for (Segment segment : log) {
            long end = walk.files.segments.position(segment.number(), segment.usedLength());
            bytes += Math.clamp(end - imageFrom, 0, segment.usedLength());
        }
        return bytes;
    }

    private CompactionForecast forecast(List<Segment> log) {
        int count = 0;
        long copied = 0;
        long before = 0;
        long freed = 0;
        for (Segment segment : log) {
            long used = segment.usedLength();
            long live = segment.liveBytes().sum();
            before += used;
            if (walk.tally(segment).recordCount > 0 && CompactionPolicy.isWorthwhile(used, live)) {
                count++;
                copied += live;
                freed += used - live;
            }
        }
        return new CompactionForecast(count, copied, before, before - freed);
    }

    private static StoreStats.IndexStats index(KeyDirectory directory) {
        long[] depths = new long[DEPTHS];
        directory.sampleDepths(SAMPLED_BUCKETS_PER_STRIPE, depths);
        List<Long> keysByDepth = new ArrayList<>();
        for (long depth : depths) {
            keysByDepth.add(depth);
        }
        long buckets = directory.bucketCount();
        return new StoreStats.IndexStats(
                directory.bytes(),
                buckets,
                directory.overflowCount(),
                (double) directory.count() / (buckets * SLOTS_PER_BUCKET),
                keysByDepth);
    }
}
