package dev.penstock.tools.inspect;

import dev.penstock.store.check.Histogram;
import dev.penstock.store.check.SegmentSummary;
import dev.penstock.store.check.StoreDetails;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that is known of a store.
 *
 * @param directory the store's
 * @param time when it was inspected
 * @param details what the store says
 * @param fileAges current records by the age of their files in milliseconds; count is of files
 * @param checkpointAgeMillis -1 if there is no checkpoint
 * @param openMillis how long it takes to open the store read-only, now that its files have been read
 */
public record Inspection(
        Path directory,
        Instant time,
        StoreDetails details,
        List<Histogram.Bucket> fileAges,
        long checkpointAgeMillis,
        long openMillis) {

    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    /** What the buckets of the ages of files begin with. */
    static final long[] AGES = {0, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY};

    /** Adds what the file system knows. */
    public static Inspection of(Path directory, Instant now, StoreDetails details, long openMillis) throws IOException {
        long[] counts = new long[AGES.length];
        long[] bytes = new long[AGES.length];
        for (SegmentSummary segment : details.summary().segments()) {
            long age = age(directory.resolve(segment.file()), now);
            if (age >= 0) {
                int bucket = AGES.length - 1;
                while (bucket > 0 && AGES[bucket] > age) {
                    bucket--;
                }
                counts[bucket]++;
                bytes[bucket] += segment.liveBytes();
            }
        }
        List<Histogram.Bucket> ages = new ArrayList<>();
        for (int i = 0; i < AGES.length; i++) {
            ages.add(new Histogram.Bucket(AGES[i], counts[i], bytes[i]));
        }
        return new Inspection(
                directory, now, details, List.copyOf(ages), age(directory.resolve("CHECKPOINT"), now), openMillis);
    }

    private static long age(Path file, Instant now) throws IOException {
        try {
            return Math.max(
                    0, now.toEpochMilli() - Files.getLastModifiedTime(file).toMillis());
        } catch (NoSuchFileException gone) {
            return -1;
        }
    }
}
