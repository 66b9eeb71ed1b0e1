package dev.penstock.tools.load;

import dev.penstock.store.Store;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store that a load writes to. It is opened, or created, when the first entry is to be stored: input that has none,
 * because it is not what it should be, leaves no store behind. A load that is only tried out has none at all. One
 * thread.
 */
public final class LoadTarget implements AutoCloseable {

    private final Supplier<Store> opening;
    private final boolean dry;
    private @Nullable Store store;

    public LoadTarget(Supplier<Store> opening) {
        this(opening, false);
    }

    private LoadTarget(Supplier<Store> opening, boolean dry) {
        this.opening = opening;
        this.dry = dry;
    }

    /** A target that takes everything, and stores nothing. */
    public static LoadTarget dry() {
        return new LoadTarget(
                () -> {
                    throw new IllegalStateException("nothing is stored");
                },
                true);
    }

    /** Whether nothing is stored, so that no value need be fetched. */
    public boolean isDry() {
        return dry;
    }

    Store store() {
        if (store == null) {
            store = opening.get();
        }
        return store;
    }

    /** The clock by which entries expire. */
    public InstantSource clock() {
        return dry ? InstantSource.system() : store().clock();
    }

    void remove(byte[] key) {
        if (!dry) {
            store().remove(key);
        }
    }

    /** Forces what was stored to the device. */
    public void sync() {
        if (!dry) {
            store().sync();
        }
    }

    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
    }
}
