package dev.penstock.store.check;

import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.Identity;

/** The versions of the files that this release writes; docs/reference/format.md describes them. */
public final class StoreFormat {

    private StoreFormat() {}

    /** The version of the store: of its identity, its segments and its large values. */
    public static int version() {
        return Identity.FORMAT_VERSION;
    }

    /** The version of the checkpoint. */
    public static int checkpointVersion() {
        return Checkpoint.VERSION;
    }
}
