package dev.penstock.server.command;

import dev.penstock.server.resp.Reply;
import dev.penstock.store.EntryVisitor;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/** The store itself. Thread-safe, as the store is. */
final class StoreKeyspace implements Keyspace {

    /** Values up to this length are put together on the heap, longer ones in the store's files. */
    private static final int GATHERED_LENGTH = 1 << 20;

    private static final long ABSENT = 0;

    private final Store store;

    StoreKeyspace(Store store) {
        this.store = store;
    }

    @Override
    public boolean contains(ByteBuffer key) {
        return store.contains(key);
    }

    @Override
    public boolean answer(ByteBuffer key, Reply reply) {
        return reply.value(store, key);
    }

    @Override
    public Value get(ByteBuffer key) {
        ValueView view = store.get(key);
        return view == null ? null : new Value(view);
    }

    @Override
    public boolean put(ByteBuffer key, ByteBuffer value, Condition condition) {
        return switch (condition) {
            case ALWAYS -> {
                store.put(key, value);
                yield true;
            }
            case IF_ABSENT -> store.putIfAbsent(key, value);
            case IF_PRESENT -> store.replace(key, value);
        };
    }

    @Override
    public boolean update(ByteBuffer key, Value read, List<MemorySegment> parts) {
        byte[] keyBytes = bytes(key);
        long length = Parts.length(parts);
        if (length <= GATHERED_LENGTH) {
            return store.putIfVersion(keyBytes, Parts.gathered(parts), read == null ? ABSENT : read.version());
        }
        try (ValueWriter writer = store.putStream(keyBytes, length)) {
            for (MemorySegment part : parts) {
                write(part, writer);
            }
            writer.commit();
            return true;
        }
    }

    /** In pieces: a part may be longer than a buffer can be. */
    private static void write(MemorySegment part, ValueWriter writer) {
        try {
            for (long from = 0; from < part.byteSize(); from += GATHERED_LENGTH) {
                long length = Math.min(GATHERED_LENGTH, part.byteSize() - from);
                ByteBuffer source = part.asSlice(from, length).asByteBuffer();
                while (source.hasRemaining()) {
                    writer.write(source);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // declared by WritableByteChannel; the store has its own exceptions
        }
    }

    @Override
    public boolean remove(ByteBuffer key) {
        return store.remove(key);
    }

    @Override
    public long count() {
        return store.count();
    }

    @Override
    public void forEach(EntryVisitor visitor) {
        store.forEach(visitor);
    }

    @Override
    public long scan(long cursor, int minEntries, EntryVisitor visitor) {
        return store.scan(cursor, minEntries, visitor);
    }

    @Override
    public void clear() {
        store.clear();
    }

    static byte[] bytes(ByteBuffer key) {
        byte[] copy = new byte[key.remaining()];
        key.get(key.position(), copy);
        return copy;
    }
}
