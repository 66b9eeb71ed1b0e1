package dev.penstock.server.metrics;

import dev.penstock.server.transfer.Counter;
import dev.penstock.server.transfer.TransferCounts;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counters of one event loop, for INFO and the metrics. Written by the event loop only, read by any thread. */
public final class LoopMetrics {

    private static final long SAMPLE_MILLIS = 1000;

    private final Counter connections = new Counter();
    private final Counter rejectedConnections = new Counter();
    private final Counter timedOutConnections = new Counter();
    private final Counter refusedPasswords = new Counter();
    private final Counter commands = new Counter();
    private final Counter errors = new Counter();
    private final Counter hits = new Counter();
    private final Counter misses = new Counter();
    private final Counter inputBytes = new Counter();
    private final Counter outputBytes = new Counter();
    private final Counter httpRequests = new Counter();
    private final Counter httpErrors = new Counter();
    private final LatencyHistogram latencies = new LatencyHistogram();
    private final TransferCounts transfers = new TransferCounts();
    private final TransferCounts httpTransfers = new TransferCounts();

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
            outputBytes,
            httpRequests,
            httpErrors);
    private final Map<String, Counter> errorsByCode = new ConcurrentHashMap<>();
    private volatile Map<String, CommandMetrics> commandMetrics = Map.of();
    private long sampledAtMillis;
    private volatile long turnedAtNanos = System.nanoTime();

    /** Of the clients of the Redis protocol. */
    public TransferCounts transfers() {
        return transfers;
    }

    public TransferCounts httpTransfers() {
        return httpTransfers;
    }

    public Counter connections() {
        return connections;
    }

    public Counter rejectedConnections() {
        return rejectedConnections;
    }

    public Counter timedOutConnections() {
        return timedOutConnections;
    }

    public Counter refusedPasswords() {
        return refusedPasswords;
    }

    public Counter commands() {
        return commands;
    }

    public Counter errors() {
        return errors;
    }

    public Counter hits() {
        return hits;
    }

    public Counter misses() {
        return misses;
    }

    public Counter inputBytes() {
        return inputBytes;
    }

    public Counter outputBytes() {
        return outputBytes;
    }

    public Counter httpRequests() {
        return httpRequests;
    }

    public Counter httpErrors() {
        return httpErrors;
    }

    public LatencyHistogram latencies() {
        return latencies;
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

    public void passwordRefused() {
        refusedPasswords.add(1);
    }

    public void received(long bytes) {
        inputBytes.add(bytes);
    }

    public void sent(long bytes) {
        outputBytes.add(bytes);
    }

    public void commandExecuted() {
        commands.add(1);
    }

    public void httpRequestServed(boolean failed) {
        httpRequests.add(1);
        if (failed) {
            httpErrors.add(1);
        }
    }

    /** @param text of the error, which begins with a code; there are few of those */
    public void errorReplied(String text) {
        errors.add(1);
        int end = text.indexOf(' ');
        errorsByCode
                .computeIfAbsent(end < 0 ? text : text.substring(0, end), code -> new Counter())
                .add(1);
    }

    /** Errors by what they begin with. */
    Map<String, Counter> errorsByCode() {
        return errorsByCode;
    }

    /** @param byName what becomes of the event loop's commands, by full name */
    public void commandMetrics(Map<String, CommandMetrics> byName) {
        commandMetrics = Map.copyOf(byName);
    }

    public Map<String, CommandMetrics> commandMetrics() {
        return commandMetrics;
    }

    public void looked(boolean found) {
        (found ? hits : misses).add(1);
    }

    public void looked(long found, long missing) {
        hits.add(found);
        misses.add(missing);
    }

    /** Notes that the event loop is at the end of a turn. */
    public void turned() {
        turnedAtNanos = System.nanoTime();
    }

    /** By {@link System#nanoTime}; the time of its creation for an event loop that has taken no turn. */
    long turnedAtNanos() {
        return turnedAtNanos;
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
        errorsByCode.values().forEach(Counter::forget);
        commandMetrics.values().forEach(CommandMetrics::forget);
        transfers.forget();
        httpTransfers.forget();
    }
}
