package dev.penstock.store.internal.engine;

import dev.penstock.store.Durability;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreIoException;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.io.Pipe;
import dev.penstock.store.internal.write.Precondition;
import dev.penstock.store.internal.write.ValueSink;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * One value that is being written: buffered in memory while it is short enough for a record of the log, otherwise in a
 * separate file. The public writer extends this class; see {@link OpenStore}.
 *
 * <p>An attempt to take bytes that ends with an exception may have taken some of them, or lost some. The value takes no
 * more bytes afterwards and is never published.
 *
 * <p>One thread at a time.
 *
 * @hidden
 */
@SuppressWarnings("InvalidBlockTag") // Error Prone does not know @hidden on a class
public abstract class UnfinishedValue {

    /** Length of a value that nobody knows yet. */
    protected static final long UNKNOWN = -1;

    private static final int FIRST_CAPACITY = 4096;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final OwnerEngine engine;
    private final WritePath writes;
    private final byte[] key;
    /** Length of the value in bytes, or {@link #UNKNOWN}. */
    private final long length;
    /** Holds a value that is not large, or not yet; empty once there is a sink. */
    private ByteBuffer gathered = NOTHING;
    /** Where a large value goes; null before it is known to be one. */
    private @Nullable ValueSink sink;

    private boolean open = true;
    /** Why bytes that arrived may be missing; null if none are. */
    private @Nullable Throwable failure;
    /** Of the record that the value was published with. */
    private long sequence = Writer.REFUSED;

    /** @param length in bytes, or {@link #UNKNOWN} */
    protected UnfinishedValue(OwnerEngine engine, WritePath writes, byte[] key, long length) {
        this.engine = engine;
        this.writes = writes;
        this.key = key;
        this.length = length;
        if (length == UNKNOWN) {
            gathered = ByteBuffer.allocate(FIRST_CAPACITY);
        } else if (engine.writer.isLarge(length)) {
            sink = writes.beginLarge(key, length);
        }
    }

    protected final OwnerEngine engine() {
        return engine;
    }

    /** Bytes still missing; how many more there may be, if the length is unknown. */
    protected final long missing() {
        if (sink != null) {
            return sink.remaining();
        }
        return (length == UNKNOWN ? RecordLayout.MAX_VALUE_LENGTH : length) - gathered.position();
    }

    /** How many bytes are best written next; see {@link ValueSink#pieceLength}. */
    final int pieceLength() {
        return sink == null ? ValueSink.PIECE_LENGTH : sink.pieceLength();
    }

    /** Takes as much as is still missing, at most all of the buffer; returns how much. */
    protected final int append(ByteBuffer source) throws IOException {
        checkTaking();
        int count = (int) Math.min(source.remaining(), missing());
        try {
            appendPart(source.slice(source.position(), count));
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
        source.position(source.position() + count);
        return count;
    }

    private void appendPart(ByteBuffer part) {
        makeRoom(part.remaining());
        if (sink == null) {
            gathered.put(part);
        } else {
            write(sink, part);
        }
    }

    private void write(ValueSink target, ByteBuffer part) {
        writes.guarded(() -> {
            target.write(MemorySegment.ofBuffer(part));
            return true;
        });
    }

    /**
     * Takes the bytes of the whole value without copying them if it is not large.
     *
     * @param whole which must not change before the value is published
     */
    final void take(ByteBuffer whole) throws IOException {
        checkTaking();
        if (sink == null && missing() == length && whole.remaining() == length) {
            gathered = whole.slice().position((int) length);
        } else {
            append(whole);
        }
    }

    /**
     * Makes room for more bytes to be gathered. A value of unknown length goes over to a file if it is large by then.
     */
    private void makeRoom(int count) {
        if (sink != null || gathered.remaining() >= count) {
            return;
        }
        if (length != UNKNOWN) {
            gathered = ByteBuffer.allocate((int) length);
            return;
        }
        long needed = (long) gathered.position() + count;
        ByteBuffer begun = gathered.duplicate().flip();
        if (engine.writer.isLarge(needed)) {
            sink = writes.beginGrowing(key);
            write(sink, begun);
            gathered = NOTHING;
        } else {
            long capacity = Math.min(engine.writer.smallestLargeLength(), Math.max(needed, 2L * gathered.capacity()));
            gathered = ByteBuffer.allocate((int) capacity).put(begun);
        }
    }

    /** Reads once from a channel, at most as many bytes as are missing; returns what the channel did. */
    protected final int receive(ReadableByteChannel source, int limit) throws IOException {
        return receive(source, limit, false);
    }

    /** @param intoMapping whether the bytes of a large value go straight into its mapped file */
    final int receive(ReadableByteChannel source, int limit, boolean intoMapping) throws IOException {
        checkTaking();
        try {
            if (sink == null && missing() > 0) {
                makeRoom(1);
            }
            if (sink == null) {
                return gather(source, limit);
            }
            return intoMapping && sink.canBeMapped()
                    ? readIntoMapping(sink, source, limit)
                    : readThroughBuffer(sink, source, limit);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    private int gather(ReadableByteChannel source, int limit) throws IOException {
        int count = Math.min(limit, gathered.remaining());
        ByteBuffer part = gathered.slice(gathered.position(), count);
        int read = source.read(part);
        if (read > 0) {
            gathered.position(gathered.position() + read);
        }
        return read;
    }

    private int readThroughBuffer(ValueSink target, ReadableByteChannel source, int limit) throws IOException {
        ByteBuffer buffer = target.lend(limit);
        int read = source.read(buffer);
        target.takeBack(buffer);
        if (read > 0) {
            write(target, buffer.flip());
        }
        return read;
    }

    private int readIntoMapping(ValueSink target, ReadableByteChannel source, int limit) throws IOException {
        ByteBuffer mapped = writes.guarded(() -> target.mappingToFill(limit));
        int read = engine.errors.touch(() -> CallersCode.readMapped(source, mapped));
        if (read > 0) {
            writes.guarded(() -> {
                target.filled(read);
                return true;
            });
        }
        return read;
    }

    /** Takes what is in a pipe; returns how many bytes, or -1 if this value or this system cannot do so. */
    final long receive(Pipe source) throws IOException {
        checkTaking();
        if (sink == null) {
            return -1;
        }
        ValueSink target = sink;
        try {
            return writes.guarded(() -> target.spliceFrom(source));
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /** Fails unless the value can be published now. */
    protected final void checkComplete() {
        if (!open) {
            throw new StoreClosedException("the value was committed or closed before");
        }
        checkWhole();
        if (length != UNKNOWN && missing() != 0) {
            throw new IllegalStateException(missing() + " bytes of the value are still missing");
        }
    }

    /** Fails if bytes that arrived may be missing. */
    private void checkWhole() {
        if (failure != null) {
            engine.checkOpen();
            throw incomplete(failure);
        }
    }

    private static StoreException incomplete(Throwable failure) {
        String what = "the value is incomplete, since writing a part of it failed";
        return failure instanceof StoreFullException
                ? new StoreFullException(what + ": " + failure.getMessage())
                : new StoreIoException(what + ": " + failure.getMessage(), new IOException(failure));
    }

    /** Publishes the value; returns whether the precondition held. If not, the bytes are dropped. */
    protected final boolean publish(long expiryMillis, Precondition precondition, Durability required) {
        open = false;
        engine.checkOpen();
        if (sink != null) {
            sequence = writes.commit(sink, expiryMillis, precondition, required);
        } else {
            MemorySegment value = MemorySegment.ofBuffer(gathered.duplicate().flip());
            sequence = writes.put(key, 0, key.length, null, value, expiryMillis, precondition, required);
        }
        return sequence != Writer.REFUSED;
    }

    /** The sequence that the value got, or {@link Writer#REFUSED} as long as it is not published. */
    final long sequence() {
        return sequence;
    }

    private void checkTaking() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
        checkWhole();
    }

    /** Whether it was neither published nor dropped. */
    protected final boolean isPending() {
        return open;
    }

    /** Drops everything that was written, unless it was published. */
    protected final void drop() {
        if (!open) {
            return;
        }
        ValueSink unfinished = sink;
        if (unfinished == null) {
            open = false;
            return;
        }
        engine.errors.call("dropping an unfinished value in " + engine.path, () -> {
            open = false;
            unfinished.close();
            return true;
        });
    }
}
