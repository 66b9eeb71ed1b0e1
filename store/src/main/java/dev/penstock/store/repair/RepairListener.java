package dev.penstock.store.repair;

import dev.penstock.store.ProgressListener;

/**
 * Told what a repair finds, on the thread that runs it. There may be as many calls as there are records, so that a
 * report of any length takes no memory.
 */
public interface RepairListener extends ProgressListener {

    /** Ignores everything. */
    RepairListener NONE = (doneBytes, totalBytes) -> {};

    /**
     * Something is lost.
     *
     * @param loss what it is, and where
     */
    default void lost(Loss loss) {}

    /**
     * A value is sound, but a removal of its key, or a newer value, may be among what is lost. A strict repair leaves
     * it out.
     *
     * @param key the key
     * @param file name of the file that holds the record of the key
     * @param offset of the record in bytes
     */
    default void doubtful(byte[] key, String file, long offset) {}
}
