package dev.penstock.store.internal.io;

import dev.penstock.store.ProgressListener;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.function.BooleanSupplier;

/**
 * Calls code that a caller handed in, a listener or a channel, from within the store. What that code throws is wrapped,
 * so that nothing on its way takes it for an error of the store: an {@link InternalError} is also what the JVM throws
 * for a lost page of a mapped file, and an {@link IOException} what a full disk looks like. {@link StoreErrors} unwraps
 * it, and the caller gets it as it was.
 *
 * <p>Thread-safe. Must run within {@link StoreErrors#call} or {@link StoreErrors#touch}.
 */
public final class CallersCode {

    /** What the code of a caller threw: its cause. */
    static final class Thrown extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Thrown(Throwable cause) {
            super(null, cause, false, false);
        }
    }

    private interface Use {
        int run() throws IOException;
    }

    private CallersCode() {}

    /** Returns whether a channel may run code of the caller, and is no channel of the JDK. */
    static boolean isOf(WritableByteChannel channel) {
        return channel.getClass().getClassLoader() != null;
    }

    /** Reports progress to a listener. */
    public static void report(ProgressListener listener, long doneBytes, long totalBytes) {
        run(() -> listener.progress(doneBytes, totalBytes));
    }

    /** Runs what a caller handed in, and what reads none of the store's memory. */
    public static void run(Runnable code) {
        try {
            code.run();
        } catch (Exception | InternalError e) {
            throw new Thrown(e);
        }
    }

    /** Writes bytes to a channel, from memory that is not mapped; returns how many it took. */
    static int write(WritableByteChannel target, ByteBuffer bytes) {
        try {
            return target.write(bytes);
        } catch (Exception | InternalError e) {
            throw new Thrown(e);
        }
    }

    /**
     * Writes bytes of a mapped file to a channel; returns how many it took.
     *
     * @throws InternalError if one of their pages is lost
     */
    public static int writeMapped(WritableByteChannel target, ByteBuffer mapped) {
        ByteBuffer part = mapped.slice();
        return withMapped(
                () -> target.write(mapped), () -> PageFaults.canRead(MemorySegment.ofBuffer(part), 0, part.limit()));
    }

    /**
     * Reads from a channel into a mapped file; returns what the channel did.
     *
     * @throws InternalError if a page of it is lost
     */
    public static int readMapped(ReadableByteChannel source, ByteBuffer mapped) {
        ByteBuffer part = mapped.slice();
        return withMapped(() -> source.read(mapped), () -> PageFaults.isIntact(() -> rewrite(part)));
    }

    private static int withMapped(Use use, BooleanSupplier isIntact) {
        try {
            int count = use.run();
            PageFaults.deliver();
            return count;
        } catch (InternalError e) {
            if (isIntact.getAsBoolean()) {
                throw new Thrown(e);
            }
            throw e;
        } catch (Exception e) {
            throw new Thrown(e);
        }
    }

    /** Visits every page. No other thread uses the part yet. */
    private static boolean rewrite(ByteBuffer part) {
        int last = part.limit() - 1;
        for (int at = 0; at <= last; at = (int) PageFaults.next(at, last)) {
            part.put(at, part.get(at));
        }
        return true;
    }
}
