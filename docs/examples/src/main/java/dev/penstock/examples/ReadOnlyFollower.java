package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.ReadOnlyStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.nio.file.Path;

/**
 * A store that another one follows, as a second process would: it opens the directory read-only and shows what the
 * owner writes, some milliseconds later or after a refresh.
 */
final class ReadOnlyFollower {

    private ReadOnlyFollower() {}

    /** @param arguments the directory of the store */
    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        byte[] key = "price".getBytes(UTF_8);
        try (Store owner = Store.open(directory);
                Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            owner.put(key, "42".getBytes(UTF_8));
            follower.refresh(); // returns when everything is there that was written before the call
            IO.println("the follower reads " + new String(follower.getBytes(key), UTF_8));
            try {
                follower.put(key, "43".getBytes(UTF_8));
            } catch (ReadOnlyStoreException e) {
                IO.println("the follower does not write");
            }
        }
    }
}
