package dev.penstock.store.internal.engine;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.StoreStats;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.checkpoint.Checkpointer;
import dev.penstock.store.internal.compaction.BackPressure;
import dev.penstock.store.internal.compaction.BackgroundCompaction;
import dev.penstock.store.internal.compaction.Compactor;
import dev.penstock.store.internal.compaction.RecordRelocator;
import dev.penstock.store.internal.compaction.RetiredFiles;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** The compaction of one open store: on request, and in the background on a separate thread. */
public final class CompactionService {

    private final Log log;
    private final Checkpointer checkpointer;
    private final Compactor compactor;
    private final BackPressure pressure;
    private final BackgroundCompaction agent;
    private final AgentThread thread;
    /** The checkpointer's. */
    private final AgentThread checkpointing;

    CompactionService(
            SegmentSet segments,
            SegmentFactory factory,
            KeyDirectory directory,
            Log log,
            GroupCommit groupCommit,
            Checkpointer checkpointer,
            FailureLatch failure,
            long salt,
            String storeName,
            long bytesPerSecond,
            AgentThread thread,
            AgentThread checkpointing) {
        this.log = log;
        this.checkpointer = checkpointer;
        this.thread = thread;
        this.checkpointing = checkpointing;
        Executor aside = new Executor() {
            @Override
            public void execute(Runnable work) {
                thread.runAside(work);
            }
        };
        LongConsumer lookAgainAfter = new LongConsumer() {
            @Override
            public void accept(long nanos) {
                thread.lookAgainAfter(nanos);
            }
        };
        Supplier<RecordRelocator> relocations = new Supplier<>() {
            @Override
            public RecordRelocator get() {
                return new RecordRelocator(directory, segments, log, failure, salt);
            }
        };
        this.compactor = new Compactor(
                segments,
                directory,
                new RetiredFiles(factory, new Checkpoints(), aside),
                log,
                groupCommit,
                relocations,
                aside,
                failure,
                salt,
                storeName);
        this.pressure = new BackPressure(log);
        this.agent = new BackgroundCompaction(compactor, pressure, failure, bytesPerSecond, lookAgainAfter);
    }

    /** What retired files wait for. */
    private final class Checkpoints implements RetiredFiles.Checkpoints {

        @Override
        public long begunCount() {
            return checkpointer.begunCount();
        }

        @Override
        public long inPlace() {
            return checkpointer.inPlace();
        }

        @Override
        public void request() {
            checkpointer.request();
            checkpointing.wakeUp();
        }

        @Override
        public void release() throws IOException {
            checkpointer.releaseRetired();
        }

        @Override
        public boolean isReleaseDue(long waitingBytes) {
            return checkpointer.isReleaseDue(waitingBytes);
        }
    }

    /** Begins in the background. */
    void start() {
        thread.start(agent);
    }

    /** Something was written: waits, a little, if compaction cannot keep up. */
    void written() {
        pressure.await();
    }

    /** Much has died at once. */
    public void wakeUp() {
        thread.wakeUp();
    }

    /** Rewrites all that is worth it now. */
    public CompactionReport run(ProgressListener listener) throws IOException {
        compactor.requireOutside("compact");
        // So much is retired at once that those checkpoints are enough which let files go.
        checkpointer.defer(true);
        try {
            return compactor.run(listener);
        } finally {
            checkpointer.defer(false);
        }
    }

    public Compactor compactor() {
        return compactor;
    }

    public long bytesPerSecond() {
        return agent.bytesPerSecond();
    }

    public void bytesPerSecond(long rate) {
        agent.bytesPerSecond(rate);
        thread.wakeUp();
    }

    StoreStats.CompactionStats stats() {
        return new StoreStats.CompactionStats(
                agent.state(),
                compactor.movedBytes(),
                log.appendedBytes(),
                checkpointer.writtenBytes(),
                compactor.retiredCount(),
                compactor.waitingBytes());
    }

    /**
     * Waits until none is under way. The store takes no more writes by now, which ends a compaction at its next record.
     */
    void stop() {
        thread.close();
        compactor.stop();
    }

    /** Deletes what can be deleted, when all else has ended. */
    void close() throws IOException {
        compactor.close();
    }
}
