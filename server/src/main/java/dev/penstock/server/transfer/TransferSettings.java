package dev.penstock.server.transfer;

import dev.penstock.server.TransferMode;

/** Settings of transfers that change while the server runs. Any thread. */
public final class TransferSettings {

    public static final int DEFAULT_TRANSFER_THRESHOLD = 32 * 1024;

    private volatile TransferMode mode = TransferMode.AUTO;
    private volatile long directThreshold = Long.MAX_VALUE;
    private volatile int transferThreshold = DEFAULT_TRANSFER_THRESHOLD;

    public TransferMode mode() {
        return mode;
    }

    /** Goes for transfers under way too, from their next stretch on. */
    public void mode(TransferMode chosen) {
        mode = chosen;
    }

    /**
     * Length in bytes from which on {@link TransferMode#AUTO} sends a value that is not in memory past the page cache.
     */
    public long directThreshold() {
        return directThreshold;
    }

    public void directThreshold(long bytes) {
        directThreshold = bytes;
    }

    /**
     * Length in bytes from which on a frame leaves from its file: below it, to copy it into a reply is cheaper than a
     * system call of its own.
     */
    public int transferThreshold() {
        return transferThreshold;
    }

    public void transferThreshold(int bytes) {
        transferThreshold = bytes;
    }
}
