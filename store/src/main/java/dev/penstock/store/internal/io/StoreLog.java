package dev.penstock.store.internal.io;

/**
 * The logger of the store. It is looked up when there is something to log, or by the first background thread: a new JVM
 * takes longer to load what that needs than to open a small store.
 *
 * <p>It is kept from then on. The JDK would forget a logger that nobody keeps, with the level that a program has set.
 */
public final class StoreLog {

    private static final class Kept {
        static final System.Logger LOGGER = System.getLogger("dev.penstock.store");

        private Kept() {}
    }

    private StoreLog() {}

    public static System.Logger get() {
        return Kept.LOGGER;
    }

    /** Has the JDK make the logger, and remember its level. */
    public static void keep() {
        get().isLoggable(System.Logger.Level.ERROR);
    }
}
