package dev.penstock.cluster.raft;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stays in the log for replicas that were away, although the store has it. Files of the log go as a whole, so one
 * more of them may stay.
 *
 * @param maxEntries how many entries stay: the newest
 * @param maxBytes how many bytes of files stay: the newest
 */
record KeptLog(long maxEntries, long maxBytes) {

    /** The newest 200,000 entries, and at most the newest GiB. */
    static final KeptLog USUAL = new KeptLog(200_000, 1L << 30);

    /** As Ratis names a file of the log by its first entry, and its last if it is full. */
    private static final Pattern NAME = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-(\\d+))?");

    private record LogFile(long first, long last, long length) {}

    /**
     * Returns the last entry that the log may let go of; -1 if it keeps all.
     *
     * @param folder where the files of the log are
     * @param synced the last entry that the store has on the device
     */
    long lastToLetGo(Path folder, long synced) throws IOException {
        long last = Math.max(synced - maxEntries, -1);
        long bytes = 0;
        for (LogFile file : newestFirst(folder)) {
            bytes += file.length();
            if (bytes > maxBytes && file.last() >= 0) {
                last = Math.max(last, file.last());
                break;
            }
        }
        return Math.min(last, synced);
    }

    private static List<LogFile> newestFirst(Path folder) throws IOException {
        List<LogFile> files = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            for (Path path : paths) {
                Matcher name = NAME.matcher(path.getFileName().toString());
                if (name.matches()) {
                    long last = name.group(2) == null ? -1 : Long.parseLong(name.group(2));
                    files.add(new LogFile(Long.parseLong(name.group(1)), last, length(path)));
                }
            }
        }
        files.sort(Comparator.comparingLong(LogFile::first).reversed());
        return files;
    }

    /** Ratis may let go of a file, or rename it when it is full, meanwhile. */
    private static long length(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
