package dev.penstock.store;

import dev.penstock.store.internal.write.LargeValueSink;
import dev.penstock.store.internal.write.Precondition;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
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

    boolean put(byte[] key, int offset, int length, MemorySegment value, Precondition precondition) {
        return put(key, offset, length, value, precondition, durability);
    }

    boolean put(byte[] key, int offset, int length, MemorySegment value, Precondition precondition, Durability how) {
        engine.checkWritable();
        Keys.checkLength(length);
        checkValueLength(value.byteSize());
        try {
            return settled(engine.writer.put(key, offset, length, value, precondition) != Writer.REFUSED, how);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
    }

    boolean remove(byte[] key, int offset, int length, Precondition precondition) {
        return remove(key, offset, length, precondition, durability);
    }

    boolean remove(byte[] key, int offset, int length, Precondition precondition, Durability how) {
        engine.checkWritable();
        Keys.checkLength(length);
        try {
            return settled(engine.writer.remove(key, offset, length, precondition), how);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
    }

    /**
     * Reads, computes, and writes only if nobody wrote meanwhile; begins again otherwise. So the caller's code runs under no
     * lock, and may run more than once.
     */
    byte[] compute(byte[] key, UnaryOperator<byte[]> remapping) {
        engine.checkWritable();
        for (; ; ) {
            byte[] current = null;
            long sequence = Writer.REFUSED;
            try (ValueView view = reads.get(key, 0, key.length)) {
                if (view != null) {
                    current = view.toByteArray();
                    sequence = view.sequence();
                }
            }
            byte[] computed = remapping.apply(current);
            if (computed == null && current == null || Arrays.equals(computed, current)) {
                return computed;
            }
            Precondition unchanged = Precondition.sequence(sequence);
            boolean written = computed == null
                    ? remove(key, 0, key.length, unchanged)
                    : put(key, 0, key.length, MemorySegment.ofArray(computed), unchanged);
            if (written) {
                return computed;
            }
        }
    }

    LargeValueSink beginLarge(byte[] key, long length) {
        try {
            return engine.writer.beginLarge(key, length);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        }
    }

    boolean commit(LargeValueSink sink, Precondition precondition) {
        engine.checkWritable();
        try {
            return settled(sink.commit(precondition) != Writer.REFUSED, durability);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
    }

    void clear() {
        engine.checkWritable();
        try {
            engine.writer.clear();
        } catch (IOException e) {
            throw StoreException.of("clearing " + engine.path, e);
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
        settled(true, durability);
    }

    void sync() {
        engine.checkWritable();
        engine.groupCommit.await();
    }

    /** Waits for the device if a write took place and is to be durable before it returns. */
    private boolean settled(boolean written, Durability how) {
        if (written && how == Durability.ALWAYS) {
            engine.groupCommit.await();
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
