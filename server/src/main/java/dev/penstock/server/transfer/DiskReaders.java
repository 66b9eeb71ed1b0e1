package dev.penstock.server.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that wait for the disk so that the event loop does not. A job reads on one of them and always ends on
 * the loop's thread, whether it succeeded or not. The threads start with the first job and end when there has been none
 * for a while.
 *
 * <p>Jobs are submitted on the loop's thread.
 */
final class DiskReaders implements AutoCloseable {

    static final int THREADS = 4;
    private static final int SCRATCH_LENGTH = 256 * 1024;
    private static final long IDLE_SECONDS = 10;

    /** A read on its way. */
    interface ReaderJob {

        /**
         * Reads; on a thread of the readers'.
         *
         * @param scratch a buffer whose content nobody wants
         */
        void read(ByteBuffer scratch) throws IOException;

        /**
         * Goes on; on the event loop's thread.
         *
         * @param failure what the read threw, or null
         */
        void done(@Nullable Throwable failure);
    }

    private final Executor loop;
    private final ThreadPoolExecutor threads;
    private final ConcurrentLinkedQueue<ByteBuffer> scratches = new ConcurrentLinkedQueue<>();

    /** @param loop runs what it is given on the event loop's thread, soon */
    DiskReaders(Executor loop) {
        this.loop = loop;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("penstock-disk-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    void submit(ReaderJob job) {
        threads.execute(() -> {
            Throwable failure = read(job);
            loop.execute(() -> job.done(failure));
        });
    }

    /** Has work done that needs no buffer and throws nothing, and then the rest on the event loop's thread. */
    void run(Runnable work, Runnable done) {
        threads.execute(() -> {
            try {
                work.run();
            } finally {
                loop.execute(done);
            }
        });
    }

    private @Nullable Throwable read(ReaderJob job) {
        try {
            ByteBuffer taken = scratches.poll();
            ByteBuffer scratch = taken == null ? ByteBuffer.allocateDirect(SCRATCH_LENGTH) : taken;
            try {
                job.read(scratch);
            } finally {
                scratches.add(scratch);
            }
            return null;
        } catch (IOException | RuntimeException | Error e) {
            return e;
        }
    }

    /** Waits for the reads under way; their ends are with the event loop when this returns. */
    @Override
    public void close() {
        threads.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = threads.awaitTermination(1, TimeUnit.DAYS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
