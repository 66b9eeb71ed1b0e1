package dev.penstock.store.internal.io;

/**
 * The logger of the store. It is looked up when there is something to log: a new JVM takes longer to load what that
 * needs than to open a small store.
 */
public final class StoreLog {

    private StoreLog() {}

    public static System.Logger get() {
        return System.getLogger("dev.penstock.store");
    }
}
