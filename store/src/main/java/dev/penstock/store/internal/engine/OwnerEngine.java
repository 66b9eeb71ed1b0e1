package dev.penstock.store.internal.engine;

import dev.penstock.store.StoreStats;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.background.ExpirySweep;
import dev.penstock.store.internal.background.IntervalForce;
import dev.penstock.store.internal.background.PagePopulator;
import dev.penstock.store.internal.background.PlaceWatch;
import dev.penstock.store.internal.background.ReadAdviceAgent;
import dev.penstock.store.internal.background.SegmentTurnover;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.checkpoint.Checkpointer;
import dev.penstock.store.internal.checkpoint.DirectoryMigration;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.GuardedDirectory;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.snapshot.PointInTime;
import dev.penstock.store.internal.write.DeferredDeletion;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * A store that is open for writing: it holds the lock of its directory, appends to the log, and works in the
 * background.
 *
 * <p>Closing: writes are refused, the agents finish, the log is forced, a checkpoint records its end, the unused end of
 * its last segment is released, and the files are unmapped.
 */
public final class OwnerEngine extends Engine {

    public final Log log;
    public final GroupCommit groupCommit;
    public final Writer writer;
    public final ExpirySweep sweep;
    public final Checkpointer checkpointer;
    public final CompactionService compaction;

    private final DirectoryLock lock;
    private final AgentThread populating;
    private final AgentThread forcing;
    private final AgentThread checkpointing;
    private final AgentThread compacting;
    private final DeferredDeletion deletion;

    /** @param created whether the store was made just now */
    OwnerEngine(Parts parts, DirectoryLock lock, boolean created) throws IOException {
        FailureLatch failure = new FailureLatch();
        super(parts, failure, new GuardedDirectory(parts.place(), lock, failure), lock);
        this.lock = lock;
        takeRecovery(); // nobody goes on from it
        Function<String, AgentThread> threads = parts.threads();
        this.populating = threads.apply("penstock-populate");
        this.forcing = threads.apply("penstock-force");
        this.checkpointing = threads.apply("penstock-checkpoint");
        this.compacting = threads.apply("penstock-compact");
        boolean opened = false;
        Log begun = null;
        try {
            new StoreCreation(place).upgrade(identity);
            begun = openLog(created);
            log = begun;
            lock.recovered();
            groupCommit = new GroupCommit(segments, factory, log, failure);
            Runnable await = new Runnable() {
                @Override
                public void run() {
                    groupCommit.await();
                }
            };
            Runnable wakeUp = new Runnable() {
                @Override
                public void run() {
                    background.wakeUp();
                }
            };
            Runnable noteExpiry = new Runnable() {
                @Override
                public void run() {
                    expiryNoted();
                }
            };
            log.forceBy(await);
            deletion = new DeferredDeletion(groupCommit, factory, failure, wakeUp);
            writer = new Writer(
                    directory, segments, factory, log, groupCommit, deletion, failure, expiry, noteExpiry, salt());
            sweep = new ExpirySweep(segments, writer, expiry, failure, salt(), background);
            checkpointer = new Checkpointer(
                    new CheckpointFile(place),
                    identity.storeId(),
                    directory,
                    segments,
                    log,
                    await,
                    failure,
                    expiry,
                    recovered.checkpointed(),
                    recovered.imageFrom());
            compaction = new CompactionService(
                    segments,
                    factory,
                    directory,
                    log,
                    groupCommit,
                    checkpointer,
                    failure,
                    salt(),
                    path.toString(),
                    parts.options().compactionRate(),
                    compacting,
                    checkpointing);
            start(parts.options().durability().interval());
            opened = true;
        } finally {
            if (!opened) {
                // Started agents must not continue once another store may be the owner.
                List.of(compacting, forcing, checkpointing, populating, background)
                        .forEach(AgentThread::close);
                if (begun != null) {
                    discardPrepared(begun);
                }
                closeSegments();
            }
        }
    }

    private void start(Duration forceInterval) {
        background.start(
                new SegmentTurnover(log, failure),
                deletion,
                reclaimer,
                sweep,
                new ReadAdviceAgent(segments, background),
                new PlaceWatch(place, failure, background));
        if (forceInterval.isPositive()) {
            forcing.start(new IntervalForce(groupCommit, failure, forcing, forceInterval));
        }
        populating.start(new PagePopulator(log, failure));
        checkpointing.start(checkpointer, new DirectoryMigration(directory, reclaimer));
        compaction.start();
    }

    /** @param created whether the store was made just now, so that nobody can have seen a version of it */
    private Log openLog(boolean created) throws IOException {
        Runnable moved = new Runnable() {
            @Override
            public void run() {
                tailMoved();
            }
        };
        Segment scanned = segments.requireSegment(segments.position(recovered.tailSegment(), 0));
        Segment tail = factory.openForAppend(recovered.tailSegment(), recovered.tailOffset());
        tail.usedLength(recovered.tailOffset());
        tail.liveBytes().copy(scanned.liveBytes());
        tail.noteExpiry(scanned.earliestExpiry());
        tail.noteTombstone(scanned.tombstoneBytes());
        tail.logBegin(scanned.logBegin());
        segments.add(tail);
        scanned.retire();
        Log opened = new Log(
                segments,
                factory,
                identity.salt(),
                failure,
                tail,
                recovered.tailOffset(),
                recovered.lastSequence(),
                recovered.durablePosition(),
                moved);
        if (recovered.closed()) {
            opened.endsClosed();
        } else if (!created && recovered.lastSequence() > 0) {
            StoreLog.get()
                    .log(
                            System.Logger.Level.INFO,
                            "{0}: recovered a store that was not closed: replayed {1} records, up to {2} at offset {3}",
                            path,
                            Long.toString(recovered.recordCount()),
                            tail.name(),
                            Long.toString(recovered.tailOffset()));
        }
        boolean passesSequences = !created && recovered.openingSequence() > recovered.lastSequence();
        // A file that is shorter than it was says so in the log before anything follows, unless nothing can follow.
        boolean isShort = tail.memory().byteSize() < segments.segmentSize() && !opened.isFull();
        if (passesSequences || isShort) {
            opened.open(passesSequences ? recovered.openingSequence() : recovered.lastSequence());
        }
        return opened;
    }

    private void expiryNoted() {
        sweep.expiryNoted();
    }

    private void tailMoved() {
        populating.wakeUp();
        background.wakeUp();
        checkpointing.wakeUp();
        compacting.wakeUp();
    }

    @Override
    public OwnerEngine owner() {
        checkOpen();
        return this;
    }

    @Override
    public PointInTime pointInTime() {
        return pointInTime(log::publishedPosition);
    }

    @Override
    long settledSequence() {
        groupCommit.await();
        return log.lastSequence();
    }

    @Override
    public void refresh() {
        checkOpen();
    }

    @Override
    public void catchUp() throws IOException {
        throw new NoSuchFileException(
                path.toString(), null, "somebody has removed the file of a large value; restore it from a backup");
    }

    @Override
    public void awaitMove(int attempt) {
        Thread.onSpinWait();
    }

    @Override
    boolean isTail(RecordFile file) {
        return log != null && file == log.active();
    }

    @Override
    public long expiredCount() {
        return sweep.removedCount();
    }

    @Override
    long[] forceLatencies() {
        return groupCommit.latencies().counts();
    }

    @Override
    StoreStats.CompactionStats compactionStats() {
        return compaction.stats();
    }

    @Override
    public long compactionRate() {
        return compaction.bytesPerSecond();
    }

    @Override
    void checkOutside() {
        super.checkOutside();
        if (List.of(forcing, checkpointing, populating, compacting).stream().anyMatch(AgentThread::isCurrent)) {
            throw new IllegalStateException("a background thread of the store cannot close it");
        }
        compaction.compactor().requireOutside("close the store");
    }

    @Override
    void stop() throws IOException {
        compaction.stop();
        forcing.close();
        checkpointing.close();
        populating.close();
        background.close();
        try {
            if (!failure.isSet()) {
                settle();
            }
        } finally {
            writer.close();
        }
        // Its content is safe, but not in the place where it will be looked for. That must not count as a success.
        place.checkPlace();
    }

    private void settle() throws IOException {
        boolean closedLog = log.close();
        groupCommit.await();
        deletion.close();
        compaction.close();
        checkpointer.close();
        try {
            trim(closedLog);
        } finally {
            discardPrepared(log);
        }
    }

    /** All is on the device. What cannot be released for lack of a descriptor, the next open releases. */
    private void trim(boolean closedLog) throws IOException {
        try {
            log.trimSealed();
            if (closedLog && !log.isRoomShort()) {
                // Given to others, the reserve would not be there when the store is opened again.
                log.active().trim();
            }
        } catch (OutOfDescriptorsException e) {
            StoreLog.get().log(System.Logger.Level.INFO, "{0}: its files keep their length: {1}", path, e.getMessage());
        }
    }

    /** Nothing is in it, and if its file cannot be removed the next open does that. */
    private void discardPrepared(Log from) {
        Segment unused = from.takePrepared();
        if (unused != null) {
            try {
                factory.delete(unused.name());
            } catch (IOException e) {
                StoreLog.get()
                        .log(System.Logger.Level.INFO, "{0}: {1} is left: {2}", path, unused.name(), e.getMessage());
            } finally {
                unused.close();
            }
        }
    }

    @Override
    void unlock() throws IOException {
        lock.close();
    }
}
