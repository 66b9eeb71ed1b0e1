package dev.penstock.server.command;

import dev.penstock.server.transfer.Counter;
import dev.penstock.server.transfer.TransferCounts;
import java.util.List;

/** Counters of one event loop, for INFO and the metrics. Written by the event loop only, read by any thread. */
public final class Statistics {

    private static final long SAMPLE_MILLIS = 1000;

    final Counter connections = new Counter();
    final Counter rejectedConnections = new Counter();
    final Counter timedOutConnections = new Counter();
    final Counter refusedPasswords = new Counter();
    final Counter commands = new Counter();
    final Counter errors = new Counter();
    final Counter hits = new Counter();
    final Counter misses = new Counter();
    final Counter inputBytes = new Counter();
    final Counter outputBytes = new Counter();
    final Latencies latencies = new Latencies();
    private final TransferCounts transfers = new TransferCounts();

    private final List<Counter> all = List.of(
            connections,
            rejectedConnections,
            timedOutConnections,
            refusedPasswords,
            commands,
            errors,
            hits,
            misses,
            inputBytes,
            outputBytes);
    private long sampledAtMillis;

    public TransferCounts transfers() {
        return transfers;
    }

    public void connectionAccepted() {
        connections.add(1);
    }

    public void connectionRejected() {
        rejectedConnections.add(1);
    }

    public void connectionTimedOut() {
        timedOutConnections.add(1);
    }

    void passwordRefused() {
        refusedPasswords.add(1);
    }

    public void received(long bytes) {
        inputBytes.add(bytes);
    }

    public void sent(long bytes) {
        outputBytes.add(bytes);
    }

    void commandExecuted() {
        commands.add(1);
    }

    void errorReplied() {
        errors.add(1);
    }

    void looked(boolean found) {
        (found ? hits : misses).add(1);
    }

    /** Called at least about once a second. */
    public void sample(long nowMillis) {
        long elapsed = nowMillis - sampledAtMillis;
        if (elapsed >= SAMPLE_MILLIS) {
            all.forEach(counter -> counter.sample(elapsed));
            sampledAtMillis = nowMillis;
        }
    }

    /** Begins counting anew. */
    void forget() {
        all.forEach(Counter::forget);
        transfers.forget();
    }
}
