package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process opens as many stores as it likes: addresses do not run out, and those of a closed store are used again. */
@Tag("slow")
class ManyStoresTest {

    private static final int STORES = 200;
    private static final int REOPENINGS = 1_100;
    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir
    Path directory;

    @Test
    void twoHundredStoresAreOpenAndEachHasItsOwnValues() {
        List<Store> stores = new ArrayList<>();
        try {
            for (int i = 0; i < STORES; i++) {
                Store store = Store.open(directory.resolve("store" + i), SMALL);
                stores.add(store);
                store.put(bytes("key"), bytes("value of " + i));
            }
            for (int i = 0; i < STORES; i++) {
                assertArrayEquals(bytes("value of " + i), stores.get(i).getBytes(bytes("key")));
                assertNull(stores.get(i).getBytes(bytes("another key")));
            }
        } finally {
            stores.forEach(Store::close);
        }
    }

    @Test
    void aStoreThatIsOpenedAgainAndAgainUsesNoMoreAddresses() {
        Path path = directory.resolve("store");
        Store.open(path, SMALL).close();
        // With 128 GiB each, that would be more than a process can have.
        for (int i = 0; i < REOPENINGS; i++) {
            try (Store follower = Store.open(path, SMALL.withReadOnly(true))) {
                assertNull(follower.getBytes(bytes("key")));
            }
        }
    }
}
