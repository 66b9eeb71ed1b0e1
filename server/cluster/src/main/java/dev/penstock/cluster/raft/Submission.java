package dev.penstock.cluster.raft;

import dev.penstock.cluster.entry.LogEntry;
import java.util.concurrent.CompletableFuture;

/** An entry on its way into the log. The first to say what became of it is right. Thread-safe. */
final class Submission {

    private final long id;
    private final LogEntry entry;
    private final long term;
    private final CompletableFuture<SubmitOutcome> outcome = new CompletableFuture<>();
    private volatile boolean isAppended;
    private volatile long appendedTerm;
    private volatile long appendedNanos;

    /** @param term the only term in which the entry may be appended, or {@link RaftNode#ANY_TERM} */
    Submission(long id, LogEntry entry, long term) {
        this.id = id;
        this.entry = entry;
        this.term = term;
    }

    long id() {
        return id;
    }

    LogEntry entry() {
        return entry;
    }

    boolean isForTerm(long current) {
        return term == RaftNode.ANY_TERM || term == current;
    }

    CompletableFuture<SubmitOutcome> outcome() {
        return outcome;
    }

    /** From here on the entry may be in the log of this node, and come to be committed whatever this node hears. */
    void append(long current) {
        appendedTerm = current;
        appendedNanos = System.nanoTime();
        isAppended = true;
    }

    /** The term in which it was appended. */
    long appendedTerm() {
        return appendedTerm;
    }

    /** A time before it was in any log. */
    long appendedNanos() {
        return appendedNanos;
    }

    void succeed(long index) {
        outcome.complete(new SubmitOutcome.Applied(index));
    }

    /** It will not be acknowledged. */
    void fail(SubmitOutcome.Reason reason) {
        outcome.complete(isAppended ? new SubmitOutcome.Unknown() : new SubmitOutcome.Refused(reason));
    }
}
