package dev.penstock.server.transfer;

import java.util.concurrent.Executor;

/**
 * What all transfers of one event loop share. Belongs to the event loop's thread; not thread-safe, but for what the
 * {@link DiskReaders} do.
 */
public final class Transfers implements AutoCloseable {

    private final ChunkPool pool;
    private final TransferSettings settings;
    private final TransferCounts counts;
    private final DiskReaders readers;
    private final Pipes pipes = new Pipes();
    private final DirectBuffers directBuffers = new DirectBuffers();
    private final Residency residency = new Residency(System::nanoTime);

    /** @param loop runs what it is given on the event loop's thread, soon */
    public Transfers(ChunkPool pool, TransferSettings settings, TransferCounts counts, Executor loop) {
        this.pool = pool;
        this.settings = settings;
        this.counts = counts;
        this.readers = new DiskReaders(loop);
    }

    public ChunkPool pool() {
        return pool;
    }

    TransferSettings settings() {
        return settings;
    }

    TransferCounts counts() {
        return counts;
    }

    DiskReaders readers() {
        return readers;
    }

    Pipes pipes() {
        return pipes;
    }

    DirectBuffers directBuffers() {
        return directBuffers;
    }

    Residency residency() {
        return residency;
    }

    /** Waits for the reads under way. What they end with is left to the event loop, and then to {@link #close}. */
    public void awaitReaders() {
        readers.close();
    }

    /** Frees everything; no transfer may be left. */
    @Override
    public void close() {
        pipes.close();
        directBuffers.close();
    }
}
