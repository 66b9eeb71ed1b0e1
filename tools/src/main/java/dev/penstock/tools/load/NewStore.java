package dev.penstock.tools.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A directory in which a command may make a store, and which it leaves as it was if it fails. One thread. */
public final class NewStore {

    /** The names that a store gives its files. */
    private static final Pattern STORE_FILE = Pattern.compile("STORE|LOCK|CHECKPOINT|[0-9]+\\.(log|value)|.+\\.tmp");

    private static final String IDENTITY = "STORE";

    private final Path directory;
    private final boolean missing;
    private final boolean isNew;

    /** Looks at the directory before the store is opened. */
    public NewStore(Path directory) throws IOException {
        this.directory = directory;
        this.missing = !Files.exists(directory);
        this.isNew = missing || Files.isDirectory(directory) && files().isEmpty();
    }

    /** Whether the command makes the store. */
    public boolean isNew() {
        return isNew;
    }

    /**
     * Removes the store, which must be closed, if there was none before. The file by which a store is recognized goes
     * first: what a kill leaves is no store that looks damaged, and {@link #removeRemains} removes it.
     */
    public void discard() throws IOException {
        if (!isNew || !Files.exists(directory)) {
            return;
        }
        Files.deleteIfExists(directory.resolve(IDENTITY));
        removeRemains();
        if (missing) {
            Files.deleteIfExists(directory);
        }
    }

    /** Removes what an interrupted {@link #discard} has left. Does nothing if there is a store. */
    public void removeRemains() throws IOException {
        if (!Files.isDirectory(directory) || Files.exists(directory.resolve(IDENTITY))) {
            return;
        }
        for (Path file : files()) {
            if (STORE_FILE.matcher(file.getFileName().toString()).matches()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
