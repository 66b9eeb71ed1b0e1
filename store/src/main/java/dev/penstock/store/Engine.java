package dev.penstock.store;

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
import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.RecoveryEvent;
import dev.penstock.store.internal.follow.LogFollower;
import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.index.IndexMemory;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.GuardedDirectory;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.recovery.OpenRetry;
import dev.penstock.store.internal.recovery.Recovered;
import dev.penstock.store.internal.recovery.Recovery;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.segment.StoreClock;
import dev.penstock.store.internal.snapshot.Backup;
import dev.penstock.store.internal.snapshot.BackupTarget;
import dev.penstock.store.internal.snapshot.PointInTime;
import dev.penstock.store.internal.write.DeferredDeletion;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The parts of one open store and how they are put together and taken apart.
 *
 * <p>Opening: lock, identity, recovery, then the log and its agents. Closing: no more writes, the agents finish, the log
 * is forced, a checkpoint says how far it reaches, the unused end of its last segment is given back, the mappings go.
 */
final class Engine {

    private static final int SPINS_BEFORE_TURN = 100;

    final Path path;
    final Identity identity;
    final FailureLatch failure = new FailureLatch();
    final InstantSource clock;
    final SegmentSet segments;
    final KeyDirectory directory;
    final Expiry expiry;
    final boolean readOnly;
    /** Null in a read-only store, as all that follows. */
    final Writer writer;

    final Log log;
    final GroupCommit groupCommit;
    final ExpirySweep sweep;
    final Checkpointer checkpointer;
    final Compaction compaction;

    final Recovered recovered;
    /** Null in a writable store. */
    final LogFollower follower;

    private final Disk disk;
    private final DiskDirectory place;
    private final PageLoss pageLoss;
    private final DirectoryLock lock;
    final SegmentFactory factory;
    private final Reclaimer reclaimer;
    private final AgentThread background;
    private final AgentThread populating;
    private final AgentThread forcing;
    private final AgentThread checkpointing;
    private final AgentThread compacting;
    private final DeferredDeletion deletion;
    private volatile boolean closed;

    private Engine(
            Disk disk,
            DiskDirectory directoryOpened,
            Identity identity,
            DirectoryLock lock,
            StoreOptions options,
            boolean created,
            Function<String, AgentThread> threads,
            IndexMemory indexMemory)
            throws IOException {
        this.path = directoryOpened.path();
        this.disk = disk;
        this.place = lock == null ? directoryOpened : new GuardedDirectory(directoryOpened, lock, failure);
        this.identity = identity;
        this.lock = lock;
        this.readOnly = lock == null;
        this.background = threads.apply("penstock-background");
        this.populating = threads.apply("penstock-populate");
        this.forcing = threads.apply("penstock-force");
        this.checkpointing = threads.apply("penstock-checkpoint");
        this.compacting = threads.apply("penstock-compact");
        this.reclaimer = new Reclaimer(background);
        this.segments = new SegmentSet(identity.segmentShift());
        this.clock = new StoreClock(options.clock());
        this.expiry = new Expiry(segments, clock, expired(directoryOpened, identity));
        this.factory = new SegmentFactory(place, identity.storeId(), identity.segmentShift(), reclaimer);
        this.directory = new KeyDirectory(segments, identity.salt(), indexMemory);
        this.pageLoss = new PageLoss(path, segments, directory, failure, this::isTail);
        boolean opened = false;
        try {
            RecoveryEvent event = FlightRecording.isOn() ? RecoveryEvent.start() : null;
            Recovery recovery = new Recovery(
                    place,
                    identity,
                    segments,
                    factory,
                    directory,
                    readOnly,
                    lock != null ? lock.isSameBoot() : DirectoryLock.isOfThisBoot(place));
            recovered = recovery.run();
            if (event != null) {
                event.store = path.toString();
                event.records = recovered.recordCount();
                event.tornBytes = recovered.tornBytes();
                event.commit();
            }
            if (readOnly) {
                log = null;
                groupCommit = null;
                deletion = null;
                writer = null;
                sweep = null;
                checkpointer = null;
                compaction = null;
                follower = LogFollower.of(recovery, segments, directory);
                follower.begin();
                follower.schedule(background::lookAgainAfter);
                background.start(reclaimer, follower, new ReadAdviceAgent(segments, background));
            } else {
                follower = null;
                log = openLog(recovered, created);
                lock.recovered();
                groupCommit = new GroupCommit(segments, factory, log, failure);
                log.forceBy(groupCommit::await);
                deletion = new DeferredDeletion(groupCommit, factory, failure, background::wakeUp);
                writer = new Writer(
                        directory,
                        segments,
                        factory,
                        log,
                        groupCommit,
                        deletion,
                        failure,
                        expiry,
                        this::expiryNoted,
                        identity.salt());
                sweep = new ExpirySweep(segments, writer, expiry, failure, identity.salt(), background);
                background.start(
                        new SegmentTurnover(log, failure),
                        deletion,
                        reclaimer,
                        sweep,
                        new ReadAdviceAgent(segments, background),
                        new PlaceWatch(place, failure, background));
                long forceIntervalMillis = options.durability().intervalMillis();
                if (forceIntervalMillis > 0) {
                    forcing.start(new IntervalForce(groupCommit, failure, forcing, forceIntervalMillis));
                }
                populating.start(new PagePopulator(log, failure));
                checkpointer = new Checkpointer(
                        new CheckpointFile(place),
                        identity.storeId(),
                        directory,
                        segments,
                        log,
                        groupCommit::await,
                        failure,
                        expiry,
                        recovered.checkpointed(),
                        recovered.imageFrom());
                compaction = new Compaction(
                        segments,
                        factory,
                        directory,
                        log,
                        groupCommit,
                        checkpointer,
                        failure,
                        identity.salt(),
                        path.toString(),
                        options.compactionRate(),
                        compacting,
                        checkpointing);
                checkpointing.start(checkpointer, new DirectoryMigration(directory));
                compaction.start();
            }
            opened = true;
        } finally {
            if (!opened) {
                closeSegments();
            }
        }
    }

    /**
     * @param threads makes the background threads, by name; they are started here
     * @param indexMemory where the key directory's memory comes from
     */
    static Engine open(
            Disk disk, Path path, StoreOptions options, Function<String, AgentThread> threads, IndexMemory indexMemory)
            throws IOException {
        boolean mayCreate = options.createIfMissing() && !options.readOnly();
        DiskDirectory place = StoreCreation.openDirectory(disk, path, mayCreate);
        boolean opened = false;
        try {
            if (options.readOnly()) {
                place = BackupExchange.current(place);
            }
            Engine engine = open(disk, place, mayCreate, options, threads, indexMemory);
            opened = true;
            return engine;
        } finally {
            if (!opened) {
                place.close();
            }
        }
    }

    private static Engine open(
            Disk disk,
            DiskDirectory place,
            boolean mayCreate,
            StoreOptions options,
            Function<String, AgentThread> threads,
            IndexMemory indexMemory)
            throws IOException {
        StoreCreation creation = new StoreCreation(place);
        if (!BackupExchange.isPending(place) && !creation.exists() && !mayCreate) {
            throw new NotAStoreException(place.path() + " holds no Penstock store");
        }
        if (options.readOnly()) {
            return OpenRetry.retry(
                    place, () -> new Engine(disk, place, creation.read(), null, options, false, threads, indexMemory));
        }
        DirectoryLock lock = DirectoryLock.acquire(place);
        boolean opened = false;
        try {
            BackupExchange.finish(place);
            // Asked again under the lock: someone else may have made it just now.
            boolean creates = !creation.exists();
            Identity identity =
                    creates ? creation.create(Long.numberOfTrailingZeros(options.segmentSize())) : creation.read();
            Engine engine = new Engine(disk, place, identity, lock, options, creates, threads, indexMemory);
            opened = true;
            return engine;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    /** What had expired when the checkpoint was written. */
    private static ExpiryMark expired(DiskDirectory place, Identity identity) throws IOException {
        return new CheckpointFile(place)
                .read(identity.storeId())
                .map(Checkpoint::expired)
                .orElse(ExpiryMark.NONE);
    }

    /** @param created whether the store was made just now, so that nobody can have seen a version of it */
    private Log openLog(Recovered recovered, boolean created) throws IOException {
        Segment scanned = segments.segment(segments.position(recovered.tailSegment(), 0));
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
                this::tailMoved);
        if (recovered.closed()) {
            opened.endsClosed();
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

    /** What is current now, held until it is closed. */
    PointInTime pointInTime() throws IOException {
        return readOnly
                ? follower.standing(() -> pointInTime(follower::position))
                : pointInTime(log::publishedPosition);
    }

    private PointInTime pointInTime(LongSupplier reached) {
        return PointInTime.take(directory, segments, reached, reclaimer.leases(), identity.salt());
    }

    /**
     * Writes a point in time to another directory.
     *
     * @param mustBeEmpty whether to refuse an older backup as well
     */
    BackupReport backup(PointInTime point, Path path, boolean mustBeEmpty, ProgressListener listener)
            throws IOException {
        long lastSequence;
        if (readOnly) {
            lastSequence = follower.lastSequence();
        } else {
            groupCommit.await();
            lastSequence = log.lastSequence();
        }
        try (BackupTarget target = BackupTarget.open(disk, path, this.path, identity, mustBeEmpty)) {
            return new Backup(place, identity, point, lastSequence, expiry.mark(lastSequence), Engine::tryOut, listener)
                    .run(target);
        }
    }

    /** Recovers what a directory holds, as a reader would, and lets go of it. */
    private static void tryOut(DiskDirectory place) throws IOException {
        Identity identity = new StoreCreation(place).read();
        Reclaimer reclaimer = new Reclaimer(new AgentThread("never started"));
        SegmentSet segments = new SegmentSet(identity.segmentShift());
        SegmentFactory factory = new SegmentFactory(place, identity.storeId(), identity.segmentShift(), reclaimer);
        try (KeyDirectory directory = new KeyDirectory(segments, identity.salt())) {
            new Recovery(place, identity, segments, factory, directory, true, false).run();
        } catch (InternalError e) {
            throw new IOException("a page of a file in " + place.path() + " could not be read", e);
        } finally {
            segments.logSegments().forEach(Segment::close);
            segments.largeSegments().forEach(LargeSegment::close);
            reclaimer.onClose();
        }
    }

    /** Returns when a read-only store shows all that its owner had published. */
    void refresh() throws IOException {
        checkOpen();
        if (readOnly) {
            follower.refresh();
            checkOpen();
        }
    }

    /** The owner of a store that this one follows has removed a value: it has said so in its log before. */
    void catchUp() throws IOException {
        follower.refresh();
    }

    /** A reader has found a record, or its value, on its way to another place. */
    void awaitMove(int attempt) {
        if (readOnly && attempt >= SPINS_BEFORE_TURN) {
            follower.awaitTurn();
        } else {
            Thread.onSpinWait();
        }
    }

    boolean isClosed() {
        return closed;
    }

    void checkOpen() {
        if (closed) {
            throw new StoreClosedException(path + " is closed");
        }
    }

    void checkWritable() {
        checkOpen();
        if (readOnly) {
            throw new ReadOnlyStoreException(path + " was opened read-only");
        }
    }

    private boolean isTail(RecordFile source) {
        return !readOnly && log != null && source == log.active();
    }

    /** The exception to throw for mapped memory that could not be read or written. */
    StoreException pageLost(InternalError e) {
        return pageLoss.exception(e, null);
    }

    /** The same where it is known what was being read. */
    StoreException pageLost(InternalError e, RecordFile suspect) {
        return pageLoss.exception(e, suspect);
    }

    /** The same where the position of a record is known; 0 if it is not. */
    StoreException pageLost(InternalError e, long position) {
        return pageLoss.exception(e, position == 0 ? null : segments.segment(position));
    }

    /** Something that may touch mapped memory and call the system. */
    @FunctionalInterface
    interface Access<T> {
        T get() throws IOException;
    }

    /**
     * Does something that may touch mapped memory.
     *
     * @param what for the exception, as in "clearing /data/store"
     * @throws StoreException in place of an {@link IOException}, and of the error for a page that could not be supplied
     */
    <T> T guarded(String what, Access<T> access) {
        try {
            T result = access.get();
            PageFaults.deliver();
            return result;
        } catch (IOException e) {
            throw StoreException.of(what, e);
        } catch (InternalError e) {
            throw pageLost(e);
        }
    }

    /** Idempotent. Files are closed and the lock is given back even if forcing fails. */
    void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            // Every writer holds a stripe's lock: when all are held, none is at work, and none begins afterwards.
            directory.exclusively(() -> {
                closed = true;
                failure.close(path + " is closed");
            });
        }
        try {
            if (!readOnly) {
                compaction.stop();
            }
            forcing.close();
            checkpointing.close();
            populating.close();
            background.close();
            if (readOnly) {
                follower.close();
            }
            if (!readOnly) {
                try {
                    if (!failure.isSet()) {
                        settle();
                    }
                } finally {
                    writer.close();
                }
                // What is in it is safe, but not where it will be looked for: nobody may take that for a success.
                place.checkPlace();
            }
        } finally {
            closeSegments();
            if (lock != null) {
                lock.close();
            }
            place.close();
        }
    }

    private void settle() throws IOException {
        boolean closedLog = log.close();
        groupCommit.await();
        deletion.close();
        compaction.close();
        checkpointer.close();
        for (Segment sealed = log.pollSealed(); sealed != null; sealed = log.pollSealed()) {
            sealed.trim();
        }
        if (closedLog && !log.isRoomShort()) {
            // Given to others, the reserve would not be there when the store is opened again.
            log.active().trim();
        }
        Segment unused = log.takePrepared();
        if (unused != null) {
            factory.delete(unused.name());
            unused.close();
        }
    }

    private void closeSegments() {
        directory.close();
        segments.logSegments().forEach(Segment::close);
        segments.largeSegments().forEach(LargeSegment::close);
        reclaimer.onClose();
    }
}
