package dev.penstock.tools.load;

import dev.penstock.store.Store;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store that a load writes to. It is opened, or created, when the first entry is to be stored: input that has none,
 * because it is not what it should be, leaves no store behind. One thread.
 */
public final class LoadTarget implements AutoCloseable {

    private final Supplier<Store> opening;
    private @Nullable Store store;

    public LoadTarget(Supplier<Store> opening) {
        this.opening = opening;
    }

    Store store() {
        if (store == null) {
            store = opening.get();
        }
        return store;
    }

    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
    }
}
