package dev.penstock.server.transfer;

import dev.penstock.server.TransferMode;
import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.transfer.SplicePipe;
import dev.penstock.store.transfer.ValueIntake;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Receives a large value from a socket into a separate file. Its bytes never pass through the heap.
 *
 * <p>The store may refuse the value at the start or half-way, for example for lack of space. The client has announced
 * the bytes and will still send them, so from then on they are read and dropped, and {@link #writer()} throws the
 * reason when the request is complete. The client gets an error reply, and the connection stays in step.
 */
public final class Upload implements Intake, AutoCloseable {

    private static final Logger LOG = System.getLogger(Upload.class.getName());

    private @Nullable ValueWriter writer;
    private @Nullable RuntimeException refusal;
    private final TransferCounts counts;
    private TransferMode lastMode = TransferMode.COPY;
    private long remaining;
    private boolean spliceRefused;
    private @Nullable Consumer<ByteBuffer> observer;

    private Upload(long length, TransferCounts counts) {
        this.remaining = length;
        this.counts = counts;
    }

    /** Never fails: a refusal by the store shows in {@link #writer()}. */
    public static Upload begin(Store store, byte[] key, long length, TransferCounts counts) {
        Upload upload = new Upload(length, counts);
        try {
            upload.writer = store.putStream(key, length);
        } catch (RuntimeException e) {
            upload.refusal = e;
        }
        return upload;
    }

    /** The same for a value of unknown length, which is complete when the caller says so. */
    public static Upload begin(Store store, byte[] key, TransferCounts counts) {
        Upload upload = new Upload(Long.MAX_VALUE, counts);
        try {
            upload.writer = store.putStream(key);
        } catch (RuntimeException e) {
            upload.refusal = e;
        }
        return upload;
    }

    /** An upload whose bytes are dropped, and whose request fails with the given reason. */
    public static Upload refused(RuntimeException reason, long length) {
        Upload upload = new Upload(length, new TransferCounts());
        upload.refusal = reason;
        return upload;
    }

    /** Has the bytes be seen by another on their way, which therefore leads through a buffer. */
    public void observe(Consumer<ByteBuffer> bytes) {
        observer = bytes;
    }

    /** Whether the value is refused already, so that the bytes to come are dropped. */
    public boolean isRefused() {
        return refusal != null;
    }

    /** Bytes that are still to arrive. */
    public long remaining() {
        return remaining;
    }

    @Override
    public boolean isComplete() {
        return remaining == 0;
    }

    /** Takes all of {@code source}, which holds at most {@link #remaining()} bytes. */
    public void write(ByteBuffer source) {
        remaining -= source.remaining();
        if (writer != null) {
            received(TransferMode.COPY, source.remaining());
        }
        pass(source);
    }

    /** To the value, unless it was refused before or is now. */
    private void pass(ByteBuffer source) {
        if (writer == null) {
            return;
        }
        if (observer != null) {
            observer.accept(source.duplicate());
        }
        try {
            while (source.hasRemaining()) {
                writer.write(source);
            }
        } catch (IOException e) {
            refuse(new UncheckedIOException(e)); // declared by WritableByteChannel; the store has its own exceptions
        } catch (RuntimeException e) {
            refuse(e);
        }
    }

    @Override
    public int readFrom(Wire source, int limit, TransferContext transfers) throws IOException {
        ValueWriter taker = writer;
        int read;
        try {
            read = taker == null ? throughBuffer(source, limit, transfers) : receive(taker, source, limit, transfers);
        } catch (RuntimeException e) {
            remaining = taker == null ? remaining : Math.min(remaining, taker.remaining());
            refuse(e);
            return 0;
        }
        if (read > 0) {
            remaining -= read;
        }
        return read;
    }

    private int receive(ValueWriter taker, Wire source, int limit, TransferContext transfers) throws IOException {
        TransferMode wanted = observer == null ? transfers.settings().mode() : TransferMode.COPY;
        TransferMode mode = wanted == TransferMode.MAPPED ? TransferMode.MAPPED : TransferMode.COPY;
        SplicePipe pipe = wanted == TransferMode.SPLICE ? pipe(taker, source, transfers) : null;
        int read;
        if (pipe != null) {
            mode = TransferMode.SPLICE;
            try {
                read = throughPipe(taker, pipe, source.descriptor(), limit);
            } finally {
                transfers.pipes().giveBack(pipe);
            }
        } else if (mode == TransferMode.MAPPED) {
            read = ValueIntake.readIntoMapping(taker, source.channel(), limit);
        } else {
            read = throughBuffer(source, limit, transfers);
        }
        received(mode, Math.max(0, read));
        return read;
    }

    private void received(TransferMode mode, int count) {
        counts.received(mode, count);
        lastMode = mode;
    }

    /** A pipe that leads from the socket to the value, or null where there is no such way. */
    private @Nullable SplicePipe pipe(ValueWriter taker, Wire source, TransferContext transfers) throws IOException {
        if (spliceRefused || !source.isPlain() || source.descriptor() == Wire.NO_DESCRIPTOR) {
            return null;
        }
        SplicePipe pipe = transfers.pipes().take();
        if (pipe != null && ValueIntake.spliceFrom(taker, pipe) < 0) { // asked while there is nothing in it to lose
            spliceRefused = true;
            transfers.pipes().giveBack(pipe);
            return null;
        }
        return pipe;
    }

    /** The client's bytes are out of the socket then, whether the store takes them or not. */
    private int throughPipe(ValueWriter taker, SplicePipe pipe, int socket, int limit) throws IOException {
        long count = pipe.fillFrom(socket, Math.min(limit, remaining));
        try {
            while (pipe.content() > 0) {
                if (ValueIntake.spliceFrom(taker, pipe) <= 0) {
                    throw new IOException("the value's file takes no more bytes");
                }
            }
        } catch (IOException e) {
            refuse(new UncheckedIOException(e));
        } catch (RuntimeException e) {
            refuse(e);
        }
        return (int) count;
    }

    /** The client's bytes are out of the socket then, like above. */
    private int throughBuffer(Wire source, int limit, TransferContext transfers) throws IOException {
        ByteBuffer buffer = transfers.uploadBuffer();
        int most = writer == null ? buffer.capacity() : Math.min(buffer.capacity(), ValueIntake.pieceLength(writer));
        buffer.limit((int) Math.min(remaining, Math.min(limit, most)));
        int read = source.channel().read(buffer);
        pass(buffer.flip());
        return read;
    }

    private void refuse(RuntimeException reason) {
        close();
        refusal = reason;
    }

    /** The complete value, to be published once; throws what the store refused it with. */
    public ValueWriter writer() {
        if (refusal != null) {
            throw refusal;
        }
        counts.receivedValue(lastMode);
        return Objects.requireNonNull(writer);
    }

    /** Drops the value unless it was published. */
    @Override
    public void close() {
        if (writer == null) {
            return;
        }
        try {
            writer.close();
        } catch (StoreException e) {
            // Nobody waits for an answer any more, and what was left behind is swept at the next open.
            LOG.log(Level.WARNING, "dropping an unfinished value failed", e);
        }
        writer = null;
    }
}
