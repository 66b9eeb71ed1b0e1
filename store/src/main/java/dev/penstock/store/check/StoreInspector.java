package dev.penstock.store.check;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Summarizes the files of a store. Reads headers and keys, not values; changes nothing and takes no lock. */
public final class StoreInspector {

    private StoreInspector() {}

    /**
     * Inspects a store.
     *
     * @param directory the directory of the store
     * @param listener called on this thread as the inspection progresses
     * @return a summary of the files
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws dev.penstock.store.FormatVersionException if a newer version made it
     * @throws dev.penstock.store.CorruptionException if too much is missing to walk the files
     */
    public static StoreSummary inspect(Path directory, ProgressListener listener) {
        return look(directory, StoreInspector::summarise, listener);
    }

    /**
     * Looks through a store twice: the second time it is known which records are current.
     *
     * @param directory the store's directory
     * @param options what to collect
     * @param clock what expiries are compared with
     * @param listener told of the progress
     * @return what is in the store
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws dev.penstock.store.FormatVersionException if a newer version made it
     * @throws CorruptionException if so much is gone that nothing can be walked
     */
    public static StoreDetails details(
            Path directory, InspectOptions options, InstantSource clock, ProgressListener listener) {
        ProgressListener first = (done, total) -> listener.progress(done, 2 * total);
        ProgressListener second = (done, total) -> listener.progress(total + done, 2 * total);
        return look(
                directory,
                walk -> new RecordSurvey(walk, options, clock.instant().toEpochMilli()).run(summarise(walk), second),
                first);
    }

    /**
     * Looks up what the log still holds of a key.
     *
     * @param directory the store's directory
     * @param key the key
     * @param most so many of the newest records at most are returned
     * @param listener told of the progress
     * @return the records; none if the log holds nothing of the key
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws CorruptionException if so much is gone that nothing can be walked
     */
    public static KeyHistory history(Path directory, byte[] key, int most, ProgressListener listener) {
        return look(directory, walk -> new RecordLookup(walk).history(key, most), listener);
    }

    /**
     * Looks at a place of the log by its position.
     *
     * @param directory the store's directory
     * @param position of the record
     * @param listener told of the progress
     * @return what is there; empty if no segment has the position
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws CorruptionException if so much is gone that nothing can be walked
     */
    public static Optional<RecordDetails> record(Path directory, long position, ProgressListener listener) {
        return look(directory, walk -> new RecordLookup(walk).at(position), listener);
    }

    /**
     * Looks at a place of the log by file and offset, as a finding of {@link StoreVerifier} has them.
     *
     * @param directory the store's directory
     * @param file name of the segment's file
     * @param offset offset in the file in bytes
     * @param listener told of the progress
     * @return what is there; empty if there is no such file, or it is shorter
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws CorruptionException if so much is gone that nothing can be walked
     */
    public static Optional<RecordDetails> record(Path directory, String file, long offset, ProgressListener listener) {
        return look(
                directory,
                walk -> {
                    RecordLookup lookup = new RecordLookup(walk);
                    return lookup.at(lookup.position(file, offset));
                },
                listener);
    }

    /**
     * Looks at one segment of the log.
     *
     * @param directory the store's directory
     * @param number of the segment
     * @param listener told of the progress
     * @return what is in it; empty if there is no such segment
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws CorruptionException if so much is gone that nothing can be walked
     */
    public static Optional<SegmentDetails> segment(Path directory, long number, ProgressListener listener) {
        return look(directory, walk -> new RecordLookup(walk).segment(number), listener);
    }

    /** Something to find out about a store that was walked. */
    @FunctionalInterface
    private interface Question<T> {
        T answer(StoreWalk walk) throws IOException;
    }

    private static <T> T look(Path directory, Question<T> question, ProgressListener listener) {
        return StoreErrors.ofFiles(directory).call("reading " + directory, () -> {
            try (StoreWalk walk = StoreWalk.open(new SystemDisk(), directory)) {
                walk.walk(0, listener);
                T answer = question.answer(walk);
                PageFaults.deliver(); // before the files are closed
                return answer;
            }
        });
    }

    private static StoreSummary summarise(StoreWalk walk) throws IOException {
        List<SegmentSummary> summaries = new ArrayList<>();
        for (Segment segment : walk.files.segments.logSegments()) {
            summaries.add(walk.summary(segment));
        }
        for (long number : walk.files.largeNumbers) {
            String name = FileNames.largeValue(number);
            long length = walk.files.fileLength(name);
            if (length == 0) {
                // The store's owner has removed it meanwhile.
                continue;
            }
            boolean current = walk.replay.references().containsKey(number);
            summaries.add(new SegmentSummary(
                    name, SegmentSummary.Kind.LARGE_VALUE, length, length, current ? length : 0, 1, 0));
        }
        long live = summaries.stream().mapToLong(SegmentSummary::liveBytes).sum();
        long used = summaries.stream().mapToLong(SegmentSummary::usedBytes).sum();
        return new StoreSummary(
                walk.files.identity.storeId(),
                walk.files.identity.formatVersion(),
                walk.files.segments.segmentSize(),
                walk.directory.count(),
                live,
                used - live,
                summaries.stream().mapToLong(SegmentSummary::fileBytes).sum(),
                walk.replay.lastSequence(),
                summaries);
    }
}
