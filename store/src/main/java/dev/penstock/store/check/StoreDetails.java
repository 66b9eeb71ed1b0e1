package dev.penstock.store.check;

import dev.penstock.store.StoreStats;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@link StoreInspector#details}. The histograms count the current records of keys.
 *
 * @param summary what {@link StoreInspector#inspect} returns
 * @param index the key directory that an open makes
 * @param expiringCount keys that expire
 * @param expiredCount keys that have expired and are not removed yet
 * @param keyLengths by length of the key in bytes
 * @param valueLengths by length of the value in bytes
 * @param ages by the number of writes since
 * @param timesToLive by milliseconds until the value expires; only those that expire
 * @param largest the largest values, the largest first
 * @param prefixes the commonest beginnings of keys, the commonest first
 * @param prefixShortfall how much the counts of prefixes may be too low: 0 unless there are very many
 * @param checkpoint null if it is missing or damaged
 * @param replayBytes bytes of the log that the next open replays
 * @param compaction what a full compaction would do
 * @param maps a map of each segment of the log, if requested
 */
public record StoreDetails(
        StoreSummary summary,
        StoreStats.IndexStats index,
        long expiringCount,
        long expiredCount,
        Histogram keyLengths,
        Histogram valueLengths,
        Histogram ages,
        Histogram timesToLive,
        List<RecordSummary> largest,
        List<PrefixSummary> prefixes,
        long prefixShortfall,
        @Nullable CheckpointSummary checkpoint,
        long replayBytes,
        CompactionForecast compaction,
        List<SegmentMap> maps) {

    /** Copies the lists. */
    public StoreDetails {
        largest = List.copyOf(largest);
        prefixes = List.copyOf(prefixes);
        maps = List.copyOf(maps);
    }
}
