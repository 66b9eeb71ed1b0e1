package dev.penstock.server.transfer;

/** What can be chosen about transfers, while the server runs. Any thread. */
public final class TransferSettings {

    private volatile Mode mode = Mode.AUTO;
    private volatile long directThreshold = Long.MAX_VALUE;

    public Mode mode() {
        return mode;
    }

    /** Goes for transfers under way too, from their next stretch on. */
    public void mode(Mode chosen) {
        mode = chosen;
    }

    /** Length in bytes from which on {@link Mode#AUTO} sends a value that is not in memory past the page cache. */
    public long directThreshold() {
        return directThreshold;
    }

    public void directThreshold(long bytes) {
        directThreshold = bytes;
    }
}
