package dev.penstock.tools.inspect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.StoreStats;
import dev.penstock.store.check.CheckpointSummary;
import dev.penstock.store.check.CompactionForecast;
import dev.penstock.store.check.Histogram;
import dev.penstock.store.check.PrefixSummary;
import dev.penstock.store.check.RecordKind;
import dev.penstock.store.check.RecordSummary;
import dev.penstock.store.check.SegmentMap;
import dev.penstock.store.check.SegmentSummary;
import dev.penstock.store.check.StoreDetails;
import dev.penstock.store.check.StoreSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page has at most 5 MB, whatever the store: many segments, and keys whose bytes take the most room in it. */
class InspectionHtmlTest {

    private static final int MOST_BYTES = 5_000_000;
    /** What {@code --top} and the prefixes are limited to. */
    private static final int MOST_ROWS = 1000;

    private static final int LONGEST_KEY = 65_535;
    private static final long SEGMENT_BYTES = 64 << 20;

    @ParameterizedTest
    @ValueSource(strings = {"<", "&", "\0", "\"", "\u2028", "\ud83d\ude00"})
    void thePageOfTenThousandSegmentsWithLongKeysHasAtMostFiveMegabytes(String character) throws IOException {
        byte[] key = Arrays.copyOf(character.repeat(LONGEST_KEY).getBytes(UTF_8), LONGEST_KEY);
        StoreDetails details = details(10_000, key);
        Inspection inspection = new Inspection(
                Path.of("/" + "<&\"/".repeat(1000)),
                Instant.EPOCH,
                details,
                buckets(9).buckets(),
                1L << 40,
                1L << 40);
        byte[] page = InspectionHtml.page(inspection, character.repeat(2000));
        assertTrue(page.length < MOST_BYTES, page.length + " bytes");
        assertTrue(page.length > 500_000, "the rows are in it: " + page.length);
    }

    private static StoreDetails details(int segmentCount, byte[] key) {
        List<SegmentSummary> segments = new ArrayList<>();
        List<SegmentMap> maps = new ArrayList<>();
        int cells = Math.max(1, InspectionHtml.MAP_CELLS / segmentCount);
        for (int i = 0; i < segmentCount; i++) {
            String file = Long.toString(999_999_999_999_000_000L + i) + ".log";
            segments.add(new SegmentSummary(
                    file,
                    SegmentSummary.Kind.SEALED,
                    Long.MAX_VALUE / 4,
                    Long.MAX_VALUE / 4,
                    i,
                    Long.MAX_VALUE,
                    Long.MAX_VALUE));
            Map<SegmentMap.State, long[]> bytes = new EnumMap<>(SegmentMap.State.class);
            for (SegmentMap.State state : SegmentMap.State.values()) {
                long[] each = new long[cells];
                Arrays.fill(each, SEGMENT_BYTES / cells / SegmentMap.State.values().length);
                bytes.put(state, each);
            }
            maps.add(new SegmentMap(file, SEGMENT_BYTES / cells, cells, bytes));
        }
        RecordSummary record = new RecordSummary(
                segments.getFirst().file(),
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                RecordKind.VALUE,
                Long.MAX_VALUE,
                key,
                Long.MAX_VALUE,
                Instant.ofEpochMilli(Long.MAX_VALUE),
                0,
                true);
        List<RecordSummary> largest = new ArrayList<>();
        List<PrefixSummary> prefixes = new ArrayList<>();
        for (int i = 0; i < MOST_ROWS; i++) {
            largest.add(record);
            prefixes.add(new PrefixSummary(key, Long.MAX_VALUE, Long.MAX_VALUE));
        }
        StoreSummary summary = new StoreSummary(
                new UUID(1, 2), 2, SEGMENT_BYTES, Long.MAX_VALUE, Long.MAX_VALUE, 1, 1, Long.MAX_VALUE, segments);
        return new StoreDetails(
                summary,
                new StoreStats.IndexStats(1L << 40, 1L << 34, 1L << 30, 0.875, List.of(1L, 2L)),
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                buckets(64),
                buckets(64),
                buckets(20),
                buckets(11),
                largest,
                prefixes,
                1,
                new CheckpointSummary(1, 1, 1, 1),
                1,
                new CompactionForecast(segmentCount, 1, 2, 1),
                maps);
    }

    private static Histogram buckets(int count) {
        List<Histogram.Bucket> buckets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            buckets.add(new Histogram.Bucket(i == 0 ? 0 : 1L << i - 1, Long.MAX_VALUE, Long.MAX_VALUE));
        }
        return new Histogram(buckets);
    }
}
