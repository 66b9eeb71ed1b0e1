package dev.penstock.cluster.raft;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether this node may answer for reads. While the lease holds it may. Otherwise an entry goes through the
 * log that does nothing: if it is applied, the node led when the reads had arrived. One such entry is under way at a
 * time; the fences that come meanwhile wait for the next one, or for the lease that this one brings.
 *
 * <p>The fences of Ratis are not used. Without a lease, Ratis confirms each commit index only once, so a leader that
 * was cut off keeps answering; decision 0020 has the rest.
 *
 * <p>Thread-safe. The lock is held for a few instructions.
 */
final class Fences {

    private final Supplier<Boolean> hasLease;
    private final Supplier<CompletableFuture<Boolean>> entry;

    @GuardedBy("this")
    private boolean isRunning;

    /** Of the fences that the entry under way is too early for. */
    @GuardedBy("this")
    private @Nullable CompletableFuture<Boolean> next;

    /**
     * @param hasLease whether the node leads, and its lease holds
     * @param entry submits an entry that does nothing; completes with whether it is applied, and not exceptionally
     */
    Fences(Supplier<Boolean> hasLease, Supplier<CompletableFuture<Boolean>> entry) {
        this.hasLease = hasLease;
        this.entry = entry;
    }

    /** Completes with whether the node led at some time after the call. */
    CompletableFuture<Boolean> ask() {
        CompletableFuture<Boolean> asked = new CompletableFuture<>();
        synchronized (this) {
            if (isRunning) {
                if (next == null) {
                    next = asked;
                }
                return next;
            }
            isRunning = true;
        }
        run(asked);
        return asked;
    }

    /** Has the lease begin anew, if nothing else does so already. */
    @SuppressWarnings("FutureReturnValueIgnored") // the lease shows it
    void renew() {
        synchronized (this) {
            if (isRunning) {
                return;
            }
            isRunning = true;
        }
        run(new CompletableFuture<>());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // end() lets nothing out
    private void run(CompletableFuture<Boolean> asked) {
        entry.get().thenAccept(isApplied -> end(asked, isApplied));
    }

    private void end(CompletableFuture<Boolean> asked, boolean isApplied) {
        boolean holds = hasLease.get();
        CompletableFuture<Boolean> waiting;
        synchronized (this) {
            waiting = next;
            next = null;
            isRunning = waiting != null && !holds;
        }
        asked.complete(isApplied);
        if (waiting == null) {
            return;
        }
        if (holds) {
            waiting.complete(true);
        } else {
            run(waiting);
        }
    }
}
