package dev.penstock.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.cluster.raft.RaftListener;
import dev.penstock.cluster.raft.RaftNode;
import dev.penstock.cluster.raft.UnappliedEntryException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This server's place in the group. When the node of the log has stopped by itself, another one starts on the same
 * folders, unless the store is what has failed, the next node could not apply the same entry either, or the node stops
 * again at once.
 *
 * <p>What the last node held, such as its port, may be free a moment later only. So a start that fails is tried again,
 * for ten seconds.
 *
 * <p>Thread-safe. The lock is held while a node starts or is closed.
 */
final class GroupNode implements AutoCloseable {

    /** Starts a node on the folders of this server. */
    interface Starter {
        RaftNode start(RaftListener listener) throws IOException;
    }

    private static final Logger LOG = System.getLogger(GroupNode.class.getName());

    private static final long SOON_MILLIS = 10_000;
    private static final long RETRY_MILLIS = 200;

    private final String id;
    private final Starter starter;
    private final BooleanSupplier hasFailed;
    private final Runnable onNews;
    private final Consumer<Throwable> onEnd;
    private final ScheduledExecutorService timer;
    private volatile @Nullable RaftNode node;

    @GuardedBy("this")
    private boolean isClosed;

    @GuardedBy("this")
    private long lastRestartNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(SOON_MILLIS);

    /**
     * @param hasFailed whether no node can do anything with the store
     * @param onNews is called by the timer when there may be another leader
     * @param onEnd is told why no node runs any more
     * @param timer starts nodes again
     */
    GroupNode(
            String id,
            Starter starter,
            BooleanSupplier hasFailed,
            Runnable onNews,
            Consumer<Throwable> onEnd,
            ScheduledExecutorService timer) {
        this.id = id;
        this.starter = starter;
        this.hasFailed = hasFailed;
        this.onNews = onNews;
        this.onEnd = onEnd;
        this.timer = timer;
    }

    synchronized void start() throws IOException {
        node = starter.start(new Events());
    }

    /** The node that runs, or the last one that did; null before the first has started. */
    @Nullable
    RaftNode get() {
        return node;
    }

    private synchronized void stopped(Throwable cause) {
        long now = System.nanoTime();
        boolean isHopeless = cause instanceof UnappliedEntryException || hasFailed.getAsBoolean();
        if (isClosed || isHopeless || now - lastRestartNanos < millis(SOON_MILLIS)) {
            onEnd.accept(cause);
            return;
        }
        lastRestartNanos = now;
        timer.execute(() -> restart(cause, now + millis(SOON_MILLIS)));
    }

    private static long millis(long count) {
        return TimeUnit.MILLISECONDS.toNanos(count);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it says itself how it has ended
    private synchronized void restart(Throwable cause, long deadlineNanos) {
        if (isClosed) {
            return;
        }
        try {
            start();
            LOG.log(Level.INFO, "node " + id + " takes part again");
        } catch (IOException | RuntimeException e) {
            if (System.nanoTime() - deadlineNanos < 0) {
                timer.schedule(() -> restart(cause, deadlineNanos), RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                e.addSuppressed(cause);
                onEnd.accept(e);
            }
        }
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        RaftNode last = node;
        if (last != null) {
            last.close();
        }
    }

    private final class Events implements RaftListener {

        @Override
        public void onLeader(String leader, long term) {
            timer.execute(onNews);
        }

        @Override
        public void onReady(long term) {
            timer.execute(onNews);
        }

        @Override
        public void onStopped(Throwable cause) {
            stopped(cause);
        }
    }
}
