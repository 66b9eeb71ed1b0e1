package dev.penstock.store;

import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.write.Batch;
import dev.penstock.store.internal.write.Precondition;
import dev.penstock.store.internal.write.ValueSink;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * Writing: checks what a caller gives, has it written, waits for the device where that is asked for, and turns errors of
 * the system into the store's own.
 */
final class Writes {

    private final Engine engine;
    private final Reads reads;
    private final Durability durability;

    Writes(Engine engine, Reads reads, Durability durability) {
        this.engine = engine;
        this.reads = reads;
        this.durability = durability;
    }

    boolean put(byte[] key, int offset, int length, MemorySegment value, WriteOptions options) {
        return put(
                key,
                offset,
                length,
                value,
                options.expiryMillis(engine),
                options.precondition(),
                options.durabilityOr(durability));
    }

    private boolean put(
            byte[] key,
            int offset,
            int length,
            MemorySegment value,
            long expiryMillis,
            Precondition precondition,
            Durability required) {
        engine.checkWritable();
        Key.checkLength(length);
        checkValueLength(value.byteSize());
        try {
            long sequence = engine.writer.put(key, offset, length, value, expiryMillis, precondition);
            PageFaults.deliver();
            return settled(sequence != Writer.REFUSED, required);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
    }

    boolean remove(byte[] key, int offset, int length, WriteOptions options) {
        options.checkForKeyOnly("a removal");
        return remove(key, offset, length, options.precondition(), options.durabilityOr(durability));
    }

    private boolean remove(byte[] key, int offset, int length, Precondition precondition, Durability required) {
        engine.checkWritable();
        Key.checkLength(length);
        return settled(guarded(() -> engine.writer.remove(key, offset, length, precondition)), required);
    }

    boolean setExpiry(byte[] key, int offset, int length, Instant expiry, WriteOptions options) {
        options.checkForKeyOnly("setExpiry");
        long expiryMillis = WriteOptions.expiryMillis(expiry);
        engine.checkWritable();
        Key.checkLength(length);
        return settled(
                guarded(() -> engine.writer.expireAt(key, offset, length, expiryMillis, options.precondition())),
                options.durabilityOr(durability));
    }

    boolean clearExpiry(byte[] key, int offset, int length, WriteOptions options) {
        options.checkForKeyOnly("clearExpiry");
        engine.checkWritable();
        Key.checkLength(length);
        return settled(
                guarded(() -> engine.writer.clearExpiry(key, offset, length, options.precondition())),
                options.durabilityOr(durability));
    }

    boolean write(Batch batch) {
        return write(batch, durability);
    }

    boolean write(Batch batch, Durability required) {
        engine.checkWritable();
        return settled(guarded(() -> engine.writer.write(batch)), required);
    }

    private <T> T guarded(Engine.Access<T> access) {
        return engine.guarded("writing to " + engine.path, access);
    }

    /**
     * Reads, computes, and writes only if nobody wrote meanwhile; begins again otherwise. So the caller's code runs under no
     * lock, and may run more than once.
     */
    byte[] compute(byte[] key, UnaryOperator<byte[]> remapping) {
        engine.checkWritable();
        ValueView view = new ValueView();
        for (; ; ) {
            byte[] current = null;
            long version = Writer.REFUSED;
            long expiryMillis = Store.NO_EXPIRY;
            if (reads.get(key, 0, key.length, view)) {
                try (view) {
                    current = view.toByteArray();
                    version = view.version();
                    expiryMillis = view.expiryMillis();
                }
            }
            byte[] computed = remapping.apply(current);
            if (computed == null && current == null || Arrays.equals(computed, current)) {
                return computed;
            }
            Precondition unchanged = Precondition.sequence(version);
            boolean written = computed == null
                    ? remove(key, 0, key.length, unchanged, durability)
                    : put(key, 0, key.length, MemorySegment.ofArray(computed), expiryMillis, unchanged, durability);
            if (written) {
                return computed;
            }
        }
    }

    ValueSink beginLarge(byte[] key, long length) {
        return guarded(() -> engine.writer.beginLarge(key, length));
    }

    ValueSink beginGrowing(byte[] key) {
        return guarded(() -> engine.writer.beginGrowing(key));
    }

    boolean commit(ValueSink sink, WriteOptions options) {
        engine.checkWritable();
        long expiryMillis = options.expiryMillis(engine);
        return settled(
                guarded(() -> sink.commit(expiryMillis, options.precondition())) != Writer.REFUSED,
                options.durabilityOr(durability));
    }

    void clear() {
        clear(new Batch());
    }

    /** Whether what the batch expects was so, and everything is removed. */
    boolean clear(Batch expected) {
        engine.checkWritable();
        return settled(engine.guarded("clearing " + engine.path, () -> engine.writer.clear(expected)), durability);
    }

    void sync() {
        engine.checkWritable();
        engine.groupCommit.await();
    }

    /** Waits for the device if a write took place and is to be durable before it returns. */
    private boolean settled(boolean written, Durability required) {
        if (written) {
            engine.compaction.written();
            if (required == Durability.ALWAYS) {
                engine.groupCommit.await();
            }
        }
        return written;
    }

    static void checkValueLength(long length) {
        if (length < 0 || length > Store.MAX_VALUE_LENGTH) {
            throw new IllegalArgumentException(
                    "a value is 0 to " + Store.MAX_VALUE_LENGTH + " bytes long, not " + length);
        }
    }
}
