package dev.penstock.cluster.raft;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What a log is applied to. The mark is the contract: it is part of the same atomic change as the effects of the entry
 * that it names, so that after any failure it says exactly what has been applied.
 *
 * <p>The methods are called by threads of the engine. At most one {@link #apply} is under way at a time.
 */
public interface Replica {

    /** Returns the position of the last entry that is applied, from the mark. */
    LogPosition applied();

    /**
     * Applies entries, one after another, each with a mark of its position or all with that of the last one.
     *
     * <p>The future completes when the mark says that the last one is applied. If it fails, nothing is known but the
     * mark: the entries above it are applied again, the same ones and in the same order, until they are.
     *
     * @param entries in the order of the log, the first right behind {@link #applied}; some have nothing to execute,
     *     but keep their place
     */
    CompletableFuture<Void> apply(List<CommittedEntry> entries);

    /**
     * Returns when all that was applied before the call is on the device.
     *
     * @throws IOException if it is not
     */
    void sync() throws IOException;

    /** Returns whether nothing can be applied any more before the store is opened again. */
    boolean hasFailed();

    /** Returns whether a failure can pass while the node runs, as a full disk does when it gets room. */
    default boolean canPass(Throwable cause) {
        return true;
    }
}
