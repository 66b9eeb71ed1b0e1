package dev.penstock.store.internal.follow;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.recovery.OpenRetry;
import dev.penstock.store.internal.recovery.Recovery;
import dev.penstock.store.internal.recovery.Replayed;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a read-only store up to date with the owner of its directory, in this process or another.
 *
 * <p><b>Applied records stay.</b> A record is applied when all records before it are applied, it is published, and its
 * header is sound: the rule by which recovery finds the end of the log. Applied records therefore survive the death of
 * the owner's process, and its successor continues after them. A batch is applied when all of it is sound. After the
 * machine has stopped, the log ends where recovery finds its end, values included. Nothing after that is applied before
 * an owner has cut it off.
 *
 * <p><b>Falling behind.</b> Open segments and values stay readable, whatever the owner does. If compaction removed the
 * next segment before it was opened, the state is rebuilt from the files and applied to the live one key by key (see
 * {@link StateRebuild}).
 *
 * <p><b>Threads.</b> One thread at a time follows: the background thread, or a caller of {@link #refresh}. Readers
 * continue meanwhile.
 */
public final class LogFollower implements Agent {

    private static final int RECORDS_PER_TURN = 4096;
    private static final long SHORTEST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 16_000_000;
    private static final long PAUSE_AFTER_ERROR_NANOS = 1_000_000_000;

    private final Recovery recovery;
    private final DiskDirectory place;
    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final ReentrantLock turn = new ReentrantLock(true);
    private FollowedTail tail;
    private FollowedRecords records;
    private long batchEnd;
    /** The segment that the last record names as the next one, else 0. */
    private long successor;

    private @Nullable CorruptionException damage;
    private volatile boolean closed;
    private LongConsumer lookAgainAfter = nanos -> {};
    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    private LogFollower(
            Recovery recovery,
            SegmentSet segments,
            KeyDirectory directory,
            FollowedTail tail,
            FollowedRecords records,
            long successor) {
        this.recovery = recovery;
        this.place = recovery.replayed().place();
        this.segments = segments;
        this.directory = directory;
        this.tail = tail;
        this.records = records;
        this.successor = successor;
    }

    /** Goes on from where a recovery came to. */
    public static LogFollower of(Recovery recovery, SegmentSet segments, KeyDirectory directory) {
        Replayed start = recovery.replayed();
        FollowedTail from = new FollowedTail(
                start.place(),
                segments,
                start.factory(),
                start.identity(),
                start.leastSequence(),
                start.tail(),
                start.tailOffset());
        FollowedRecords records = new FollowedRecords(segments, directory, start.replay(), start.values());
        start.unresolved().forEach(records::unresolved);
        return new LogFollower(recovery, segments, directory, from, records, start.successor());
    }

    /** Applies what has come since the store's memory was brought back; before anyone else sees it. */
    public void begin() throws IOException {
        while (follow(Integer.MAX_VALUE)) {
            // until the end
        }
    }

    /** @param schedule has the agent work again after so many nanoseconds; called on its thread */
    public void schedule(LongConsumer schedule) {
        lookAgainAfter = schedule;
    }

    @Override
    public int doWork() throws IOException {
        turn.lock();
        try {
            if (closed || damage != null) {
                return 0;
            }
            long before = tail.position();
            boolean more = followAnyhow(RECORDS_PER_TURN);
            pauseNanos =
                    tail.position() == before ? Math.min(pauseNanos * 2, LONGEST_PAUSE_NANOS) : SHORTEST_PAUSE_NANOS;
            if (!more) {
                lookAgainAfter.accept(pauseNanos);
            }
            return more ? 1 : 0;
        } catch (CorruptionException e) {
            damage = e;
            StoreLog.get().log(System.Logger.Level.ERROR, "a read-only store stopped following its owner", e);
            return 0;
        } catch (InternalError pageLost) {
            // Of a file that is cut at this moment: looked at again.
            lookAgainAfter.accept(pauseNanos);
            return 0;
        } catch (IOException | RuntimeException e) {
            // The background says so, and not a hundred times a second.
            lookAgainAfter.accept(PAUSE_AFTER_ERROR_NANOS);
            throw e;
        } finally {
            turn.unlock();
        }
    }

    /** Returns when all that was published at the call is applied. */
    public void refresh() throws IOException {
        turn.lock();
        try {
            place.checkPlace();
            catchUp();
        } finally {
            turn.unlock();
        }
    }

    /** Does something while the store stands at one position of the log, with every batch whole. */
    public <T> T standing(Supplier<T> action) throws IOException {
        turn.lock();
        try {
            if (!isWhole()) {
                catchUp();
            }
            return action.get();
        } finally {
            turn.unlock();
        }
    }

    /** Returns when the thread that follows the log has paused. */
    public void awaitTurn() {
        turn.lock();
        try {
            Thread.onSpinWait();
        } finally {
            turn.unlock();
        }
    }

    /** Everything below is applied. */
    public long position() {
        return tail.position();
    }

    /** Sequence of the newest record that is applied. */
    public long lastSequence() {
        turn.lock();
        try {
            return records.lastSequence();
        } finally {
            turn.unlock();
        }
    }

    /** Ends following, at the next record. */
    public void close() {
        closed = true;
        awaitTurn();
    }

    @Override
    public String roleName() {
        return "follower";
    }

    // --- in turn ---

    private void catchUp() throws IOException {
        for (boolean more = true; more && !closed; ) {
            if (damage != null) {
                throw damage;
            }
            more = followAnyhow(Integer.MAX_VALUE);
        }
    }

    private boolean isWhole() {
        return records.isResolved() && tail.position() >= batchEnd;
    }

    private boolean followAnyhow(int maxRecords) throws IOException {
        try {
            return follow(maxRecords);
        } catch (NoSuchFileException overtaken) {
            startOver();
            return true;
        }
    }

    /** Applies some records; false if all that is there is applied. */
    private boolean follow(int maxRecords) throws IOException {
        boolean inBatch = false;
        try {
            if (successor != 0) {
                tail.rollTo(successor);
                successor = 0;
            }
            for (int count = 0; !closed && (count < maxRecords || !isWhole()); count++) {
                if (!tail.next()) {
                    records.refuseUnresolved();
                    return false;
                }
                RecordHeader header = tail.record().header();
                if (header.kind() == RecordLayout.ROLL) {
                    tail.takeRoll();
                    continue;
                }
                if (header.kind() == RecordLayout.BATCH) {
                    batchEnd = tail.position() + tail.record().length() + header.valueLength();
                    directory.beginTogether(KeyDirectory.ALL_STRIPES);
                    inBatch = true;
                }
                records.apply(tail.segment(), tail.record());
                tail.take();
                if (inBatch && tail.position() >= batchEnd) {
                    directory.endTogether(KeyDirectory.ALL_STRIPES);
                    inBatch = false;
                }
            }
            return !closed;
        } finally {
            if (inBatch) {
                directory.endTogether(KeyDirectory.ALL_STRIPES);
            }
            records.releaseRetired(tail.segment());
        }
    }

    private void startOver() throws IOException {
        StoreLog.get().log(System.Logger.Level.INFO, "a read-only store was overtaken by compaction and starts again");
        try (StateRebuild rebuilt = OpenRetry.retry(place, () -> StateRebuild.of(recovery))) {
            rebuilt.bring(segments, directory);
            LogFollower fresh = rebuilt.follower();
            tail = fresh.tail.in(segments);
            records = fresh.records.in(segments, directory);
            batchEnd = 0;
            successor = 0;
        }
    }
}
