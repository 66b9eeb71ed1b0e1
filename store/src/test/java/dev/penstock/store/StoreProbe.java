package dev.penstock.store;

import dev.penstock.store.threat.mutant.PatchingLoader;

/** Called before each store into memory, where {@link PatchingLoader} has put calls to it. */
public final class StoreProbe {

    private static Runnable action;
    private static boolean acting;

    private StoreProbe() {}

    public static void set(Runnable probe) {
        action = probe;
    }

    public static void clear() {
        action = null;
    }

    /** What the probe itself stores is not probed. */
    public static void beforeStore() {
        if (action != null && !acting) {
            acting = true;
            try {
                action.run();
            } finally {
                acting = false;
            }
        }
    }
}
