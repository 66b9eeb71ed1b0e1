package dev.penstock.store.internal.engine;

import dev.penstock.store.ReadOnlyStoreException;
import dev.penstock.store.StoreStats;
import dev.penstock.store.internal.background.ReadAdviceAgent;
import dev.penstock.store.internal.follow.LogFollower;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.snapshot.PointInTime;
import java.io.IOException;

/** A store that is open for reading only, and follows the owner of its directory. Changes no file. */
public final class FollowerEngine extends Engine {

    private static final int SPINS_BEFORE_TURN = 100;

    public final LogFollower follower;

    FollowerEngine(Parts parts) throws IOException {
        super(parts, new FailureLatch(), parts.place(), null);
        boolean opened = false;
        try {
            follower = LogFollower.of(takeRecovery(), segments, directory);
            follower.begin();
            follower.schedule(background::lookAgainAfter);
            background.start(reclaimer, follower, new ReadAdviceAgent(segments, background));
            opened = true;
        } finally {
            if (!opened) {
                closeSegments();
            }
        }
    }

    @Override
    public OwnerEngine owner() {
        checkOpen();
        throw new ReadOnlyStoreException(path + " was opened read-only");
    }

    @Override
    public PointInTime pointInTime() throws IOException {
        return follower.standing(() -> pointInTime(follower::position));
    }

    @Override
    long settledSequence() {
        return follower.lastSequence();
    }

    @Override
    public void refresh() throws IOException {
        checkOpen();
        follower.refresh();
        checkOpen();
    }

    @Override
    public void catchUp() throws IOException {
        follower.refresh();
    }

    @Override
    public void awaitMove(int attempt) {
        if (attempt >= SPINS_BEFORE_TURN) {
            follower.awaitTurn();
        } else {
            Thread.onSpinWait();
        }
    }

    @Override
    boolean isTail(RecordFile file) {
        return false;
    }

    @Override
    public long expiredCount() {
        return 0;
    }

    @Override
    long[] forceLatencies() {
        return new long[0];
    }

    @Override
    StoreStats.CompactionStats compactionStats() {
        return new StoreStats.CompactionStats(StoreStats.CompactionState.NONE, 0, 0, 0, 0, 0);
    }

    @Override
    public long compactionRate() {
        return 0;
    }

    @Override
    void stop() throws IOException {
        background.close();
        follower.close();
    }

    @Override
    void unlock() {
        // Nobody was kept out.
    }
}
