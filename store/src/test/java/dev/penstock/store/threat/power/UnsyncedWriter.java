package dev.penstock.store.threat.power;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;

import dev.penstock.store.Durability;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteOptions;
import java.nio.file.Path;

/** The child process of {@link RemountTest}: writes, forces nothing, and dies. */
final class UnsyncedWriter {

    private UnsyncedWriter() {}

    public static void main(String[] arguments) {
        Store store = Store.open(Path.of(arguments[0]), StoreOptions.defaults().withSegmentSize(1 << 20));
        store.put(bytes("synced"), bytes("value"), WriteOptions.defaults().durability(Durability.ALWAYS));
        store.put(bytes("large"), random(2 << 20, 1));
        store.put(bytes("small"), bytes("value"));
        Runtime.getRuntime().halt(0);
    }
}
