package dev.penstock.server.keyspace;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store itself, for one event loop and its thread: methods with a {@link ByteBuffer} as key use one key object, so
 * that they allocate none.
 */
public final class StoreKeyspace implements Keyspace {

    /** Values up to this length are put together on the heap, longer ones in the store's files. */
    private static final int GATHERED_LENGTH = 1 << 20;

    private static final long ABSENT = 0;
    private static final WriteOptions IF_ABSENT = WriteOptions.defaults().ifAbsent();
    private static final WriteOptions IF_PRESENT = WriteOptions.defaults().ifPresent();

    private final Store store;
    private final StoreTransfer transfer;
    private final Key used = new Key(); // by the event loop

    public StoreKeyspace(Store store) {
        this.store = store;
        this.transfer = StoreTransfer.of(store);
    }

    @Override
    public boolean contains(ByteBuffer key) {
        try {
            return store.contains(used.set(key));
        } finally {
            used.clear();
        }
    }

    /** A short value is copied without a view, and so without an allocation. */
    @Override
    public boolean answer(ByteBuffer key, Reply reply) {
        ByteBuffer room = reply.frameRoom();
        int limit = Math.min(room.remaining(), reply.longestCopiedFrame());
        try {
            long length = transfer.copyFrame(used.set(key), room, limit);
            if (length > limit) {
                ValueView view = view(used);
                reply.valueOrNil(view);
                return view != null; // it may have been removed since, by another user of the store
            }
            if (length < 0) {
                reply.nil();
            } else {
                reply.framePut((int) length);
            }
            return length >= 0;
        } finally {
            used.clear();
        }
    }

    @Override
    public @Nullable KeyspaceValue get(ByteBuffer key) {
        try {
            ValueView view = view(used.set(key));
            return view == null ? null : KeyspaceValue.stored(view);
        } finally {
            used.clear();
        }
    }

    private @Nullable ValueView view(Key key) {
        ValueView view = new ValueView();
        return transfer.locate(key, view) ? view : null;
    }

    /** A value that is not verified yet; null if the key is absent. */
    static @Nullable ValueView locate(Store store, ByteBuffer key) {
        ValueView view = new ValueView();
        return StoreTransfer.of(store).locate(Key.of(key), view) ? view : null;
    }

    @Override
    public boolean put(ByteBuffer key, ByteBuffer value, long expiryMillis, Condition condition) {
        try {
            return store.put(used.set(key), value, options(expiryMillis, condition));
        } finally {
            used.clear();
        }
    }

    /** The options of a write with an expiry, or without one, under a condition. */
    public static WriteOptions options(long expiryMillis, Condition condition) {
        return expiring(
                switch (condition) {
                    case ALWAYS -> WriteOptions.defaults();
                    case IF_ABSENT -> IF_ABSENT;
                    case IF_PRESENT -> IF_PRESENT;
                },
                expiryMillis);
    }

    private static WriteOptions expiring(WriteOptions options, long expiryMillis) {
        return expiryMillis == NO_EXPIRY ? options : options.expiresAt(Instant.ofEpochMilli(expiryMillis));
    }

    @Override
    public boolean update(ByteBuffer key, @Nullable KeyspaceValue read, List<MemorySegment> parts, long expiryMillis) {
        if (read != null) {
            read.verifyCopied();
        }
        long version = read == null ? ABSENT : read.version();
        WriteOptions options = expiring(WriteOptions.defaults().ifVersion(version), expiryMillis);
        long length = ValueParts.length(parts);
        if (length <= GATHERED_LENGTH) {
            return store.put(Key.of(key), ValueParts.gathered(parts), options);
        }
        try (ValueWriter writer = store.putStream(Key.of(key), length)) {
            for (MemorySegment part : parts) {
                write(part, writer);
            }
            return writer.commit(options);
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
    public boolean expire(ByteBuffer key, KeyspaceValue read, long expiryMillis) {
        WriteOptions unchanged = WriteOptions.defaults().ifVersion(read.version());
        return expiryMillis == NO_EXPIRY
                ? store.clearExpiry(Key.of(key), unchanged)
                : store.setExpiry(Key.of(key), Instant.ofEpochMilli(expiryMillis), unchanged);
    }

    @Override
    public boolean remove(ByteBuffer key, KeyspaceValue read) {
        return store.remove(Key.of(key), WriteOptions.defaults().ifVersion(read.version()));
    }

    @Override
    public boolean remove(ByteBuffer key) {
        try {
            return store.remove(used.set(key));
        } finally {
            used.clear();
        }
    }

    @Override
    public void clear() {
        store.clear();
    }

    @Override
    public long count(Turn turn) {
        return store.count();
    }

    @Override
    public Scan scan(long cursor) {
        return new StoreScan(transfer, cursor);
    }

    /** Through the keys of the store. */
    private static final class StoreScan implements Scan {

        private final StoreTransfer transfer;
        private long cursor;
        private boolean begun;

        StoreScan(StoreTransfer transfer, long cursor) {
            this.transfer = transfer;
            this.cursor = cursor;
        }

        @Override
        public void next(int minKeys, Consumer<byte[]> visitor) {
            cursor = transfer.scanKeys(cursor, minKeys, visitor);
            begun = true;
        }

        @Override
        public boolean hasCursor() {
            return begun;
        }

        @Override
        public long cursor() {
            return cursor;
        }
    }

    @Override
    public byte @Nullable [] randomKey() {
        return store.randomKey(ThreadLocalRandom.current());
    }
}
