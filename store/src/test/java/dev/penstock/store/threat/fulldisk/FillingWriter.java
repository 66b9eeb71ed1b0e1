package dev.penstock.store.threat.fulldisk;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;

import dev.penstock.store.Store;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The child process of {@link FullDiskTest}: fills the disk with values, has a hundred more refused, and then removes
 * them, while it continues trying to add. Tells of each event by a byte.
 */
final class FillingWriter {

    static final int VALUE_LENGTH = 10_000;
    static final int STORED = 1;
    static final int REFUSED = 2;
    static final int REMOVED = 3;

    private FillingWriter() {}

    /** Argument: the directory. */
    public static void main(String[] args) throws IOException {
        FileOutputStream events = new FileOutputStream(FileDescriptor.out);
        StoreOptions options = StoreOptions.defaults().withSegmentSize(2 << 20);
        try (Store store = Store.open(Path.of(args[0]), options)) {
            int stored = 0;
            for (int refused = 0; refused < 100; ) {
                try {
                    store.put(bytes("key" + stored), random(VALUE_LENGTH, stored));
                    stored++;
                    events.write(STORED);
                } catch (StoreFullException full) {
                    refused++;
                    events.write(REFUSED);
                }
            }
            for (int number = 0; number < stored; number++) {
                store.remove(bytes("key" + number));
                events.write(REMOVED);
                try {
                    store.put(bytes("more"), random(VALUE_LENGTH, number));
                } catch (StoreFullException full) {
                    events.write(REFUSED);
                }
            }
        }
    }
}
