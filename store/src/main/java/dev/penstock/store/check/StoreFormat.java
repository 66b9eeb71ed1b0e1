package dev.penstock.store.check;

import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Identity;

/** The versions of the files that this release writes; docs/reference/format.md describes them. */
public final class StoreFormat {

    private StoreFormat() {}

    /** {@return the version of the store's format: of its identity, its segments and its large values} */
    public static int version() {
        return Identity.FORMAT_VERSION;
    }

    /** {@return the version of the checkpoint's format} */
    public static int checkpointVersion() {
        return CheckpointHeader.VERSION;
    }
}
