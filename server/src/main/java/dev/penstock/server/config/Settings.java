package dev.penstock.server.config;

import dev.penstock.server.TransferMode;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.store.Store;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the server was set up, and what of it may be changed while it runs. What may be changed is a single number each,
 * which any thread may read and change.
 */
public final class Settings {

    /** The longest that the slow log may be. */
    public static final long LONGEST_SLOW_LOG = 100_000;

    /** The least that the longest argument may be, in bytes. */
    public static final long LEAST_LONGEST_BULK = 1 << 20;

    private final int port;
    private final Map<String, String> fixed;
    private final TransferSettings transfers = new TransferSettings();
    private volatile int maxClients = 1000;
    private volatile long idleTimeoutSeconds;
    private volatile long longestBulk = Store.MAX_VALUE_LENGTH;
    private volatile long slowLogMicros = 10_000;
    private volatile long slowLogLength = 128;

    /**
     * @param fixed names and values of what only a restart can change, for CONFIG GET
     */
    public Settings(int port, Map<String, String> fixed) {
        this.port = port;
        this.fixed = new TreeMap<>(fixed);
    }

    public int port() {
        return port;
    }

    public Map<String, String> fixed() {
        return fixed;
    }

    public int maxClients() {
        return maxClients;
    }

    public void maxClients(int count) {
        maxClients = count;
    }

    public void directThreshold(long bytes) {
        transfers.directThreshold(bytes);
    }

    public TransferSettings transfers() {
        return transfers;
    }

    public void transferMode(TransferMode mode) {
        transfers.mode(mode);
    }

    /** 0 if clients may be idle for ever. */
    public long idleTimeoutSeconds() {
        return idleTimeoutSeconds;
    }

    public void idleTimeoutSeconds(long seconds) {
        idleTimeoutSeconds = seconds;
    }

    /** The longest value that clients may send or make, in bytes. */
    public long longestBulk() {
        return longestBulk;
    }

    public void longestBulk(long bytes) {
        longestBulk = bytes;
    }

    /** Commands that take at least so many microseconds go to the slow log; negative: none. */
    public long slowLogMicros() {
        return slowLogMicros;
    }

    public void slowLogMicros(long micros) {
        slowLogMicros = micros;
    }

    /** Most commands in the slow log. */
    public long slowLogLength() {
        return slowLogLength;
    }

    public void slowLogLength(long count) {
        slowLogLength = count;
    }
}
