package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.io.DiskDirectory;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Repeats the reading of a store's files beside an owner whose compaction removes files and whose recovery truncates
 * others.
 */
public final class OpenRetry {

    private static final int MAX_ATTEMPTS = 20;

    private OpenRetry() {}

    /** Something that reads the files. */
    @FunctionalInterface
    public interface Attempt<T> {

        T run() throws IOException;
    }

    /** Tries again, some times at most, while what fails may be due to files that have come, gone or been cut. */
    public static <T> T retry(DiskDirectory directory, Attempt<T> attempt) throws IOException {
        for (int number = 1; ; number++) {
            Map<String, Long> before = lengths(directory);
            try {
                return attempt.run();
            } catch (IOException | CorruptionException | InternalError e) {
                if (number == MAX_ATTEMPTS || lengths(directory).equals(before)) {
                    throw e;
                }
            }
        }
    }

    private static Map<String, Long> lengths(DiskDirectory directory) throws IOException {
        Map<String, Long> lengths = new HashMap<>();
        for (String name : directory.list()) {
            lengths.put(name, length(directory, name));
        }
        return lengths;
    }

    private static long length(DiskDirectory directory, String name) {
        try {
            return directory.length(name);
        } catch (IOException gone) {
            return -1;
        }
    }
}
