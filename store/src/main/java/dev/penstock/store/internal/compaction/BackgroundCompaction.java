package dev.penstock.store.internal.compaction;

import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreStats.CompactionState;
import dev.penstock.store.internal.compaction.CompactionPolicy.LogState;
import dev.penstock.store.internal.compaction.CompactionPolicy.SegmentState;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.FailureLatch;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/**
 * Compacts while the store is in use. It begins when there are enough dead bytes, ends when few are left, and works in
 * slices of a fraction of a millisecond, with pauses that keep it to a rate. If the dead bytes still grow, it makes no
 * pauses.
 *
 * <p>Woken when the log has grown. A full disk is not an error: compaction tries again later. A failed store is left
 * alone.
 *
 * <p>One thread runs it. Any thread may set the rate and read the state.
 */
public final class BackgroundCompaction implements Agent {

    /** Short, so that other threads need not wait long for the processor. */
    private static final long SLICE_LENGTH = 64 << 10;

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int WRITERS_SHARE_PERCENT = 50;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long RELEASE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Compactor compactor;
    private final FailureLatch failure;
    private final BackPressure pressure;
    private final LongConsumer lookAgainAfter;
    private volatile long bytesPerSecond;
    private volatile CompactionState state = CompactionState.IDLE;

    private boolean underWay;
    private boolean urgent;
    private boolean pressing;
    private long seenTail;
    private long nextSliceNanos = System.nanoTime();

    /**
     * @param bytesPerSecond how much of emptied segments to walk; 0 for none
     * @param lookAgainAfter has {@link #doWork} called again after so many nanoseconds, or earlier
     */
    public BackgroundCompaction(
            Compactor compactor,
            BackPressure pressure,
            FailureLatch failure,
            long bytesPerSecond,
            LongConsumer lookAgainAfter) {
        this.compactor = compactor;
        this.pressure = pressure;
        this.failure = failure;
        this.bytesPerSecond = bytesPerSecond;
        this.lookAgainAfter = lookAgainAfter;
    }

    @Override
    public int doWork() throws IOException {
        if (failure.isSet() || isPaused()) {
            pressure.lift();
            return 0;
        }
        long now = System.nanoTime();
        if (now - nextSliceNanos < 0) {
            lookAgainAfter.accept(nextSliceNanos - now);
            return 0;
        }
        lookAtGrowth();
        long movedBefore = compactor.movedBytes();
        nextSliceNanos = now;
        long walked = slice();
        press(walked, compactor.movedBytes() - movedBefore);
        if (walked == 0) {
            if (compactor.isReleaseRequested()) {
                lookAgainAfter.accept(RELEASE_NANOS);
            }
            return 0;
        }
        if (!urgent) {
            nextSliceNanos += walked * NANOS_PER_SECOND / bytesPerSecondOr(walked);
            lookAgainAfter.accept(Math.max(1, nextSliceNanos - System.nanoTime()));
            return 0;
        }
        return 1;
    }

    /** Where too much has died, writers may append half of what is won, and so the files become smaller. */
    private void press(long walked, long moved) {
        if (pressing && walked > 0) {
            pressure.allow(moved + (walked - moved) * WRITERS_SHARE_PERCENT / 100);
        } else if (pressure.isOn()) {
            pressure.lift();
        }
    }

    /**
     * Emptying a segment takes a while, and others write meanwhile: the urgency is checked as the log grows.
     */
    private void lookAtGrowth() {
        long tail = compactor.tailNumber();
        LogState log = tail == seenTail ? null : compactor.state();
        if (log != null) {
            seenTail = tail;
            look(log);
        }
    }

    private void look(LogState log) {
        urgent = CompactionPolicy.isUrgent(log);
        pressing = CompactionPolicy.isTooMuch(log);
    }

    private boolean isPaused() {
        if (bytesPerSecond == 0) {
            state = CompactionState.PAUSED;
            return true;
        }
        return false;
    }

    /** It may have been set to 0 meanwhile. */
    private long bytesPerSecondOr(long other) {
        long rate = bytesPerSecond;
        return rate == 0 ? other : rate;
    }

    /** How many bytes were walked; 0 if there is nothing to do. */
    private long slice() throws IOException {
        try {
            long walked = compactor.slice(this::choose, SLICE_LENGTH);
            state = walked == 0 ? CompactionState.IDLE : CompactionState.RUNNING;
            return walked;
        } catch (StoreClosedException justNow) {
            return 0;
        } catch (DiskFullException full) {
            state = CompactionState.OUT_OF_SPACE;
            lookAgainAfter.accept(RETRY_NANOS);
            return 0;
        } catch (IOException e) {
            pressure.lift();
            nextSliceNanos = System.nanoTime() + RETRY_NANOS;
            throw e;
        } catch (InternalError e) {
            // Not of the segment that is emptied, which is left as it is then.
            throw failure.set("a page of the key directory could not be supplied to compaction", e);
        }
    }

    private @Nullable SegmentState choose(LogState log) {
        underWay = underWay ? !CompactionPolicy.isEnough(log) : CompactionPolicy.isDue(log);
        look(log);
        return underWay ? CompactionPolicy.next(log) : CompactionPolicy.free(log);
    }

    /**
     * How many bytes of the segments that are emptied are walked in a second, unless it becomes urgent; 0 is a pause.
     */
    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** A caller that changes it wakes the thread. */
    public void bytesPerSecond(long rate) {
        bytesPerSecond = rate;
    }

    /** The current activity. */
    public CompactionState state() {
        return bytesPerSecond == 0 ? CompactionState.PAUSED : state;
    }

    @Override
    public String roleName() {
        return "compaction";
    }
}
