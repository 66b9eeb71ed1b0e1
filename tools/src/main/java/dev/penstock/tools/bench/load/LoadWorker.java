package dev.penstock.tools.bench.load;

import dev.penstock.tools.client.ServerAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.HdrHistogram.Histogram;

/**
 * An event loop over its share of the connections: sends due requests on the connections that accept one, in turn, and
 * reads replies. Requests that are due while no connection accepts one are not queued; the stream knows when they were
 * due.
 *
 * <p>The loop measures itself. A request that could have been sent and was not is the loop's delay, not the server's;
 * so is every moment in which the loop had something to do other than wait, if there is none left. The loop sleeps
 * until the next request is due in less than a millisecond or two, the precision of a selector's time-out, and then
 * polls. One thread.
 */
final class LoadWorker implements AutoCloseable {

    private static final long MAX_DELAY_NANOS = 3_600_000_000_000L;
    private static final long MILLISECOND = 1_000_000;
    private static final long MAX_PAUSE_NANOS = 100 * MILLISECOND;
    private static final long STALL_NANOS = 60_000 * MILLISECOND;
    private static final int MAX_SENT_AT_ONCE = 256;
    private static final int READ_LENGTH = 256 << 10;

    private final LoadClock clock;
    private final Selector selector;
    private final List<LoadConnection> connections = new ArrayList<>();
    private final Queue<LoadConnection> accepting = new ArrayDeque<>();
    private final Queue<LoadConnection> written = new ArrayDeque<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_LENGTH);

    private final Histogram delay = new Histogram(1_000, MAX_DELAY_NANOS, 3);
    private long busyNanos;
    private long loopNanos;

    private volatile boolean cancelled;

    @SuppressWarnings("NullAway.Init") // run sets it before it is used
    private RequestStream stream;

    /** Whether something was due when no connection accepted it; until when that was so the last time. */
    private boolean blocked;

    private long blockedUntil;
    /** Whether the last wait ended with something to read or write; when one last did. */
    private boolean ready;

    private long lastReady;

    /** What the loop found out about itself. The histogram is of nanoseconds. */
    record Effort(Histogram delay, long busyNanos, long loopNanos) {}

    LoadWorker(LoadClock clock) throws IOException {
        this.clock = clock;
        this.selector = Selector.open();
    }

    /** Opens one more connection. */
    void connect(ServerAccess access, int capacity, String keyPrefix, ByteBuffer noise) throws IOException {
        LoadConnection connection = LoadConnection.open(access, selector, capacity, keyPrefix, noise);
        connections.add(connection);
    }

    /**
     * Runs one phase: until its stream has no request left and all are answered.
     *
     * @param depth most requests on their way on one connection
     * @param measuredFrom from when on the loop looks at its own delay
     * @param patienceNanos how long it waits for replies after the last request was sent
     * @throws IOException if a connection breaks
     */
    void run(RequestStream stream, int depth, long measuredFrom, long patienceNanos) throws IOException {
        this.stream = stream;
        accepting.clear();
        for (LoadConnection connection : connections) {
            connection.limit(depth);
            connection.queued = false;
            offer(connection);
        }
        blocked = false;
        blockedUntil = 0;
        lastReady = clock.now();
        long idleSince = RequestStream.NEVER;
        while (!cancelled) {
            long began = clock.now();
            boolean sent = send(measuredFrom);
            long worked = clock.now();
            long due = stream.nextDue(worked);
            blocked = due <= worked && accepting.isEmpty();
            if (due == RequestStream.NEVER) {
                idleSince = Math.min(idleSince, began);
                if (isOver(began, began - idleSince > patienceNanos)) {
                    return;
                }
            }
            if (began - lastReady > STALL_NANOS && (blocked || due == RequestStream.NEVER)) {
                throw new IOException("the server has sent nothing for 60 seconds");
            }
            ready = false;
            await(worked, due);
            if (began >= measuredFrom && due != RequestStream.NEVER) {
                account(began, worked, sent);
            }
        }
    }

    /**
     * Puts what is due onto connections that accept it, but not so much that nobody reads; returns whether that was
     * anything.
     */
    private boolean send(long measuredFrom) throws IOException {
        int sent = 0;
        long now = clock.now();
        long due = stream.nextDue(now);
        while (due <= now && !accepting.isEmpty() && sent < MAX_SENT_AT_ONCE) {
            LoadConnection connection = accepting.poll();
            connection.queued = false;
            if (!connection.accepts()) {
                continue;
            }
            if (blocked) {
                blocked = false;
                blockedUntil = now;
            }
            if (stream.isScheduled() && now >= measuredFrom) {
                delay.recordValue(Math.clamp(now - Math.max(due, blockedUntil), 0, MAX_DELAY_NANOS));
            }
            stream.send(connection, now);
            sent++;
            written.add(connection);
            offer(connection);
            // The clock again, for what took long before this request is a delay of the next.
            now = clock.now();
            due = stream.nextDue(now);
        }
        // A connection that is in there twice has nothing left to write the second time.
        for (LoadConnection connection = written.poll(); connection != null; connection = written.poll()) {
            connection.write();
            offer(connection);
        }
        return sent > 0;
    }

    private void offer(LoadConnection connection) {
        if (!connection.queued && connection.accepts()) {
            connection.queued = true;
            accepting.add(connection);
        }
    }

    private boolean isOver(long now, boolean impatient) {
        if (connections.stream().allMatch(LoadConnection::isIdle)) {
            return true;
        }
        if (impatient) {
            connections.forEach(connection -> connection.giveUp(stream, now));
        }
        return impatient;
    }

    private void await(long now, long due) throws IOException {
        long pause = Math.min(due - now, MAX_PAUSE_NANOS);
        if (blocked) {
            selector.select(this::ready, 1);
        } else if (pause >= 2 * MILLISECOND) {
            selector.select(this::ready, pause / MILLISECOND - 1);
        } else {
            selector.selectNow(this::ready);
            if (!ready) {
                Thread.onSpinWait();
            }
        }
    }

    private void ready(SelectionKey key) {
        if (!ready) {
            ready = true;
            lastReady = clock.now();
        }
        LoadConnection connection = (LoadConnection) key.attachment();
        try {
            connection.read(buffer, stream, clock);
            if (key.isWritable()) {
                connection.write();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        offer(connection);
    }

    /** Whatever the loop did other than wait for the next event is its own doing. */
    private void account(long began, long worked, boolean sent) {
        long now = clock.now();
        long waitedFrom = sent || ready ? worked : began;
        long waitedUntil = ready ? lastReady : now;
        loopNanos += now - began;
        busyNanos += now - began - (waitedUntil - waitedFrom);
    }

    /** Lets {@link #run} be called once more after {@link #cancel}. */
    void prepare() {
        cancelled = false;
    }

    /** Ends {@link #run} soon. May be called by another thread. */
    void cancel() {
        cancelled = true;
        selector.wakeup();
    }

    /** What the loop found out about itself in all phases so far. */
    Effort effort() {
        return new Effort(delay, busyNanos, loopNanos);
    }

    @Override
    public void close() throws IOException {
        for (LoadConnection connection : connections) {
            connection.close();
        }
        selector.close();
    }
}
