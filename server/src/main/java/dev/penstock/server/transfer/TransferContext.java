package dev.penstock.server.transfer;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The state that all transfers of one event loop share. Belongs to the event loop's thread; not thread-safe, except the
 * work of the {@link DiskReaders}.
 */
public final class TransferContext implements AutoCloseable {

    /** As much as a client's turn may bring. */
    private static final int UPLOAD_BUFFER_LENGTH = 256 << 10;

    private final ChunkPool pool;
    private final TransferSettings settings;
    private final DiskReaders readers;
    private final Pipes pipes = new Pipes();
    private final DirectBuffers directBuffers = new DirectBuffers();
    private @Nullable ByteBuffer uploadBuffer; // made for the first upload
    private final PageCacheResidency residency = new PageCacheResidency(System::nanoTime);
    private final BypassHistory bypassHistory = new BypassHistory();

    /** @param loop runs what it is given on the event loop's thread, soon */
    public TransferContext(ChunkPool pool, TransferSettings settings, Executor loop) {
        this.pool = pool;
        this.settings = settings;
        this.readers = new DiskReaders(loop);
    }

    public ChunkPool pool() {
        return pool;
    }

    TransferSettings settings() {
        return settings;
    }

    /**
     * Does on another thread what would keep the event loop from its other clients.
     *
     * @param work throws nothing
     * @param done run on the event loop's thread afterwards, always
     */
    public void elsewhere(Runnable work, Runnable done) {
        readers.run(work, done);
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

    /** A buffer for one read from a socket, empty; valid until it is requested again. */
    public ByteBuffer uploadBuffer() {
        if (uploadBuffer == null) {
            uploadBuffer = ByteBuffer.allocateDirect(UPLOAD_BUFFER_LENGTH);
        }
        return uploadBuffer.clear();
    }

    PageCacheResidency residency() {
        return residency;
    }

    BypassHistory bypassHistory() {
        return bypassHistory;
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
