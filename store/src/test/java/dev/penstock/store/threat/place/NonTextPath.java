package dev.penstock.store.threat.place;

import dev.penstock.store.Durability;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The child process of {@link PathBytesTest}: makes stores in and below directories whose names are no text. */
final class NonTextPath {

    private NonTextPath() {}

    public static void main(String[] arguments) throws IOException {
        Path parent = Path.of(arguments[0]);
        List<Path> entries = entries(parent);
        byte value = 0;
        for (Path entry : entries) {
            value++;
            // There, missing, and missing with a parent whose name is no text either.
            for (Path directory : List.of(
                    entry,
                    entry.resolve("a/store"),
                    entry.resolve(entry.getFileName()).resolve("store"))) {
                try (Store store = Store.open(directory)) {
                    require(store.count() == 0, "the store of another directory was opened");
                    store.put(
                            new byte[] {1},
                            new byte[] {value},
                            WriteOptions.defaults().durability(Durability.ALWAYS));
                    store.put(new byte[] {2}, new byte[2 << 20]);
                }
                require(Files.exists(directory.resolve("STORE")), "the store was made elsewhere");
            }
            try (Store store = Store.open(entry.resolve("a/store"))) {
                store.backup(entry.resolve("backup"), ProgressListener.NONE);
            }
            try (Store backup =
                    Store.open(entry.resolve("backup"), StoreOptions.defaults().withReadOnly(true))) {
                require(backup.getBytes(new byte[] {1})[0] == value, "the backup of another store was opened");
            }
            require(Files.exists(entry.resolve("backup/STORE")), "the backup was made elsewhere");
        }
        require(entries.equals(entries(parent)), "directories with other names were made");
        System.out.println(entries.size() + " done");
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalStateException(problem);
        }
    }
}
