package dev.penstock.server.command;

import dev.penstock.server.transfer.Counter;
import dev.penstock.server.transfer.TransferCounts;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

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
    private final Map<String, Counter> errorsByCode = new ConcurrentHashMap<>();
    private volatile CommandTable commandTable = new CommandTable();
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

    /** @param text of the error, which begins with a code; there are few of those */
    void errorReplied(String text) {
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

    /** The event loop's, whose entries count their own use. */
    void commandTable(CommandTable table) {
        commandTable = table;
    }

    Stream<Command> eachCommand() {
        return commandTable.withSubcommands();
    }

    void looked(boolean found) {
        (found ? hits : misses).add(1);
    }

    void looked(long found, long missing) {
        hits.add(found);
        misses.add(missing);
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
        eachCommand().forEach(command -> command.use().forget());
        transfers.forget();
    }
}
