package dev.penstock.store.internal.engine;

import dev.penstock.store.Durability;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.StackReserve;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.write.Batch;
import dev.penstock.store.internal.write.Precondition;
import dev.penstock.store.internal.write.ValueSink;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Writing: checks the arguments, writes them, and waits for the device if requested.
 */
public final class WritePath {

    private final Engine engine;
    /** For an exception. */
    private final String writing;

    public WritePath(Engine engine) {
        this.engine = engine;
        this.writing = "writing to " + engine.path;
    }

    /**
     * Stores a value; the sequence it got, or {@link Writer#REFUSED} if the precondition did not hold.
     *
     * @param array the value, unless {@code memory} is
     * @param expiryMillis of the epoch, {@link RecordLayout#NO_EXPIRY} or {@link Writer#KEEP_EXPIRY}
     */
    public long put(
            byte[] key,
            int offset,
            int length,
            byte @Nullable [] array,
            @Nullable MemorySegment memory,
            long expiryMillis,
            Precondition precondition,
            Durability required) {
        OwnerEngine owner = engine.owner();
        Limits.checkKeyLength(length);
        Limits.checkValueLength(Writer.valueLength(array, memory));
        StackReserve.require();
        PageFaults.deliverCallers();
        // As guarded does, but without an object for what is done.
        long sequence;
        try {
            sequence = owner.writer.put(key, offset, length, array, memory, expiryMillis, precondition);
            PageFaults.deliver();
        } catch (IOException | IllegalStateException | InternalError e) {
            throw failed(e);
        }
        settled(owner, sequence != Writer.REFUSED, required);
        return sequence;
    }

    private RuntimeException failed(Throwable e) {
        return e instanceof IOException inFile ? engine.errors.of(writing, inFile) : engine.errors.of(e);
    }

    public boolean remove(byte[] key, int offset, int length, Precondition precondition, Durability required) {
        OwnerEngine owner = engine.owner();
        Limits.checkKeyLength(length);
        return settled(owner, guarded(() -> owner.writer.remove(key, offset, length, precondition)), required);
    }

    public boolean setExpiry(
            byte[] key, int offset, int length, long expiryMillis, Precondition precondition, Durability required) {
        OwnerEngine owner = engine.owner();
        Limits.checkKeyLength(length);
        return settled(
                owner, guarded(() -> owner.writer.expireAt(key, offset, length, expiryMillis, precondition)), required);
    }

    public boolean clearExpiry(byte[] key, int offset, int length, Precondition precondition, Durability required) {
        OwnerEngine owner = engine.owner();
        Limits.checkKeyLength(length);
        return settled(owner, guarded(() -> owner.writer.clearExpiry(key, offset, length, precondition)), required);
    }

    public boolean write(Batch batch, Durability required) {
        OwnerEngine owner = engine.owner();
        return settled(owner, guarded(() -> owner.writer.write(batch)), required);
    }

    /** Does something of a write that may touch mapped memory and call the system. */
    <T> T guarded(StoreErrors.Access<T> access) {
        return engine.errors.call(writing, access);
    }

    public ValueSink beginLarge(byte[] key, long length) {
        return engine.errors.open(writing, () -> engine.owner().writer.beginLarge(key, length));
    }

    public ValueSink beginGrowing(byte[] key) {
        return engine.errors.open(writing, () -> engine.owner().writer.beginGrowing(key));
    }

    /** See {@link Writer#commitLarge}. */
    public long commit(ValueSink sink, long expiryMillis, Precondition precondition, Durability required) {
        OwnerEngine owner = engine.owner();
        long sequence = guarded(() -> sink.commit(expiryMillis, precondition));
        settled(owner, sequence != Writer.REFUSED, required);
        return sequence;
    }

    /** See {@link Writer#replaceAll}. */
    public boolean replaceAll(Batch batch, Durability required) {
        OwnerEngine owner = engine.owner();
        return settled(
                owner, engine.errors.call("clearing " + engine.path, () -> owner.writer.replaceAll(batch)), required);
    }

    public void sync() {
        StackReserve.require();
        engine.owner().groupCommit.await();
    }

    /** Waits for the device if a write took place and is to be durable before it returns. */
    private static boolean settled(OwnerEngine owner, boolean written, Durability required) {
        if (written) {
            owner.compaction.written();
            if (required == Durability.ALWAYS) {
                owner.groupCommit.await();
            }
        }
        return written;
    }
}
