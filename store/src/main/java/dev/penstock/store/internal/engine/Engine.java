package dev.penstock.store.internal.engine;

import dev.penstock.store.BackupReport;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreStats;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.event.RecoveryEvent;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.index.IndexMemory;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.io.Uninterrupted;
import dev.penstock.store.internal.read.ReadContext;
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
import dev.penstock.store.internal.snapshot.Backup;
import dev.penstock.store.internal.snapshot.BackupTarget;
import dev.penstock.store.internal.snapshot.PointInTime;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one open store that reads need, and their construction and closing. An {@link OwnerEngine} also has the
 * parts for writing; a {@link FollowerEngine} follows an owner.
 *
 * <p>Opening: the directory, then for an owner the lock, then recovery, then the agents.
 */
public abstract sealed class Engine implements ReadContext.Host permits OwnerEngine, FollowerEngine {

    public final Path path;
    public final StoreClock clock;
    public final SegmentSet segments;
    public final KeyDirectory directory;
    public final Expiry expiry;
    /** What the reads of this store share. */
    public final ReadContext reading;
    /** What recovery found. */
    public final Recovered recovered;
    /** Set when the store takes no more writes. */
    public final FailureLatch failure;
    /** Makes the store's files. */
    public final SegmentFactory factory;

    final Identity identity;
    final DiskDirectory place;
    final Reclaimer reclaimer;

    final EngineErrors errors;

    final AgentThread background;
    /** The recovery that found it; null once it was taken. */
    private @Nullable Recovery recovery;

    private final Disk disk;
    /** Of {@link #close} itself, whose errors a closed store does not explain. */
    private final EngineErrors errorsOfClosing;

    /** Set before the store counts as closed. */
    private @Nullable Thread closer;
    /** At zero when files and lock are released. */
    private final CountDownLatch released = new CountDownLatch(1);

    /**
     * The parts of an engine.
     *
     * @param place the store's directory
     * @param threads makes the background threads, by name; the engine starts them
     * @param indexMemory where the key directory's memory comes from
     */
    record Parts(
            Disk disk,
            DiskDirectory place,
            Identity identity,
            StoreOptions options,
            Function<String, AgentThread> threads,
            IndexMemory indexMemory) {}

    /** @param lock an owner's, null for a follower */
    Engine(Parts parts, FailureLatch failure, DiskDirectory place, @Nullable DirectoryLock lock) throws IOException {
        this.path = place.path();
        this.disk = parts.disk();
        this.place = place;
        this.identity = parts.identity();
        this.failure = failure;
        this.background = parts.threads().apply("penstock-background");
        this.reclaimer = new Reclaimer(background);
        this.clock = new StoreClock(parts.options().clock());
        this.factory = new SegmentFactory(place, identity.storeId(), identity.segmentShift(), reclaimer);
        this.segments = new SegmentSet(identity.segmentShift(), factory.addresses());
        this.directory = new KeyDirectory(segments, identity.salt(), parts.indexMemory());
        PageLoss pageLoss = new PageLoss(path, segments, directory, failure, this);
        this.errors = new EngineErrors(path, pageLoss, this);
        this.errorsOfClosing = new EngineErrors(path, pageLoss, null);
        boolean opened = false;
        try {
            RecoveryEvent event = FlightRecording.isOn() ? RecoveryEvent.start() : null;
            boolean sameBoot = lock != null ? lock.isSameBoot() : DirectoryLock.isOfThisBoot(place);
            Recovery run = new Recovery(place, identity, segments, factory, directory, lock == null, sameBoot);
            recovered = run.run();
            recovery = run;
            expiry = new Expiry(segments, clock, recovered.expired());
            reading = new ReadContext(
                    path, directory, segments, expiry, reclaimer.leases(), factory.addresses(), identity.salt(), this);
            if (event != null) {
                event.store = path.toString();
                event.records = recovered.recordCount();
                event.tornBytes = recovered.tornBytes();
                event.commit();
            }
            opened = true;
        } finally {
            if (!opened) {
                closeSegments();
            }
        }
    }

    /** The recovery, once: its findings grow with the number of large values. */
    final Recovery takeRecovery() {
        Recovery taken = Objects.requireNonNull(recovery);
        recovery = null;
        return taken;
    }

    /**
     * Opens a store.
     *
     * @param threads makes the background threads, by name; they are started here
     * @param indexMemory where the key directory's memory comes from
     */
    public static Engine open(
            Disk disk, Path path, StoreOptions options, Function<String, AgentThread> threads, IndexMemory indexMemory)
            throws IOException {
        LoadedClasses.initialize();
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
                    place,
                    () -> new FollowerEngine(new Parts(disk, place, creation.read(), options, threads, indexMemory)));
        }
        DirectoryLock lock = DirectoryLock.acquire(place);
        boolean opened = false;
        try {
            BackupExchange.finish(place);
            // Asked again under the lock: someone else may have made it just now.
            boolean creates = !creation.exists();
            Identity identity = creates
                    ? creation.create(Long.numberOfTrailingZeros(options.segmentSize()))
                    : creation.read().upgraded();
            Engine engine =
                    new OwnerEngine(new Parts(disk, place, identity, options, threads, indexMemory), lock, creates);
            opened = true;
            return engine;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    // --- what differs ---

    /**
     * The engine of a store that is open for writing.
     *
     * @throws StoreClosedException if the store is closed
     * @throws dev.penstock.store.ReadOnlyStoreException if it was opened read-only
     */
    public abstract OwnerEngine owner();

    /** What is current now, held until it is closed. */
    public abstract PointInTime pointInTime() throws IOException;

    /** Makes durable what a point in time holds; returns the newest sequence that it may hold. */
    abstract long settledSequence() throws IOException;

    /** Returns when the store shows all that its owner had published. */
    public abstract void refresh() throws IOException;

    /** Whether a file is the segment that is appended to. */
    abstract boolean isTail(RecordFile file);

    /** Keys that were removed because they had expired. */
    public abstract long expiredCount();

    /** How many forces took how long, see {@link StoreStats}; empty in a follower. */
    abstract long[] forceLatencies();

    /** What compaction does. */
    abstract StoreStats.CompactionStats compactionStats();

    /** How many bytes a second background compaction works through; 0 in a follower. */
    public abstract long compactionRate();

    /** Throws if closing would wait for this thread. */
    void checkOutside() {
        if (background.isCurrent()) {
            throw new IllegalStateException("a background thread of the store cannot close it");
        }
    }

    /** Ends what works in the background, and leaves on the device what must be there. */
    abstract void stop() throws IOException;

    /** Lets go what keeps others out. */
    abstract void unlock() throws IOException;

    // --- what is common ---

    PointInTime pointInTime(LongSupplier reached) {
        return PointInTime.take(directory, segments, reached, reclaimer.leases(), identity.salt());
    }

    /**
     * Writes a point in time to another directory.
     *
     * @param mustBeEmpty whether to refuse an older backup as well
     */
    public BackupReport backup(PointInTime point, Path target, boolean mustBeEmpty, ProgressListener listener)
            throws IOException {
        long lastSequence = settledSequence();
        try (BackupTarget opened = BackupTarget.open(disk, target, path, identity, mustBeEmpty)) {
            return new Backup(place, identity, point, lastSequence, expiry.mark(lastSequence), Engine::tryOut, listener)
                    .run(opened);
        }
    }

    /** Recovers what a directory holds, as a reader would, and lets go of it. */
    private static void tryOut(DiskDirectory place) throws IOException {
        Identity identity = new StoreCreation(place).read();
        Reclaimer reclaimer = new Reclaimer(new AgentThread("never started"));
        SegmentSet segments = new SegmentSet(identity.segmentShift());
        SegmentFactory factory = new SegmentFactory(place, identity.storeId(), identity.segmentShift(), reclaimer);
        try (KeyDirectory directory = new KeyDirectory(segments, identity.salt())) {
            StoreErrors.ofFiles(place.path())
                    .touch(() -> new Recovery(place, identity, segments, factory, directory, true, false).run());
        } finally {
            segments.logSegments().forEach(Segment::close);
            segments.largeSegments().forEach(LargeSegment::close);
            reclaimer.onClose();
        }
    }

    public long salt() {
        return identity.salt();
    }

    public StoreStats stats() throws IOException {
        return StatsCollector.of(this);
    }

    public boolean isClosed() {
        return reading.isClosed();
    }

    public void checkOpen() {
        reading.checkOpen();
    }

    /** What turns errors of memory and files into exceptions of this store. */
    public StoreErrors errors() {
        return errors;
    }

    @Override
    public StoreErrors errors(@Nullable RecordFile file) {
        return errors.reading(file);
    }

    /**
     * Idempotent. Files are closed and the lock is released even if forcing fails. A second call returns when the first
     * one is over, except on the thread that closes.
     *
     * @throws IllegalStateException on a thread that closing would wait for
     */
    public void close() {
        checkOutside();
        errorsOfClosing.call("closing " + path, () -> {
            if (beginClose()) {
                closeParts();
            } else if (!Thread.currentThread().equals(closer)) {
                Uninterrupted.await(released);
            }
            return true;
        });
    }

    private synchronized boolean beginClose() {
        if (isClosed()) {
            return false;
        }
        // Every writer holds a stripe's lock: when all are held, none is at work, and none begins afterwards.
        directory.exclusively(() -> {
            closer = Thread.currentThread();
            reading.close();
            failure.close(path + " is closed");
        });
        return true;
    }

    /** Each step is taken whatever became of the one before; the first error counts. */
    private void closeParts() throws IOException {
        try (Closeable _ = released::countDown;
                place;
                Closeable _ = this::unlock;
                Closeable _ = this::closeSegments) {
            stop();
        }
    }

    final void closeSegments() {
        directory.close();
        segments.logSegments().forEach(Segment::close);
        segments.largeSegments().forEach(LargeSegment::close);
        reclaimer.onClose();
    }
}
