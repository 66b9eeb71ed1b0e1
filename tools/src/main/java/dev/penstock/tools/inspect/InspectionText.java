package dev.penstock.tools.inspect;

import dev.penstock.store.check.CheckpointSummary;
import dev.penstock.store.check.CompactionForecast;
import dev.penstock.store.check.Histogram;
import dev.penstock.store.check.PrefixSummary;
import dev.penstock.store.check.RecordSummary;
import dev.penstock.store.check.SegmentSummary;
import dev.penstock.store.check.StoreDetails;
import dev.penstock.store.check.StoreSummary;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Prints an inspection for people. */
public final class InspectionText {

    private static final int BAR_LENGTH = 40;
    /** More segments, or large values, are summed up. */
    private static final int MOST_SEGMENTS = 200;

    private final Console console;

    public InspectionText(Console console) {
        this.console = console;
    }

    /** How the buckets of a histogram are named. */
    @FunctionalInterface
    interface Naming {
        String name(List<Histogram.Bucket> buckets, int index);
    }

    /** Prints everything but the maps. */
    public void print(Inspection inspection) throws IOException {
        StoreDetails details = inspection.details();
        printSummary(details);
        printState(inspection);
        printHistogram("key length", details.keyLengths().buckets(), Labels::bytes);
        printHistogram("value length", details.valueLengths().buckets(), Labels::bytes);
        printHistogram("writes since", details.ages().buckets(), Labels::writes);
        if (details.expiringCount() > 0) {
            printHistogram("time to live", details.timesToLive().buckets(), timeNaming(Labels.TTL_BOUNDS));
        }
        printLargest(details.largest());
        printPrefixes(details);
        printSegments(details.summary());
    }

    static Naming timeNaming(long[] bounds) {
        return (buckets, index) -> Labels.time(buckets, index, bounds);
    }

    private void printSummary(StoreDetails details) throws IOException {
        StoreSummary summary = details.summary();
        field("store", summary.storeId());
        field("format version", summary.formatVersion());
        field("keys", summary.keyCount());
        if (details.expiringCount() > 0) {
            field("expiring keys", details.expiringCount() + ", of which expired: " + details.expiredCount());
        }
        field("last sequence", summary.lastSequence());
        field("live", Size.of(summary.liveBytes()));
        field("dead", Size.of(summary.deadBytes()));
        field("files", Size.of(summary.totalBytes()));
        field("segment size", Size.of(summary.segmentSize()));
    }

    private void printState(Inspection inspection) throws IOException {
        StoreDetails details = inspection.details();
        field(
                "index",
                "%s, load %.2f, %s, keys by depth %s"
                        .formatted(
                                Size.of(details.index().bytes()),
                                details.index().load(),
                                Size.count(details.index().overflowCount(), "overflow bucket", "overflow buckets"),
                                depths(details.index().keysByDepth())));
        CheckpointSummary checkpoint = details.checkpoint();
        field(
                "checkpoint",
                checkpoint == null
                        ? "none"
                        : "%s, %s old%s"
                                .formatted(
                                        Size.of(checkpoint.fileBytes()),
                                        Labels.duration(inspection.checkpointAgeMillis()),
                                        checkpoint.imageFrom() == 0 ? ", without an image of the index" : ""));
        field(
                "next open",
                inspection.openMillis() < 0
                        ? "refused"
                        : "replays %s; took %s just now, with the files in memory"
                                .formatted(Size.of(details.replayBytes()), Labels.duration(inspection.openMillis())));
        CompactionForecast forecast = details.compaction();
        field(
                "compaction",
                "would free %s of the log by copying %s from %s"
                        .formatted(
                                Size.of(forecast.bytesBefore() - forecast.bytesAfter()),
                                Size.of(forecast.copiedBytes()),
                                Size.count(forecast.segmentCount(), "segment", "segments")));
    }

    private static String depths(List<Long> keysByDepth) {
        int last = keysByDepth.size();
        while (last > 1 && keysByDepth.get(last - 1) == 0) {
            last--;
        }
        return keysByDepth.subList(0, last).toString();
    }

    private void printHistogram(String title, List<Histogram.Bucket> buckets, Naming naming) throws IOException {
        long most = buckets.stream().mapToLong(Histogram.Bucket::count).max().orElse(0);
        if (most == 0) {
            return;
        }
        console.line("");
        console.line("%-23s  %10s  %10s".formatted(title, "keys", "bytes"));
        for (int i = 0; i < buckets.size(); i++) {
            Histogram.Bucket bucket = buckets.get(i);
            String bar = "#".repeat((int) Math.ceilDiv(bucket.count() * BAR_LENGTH, most));
            console.line("%-23s  %10d  %10s  %s"
                    .formatted(naming.name(buckets, i), bucket.count(), Size.of(bucket.bytes()), bar)
                    .stripTrailing());
        }
    }

    private void printLargest(List<RecordSummary> largest) throws IOException {
        if (largest.isEmpty()) {
            return;
        }
        console.line("");
        console.line("largest values");
        for (RecordSummary record : largest) {
            console.line("%10s  %s".formatted(Size.of(record.valueLength()), Labels.key(record.key())));
        }
    }

    private void printPrefixes(StoreDetails details) throws IOException {
        if (details.prefixes().isEmpty()) {
            return;
        }
        console.line("");
        console.line("%10s  %10s  %s".formatted("keys", "bytes", "prefix"));
        for (PrefixSummary prefix : details.prefixes()) {
            console.line("%10d  %10s  %s"
                    .formatted(
                            prefix.keyCount(),
                            Size.of(prefix.bytes()),
                            prefix.prefix().length == 0 ? "(none)" : Labels.key(prefix.prefix())));
        }
        if (details.prefixShortfall() > 0) {
            console.line("There are very many prefixes: each count may be up to %d too low."
                    .formatted(details.prefixShortfall()));
        }
    }

    private void printSegments(StoreSummary summary) throws IOException {
        if (summary.segments().isEmpty()) {
            return;
        }
        int width = summary.segments().stream()
                .mapToInt(segment -> segment.file().length())
                .max()
                .getAsInt();
        String row = "%-" + width + "s  %-11s  %10s  %10s  %10s  %10s  %10s";
        console.line("");
        console.line(row.formatted("segment", "kind", "file", "used", "live", "records", "tombstones"));
        for (SegmentSummary segment : summary.segments()
                .subList(0, Math.min(MOST_SEGMENTS, summary.segments().size()))) {
            console.line(row.formatted(
                    segment.file(),
                    segment.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    Size.of(segment.fileBytes()),
                    Size.of(segment.usedBytes()),
                    Size.of(segment.liveBytes()),
                    segment.recordCount(),
                    segment.tombstoneCount()));
        }
        if (summary.segments().size() > MOST_SEGMENTS) {
            console.line("... and %d more; --json lists all"
                    .formatted(summary.segments().size() - MOST_SEGMENTS));
        }
        console.line("");
        console.line("Records include dead ones, and notes of the log itself, which count as dead.");
        console.line("The active segment takes the next record, also when the store is closed.");
    }

    private void field(String name, Object value) throws IOException {
        console.line("%-15s %s".formatted(name, value));
    }
}
