package dev.penstock.store.internal.compaction;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites segments that hold dead records: it appends the current records to the log again and, when the copies are
 * durable, retires the old segment and removes its file. A {@link FullCompaction} does this at once, slice by slice an
 * {@link IncrementalCompaction}.
 *
 * <p><b>Crash argument.</b> A copy means the same as the record it replaces, and so does a log that holds both.
 * Segments are retired in groups, see {@link Retirement}. Recovery ignores a segment whose retirement is in the log,
 * whether its file still exists or not. Without the retirement, the segment counts, and it is complete.
 *
 * <p>Writers and readers continue meanwhile. Thread-safe; one compaction at a time.
 */
public final class Compactor {

    private final SegmentSet segments;
    private final RetiredFiles retiredFiles;
    private final Retirement retirement;
    private final SegmentEvacuator evacuator;
    private final FullCompaction full;
    private final IncrementalCompaction incremental;
    private final Log log;
    private final FailureLatch failure;
    /** The evacuator's. */
    private final ReentrantLock lock;

    /**
     * @param thread runs a task, once
     * @param storeName for events
     */
    public Compactor(
            SegmentSet segments,
            KeyDirectory directory,
            RetiredFiles retiredFiles,
            Log log,
            GroupCommit groupCommit,
            Supplier<RecordRelocator> relocations,
            Executor thread,
            FailureLatch failure,
            long salt,
            String storeName) {
        this.segments = segments;
        this.retiredFiles = retiredFiles;
        this.log = log;
        this.failure = failure;
        this.retirement = new Retirement(segments, retiredFiles, log, groupCommit, thread, storeName);
        this.evacuator = new SegmentEvacuator(segments, retiredFiles, retirement, log, relocations, thread, salt);
        this.full = new FullCompaction(segments, directory, retiredFiles, retirement, evacuator, log);
        this.incremental = new IncrementalCompaction(segments, retiredFiles, retirement, evacuator, log);
        this.lock = evacuator.lock;
    }

    /** Bytes of records written once more since the store was opened. */
    public long movedBytes() {
        return evacuator.movedBytes();
    }

    /** Segments retired since the store was opened. */
    public long retiredCount() {
        return retirement.retiredCount();
    }

    /** Bytes of files that are of no use any more and wait for a checkpoint to go. */
    public long waitingBytes() {
        return retiredFiles.bytes();
    }

    /**
     * Refuses something within a compaction, by its listener.
     *
     * @param what the listener wants to do
     * @throws IllegalStateException if this thread is compacting
     */
    public void requireOutside(String what) {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "a listener of compact cannot " + what + ": the compaction is still running");
        }
    }

    /** Rewrites every segment that is worth it, the one that is appended to included. */
    public CompactionReport run(ProgressListener listener) throws IOException {
        lock.lock();
        try {
            failure.check();
            return full.run(listener);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Goes on with the segment under way, or begins with the one that is chosen.
     *
     * @param choice the segment to empty next, null for none; of the log as it is
     * @param maxBytes how many bytes of the segment to walk, or up to the end of the record that they end in
     * @return how many were walked; 0 if nothing was chosen, or a full compaction is under way
     */
    long slice(Function<LogState, @Nullable SegmentState> choice, long maxBytes) throws IOException {
        if (!lock.tryLock()) {
            return 0;
        }
        try {
            failure.check();
            return incremental.slice(choice, maxBytes);
        } finally {
            lock.unlock();
        }
    }

    /** What compaction looks at to decide; null while a full compaction is under way. */
    @Nullable
    LogState state() {
        if (!lock.tryLock()) {
            return null;
        }
        try {
            return evacuator.measure();
        } finally {
            lock.unlock();
        }
    }

    /** Whether files can go soon. */
    boolean isReleaseRequested() {
        return retiredFiles.isRequested();
    }

    /** Number of the segment that the log has come to. */
    long tailNumber() {
        return segments.number(log.publishedPosition());
    }

    /** Waits for the end of a full compaction that is under way, and breaks off the one in the background. */
    public void stop() {
        lock.lock();
        try {
            evacuator.breakOff();
        } finally {
            lock.unlock();
        }
    }

    /** There are no more writers: releases the emptied segments before the last checkpoint is written. */
    public void close() throws IOException {
        lock.lock();
        try {
            retiredFiles.deleteAll();
        } finally {
            lock.unlock();
        }
    }
}
