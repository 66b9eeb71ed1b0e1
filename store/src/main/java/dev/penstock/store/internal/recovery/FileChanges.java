package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Reading the files of a store beside an owner whose compaction removes some of them and whose recovery cuts others. */
public final class FileChanges {

    private static final int MAX_ATTEMPTS = 20;

    private FileChanges() {}

    /** Something that reads the files. */
    @FunctionalInterface
    public interface Attempt<T> {

        T run() throws IOException;
    }

    /** Tries again, some times at most, while what fails may be due to files that have come, gone or been cut. */
    public static <T> T retry(Path directory, Attempt<T> attempt) throws IOException {
        for (int number = 1; ; number++) {
            Map<Path, Long> before = lengths(directory);
            try {
                return attempt.run();
            } catch (IOException | CorruptionException | InternalError e) {
                if (number == MAX_ATTEMPTS || lengths(directory).equals(before)) {
                    throw e;
                }
            }
        }
    }

    private static Map<Path, Long> lengths(Path directory) throws IOException {
        Map<Path, Long> lengths = new HashMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                lengths.put(file, length(file));
            }
        }
        return lengths;
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException gone) {
            return -1;
        }
    }
}
