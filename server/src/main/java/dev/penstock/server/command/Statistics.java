package dev.penstock.server.command;

/** Counters of one event loop, for INFO. Written by the event loop only. */
public final class Statistics {

    private static final long SAMPLE_MILLIS = 1000;

    private long connections;
    private long rejectedConnections;
    private long timedOutConnections;
    private long refusedPasswords;
    private long commands;
    private long errors;
    private long hits;
    private long misses;
    private long inputBytes;
    private long outputBytes;

    private long sampledAtMillis;
    private long sampledCommands;
    private long commandsPerSecond;

    public void connectionAccepted() {
        connections++;
    }

    public void connectionRejected() {
        rejectedConnections++;
    }

    public void connectionTimedOut() {
        timedOutConnections++;
    }

    void passwordRefused() {
        refusedPasswords++;
    }

    public void received(long bytes) {
        inputBytes += bytes;
    }

    public void sent(long bytes) {
        outputBytes += bytes;
    }

    void commandExecuted() {
        commands++;
    }

    void errorReplied() {
        errors++;
    }

    void looked(boolean found) {
        if (found) {
            hits++;
        } else {
            misses++;
        }
    }

    /** Called at least about once a second. */
    public void sample(long nowMillis) {
        long elapsed = nowMillis - sampledAtMillis;
        if (elapsed >= SAMPLE_MILLIS) {
            commandsPerSecond = sampledAtMillis == 0 ? 0 : (commands - sampledCommands) * 1000 / elapsed;
            sampledAtMillis = nowMillis;
            sampledCommands = commands;
        }
    }

    void reset() {
        connections = 0;
        rejectedConnections = 0;
        timedOutConnections = 0;
        refusedPasswords = 0;
        commands = 0;
        sampledCommands = 0;
        errors = 0;
        hits = 0;
        misses = 0;
        inputBytes = 0;
        outputBytes = 0;
    }

    long connections() {
        return connections;
    }

    long rejectedConnections() {
        return rejectedConnections;
    }

    long timedOutConnections() {
        return timedOutConnections;
    }

    long refusedPasswords() {
        return refusedPasswords;
    }

    long commands() {
        return commands;
    }

    long commandsPerSecond() {
        return commandsPerSecond;
    }

    long errors() {
        return errors;
    }

    long hits() {
        return hits;
    }

    long misses() {
        return misses;
    }

    long inputBytes() {
        return inputBytes;
    }

    long outputBytes() {
        return outputBytes;
    }
}
