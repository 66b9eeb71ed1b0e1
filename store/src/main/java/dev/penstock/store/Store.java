package dev.penstock.store;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.PosixDisk;
import dev.penstock.store.internal.reclaim.Leased;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.write.Condition;
import dev.penstock.store.internal.write.LargeValueSink;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongArrayList;

/**
 * A persistent map from byte strings to byte strings, in one directory of memory-mapped files.
 *
 * <p>{@link #get} copies nothing: it gives a {@link ValueView} of the mapped page. A write returns when it is complete in
 * the page cache, together with every write before it: it then survives the death of the process. When it is also forced
 * to the device, to survive the death of the machine, is a matter of {@link Durability}; {@link #sync} does it for all
 * that was written before, and so does {@link #close}. Readers may see a write before it is durable.
 *
 * <p>Keys are 0 to {@link #MAX_KEY_LENGTH} bytes long, values 0 to {@link #MAX_VALUE_LENGTH}. A buffer given as key or
 * value counts from its position to its limit, and its position is left alone; what is given must not be changed by
 * others during the call.
 *
 * <p>All methods may be called from any thread, virtual ones too. Reads take no lock. Every operation on a key is atomic.
 * One store at a time has a directory open for writing; see {@link StoreOptions#readOnly()} for others. Errors are
 * {@link StoreException}s.
 */
public final class Store implements AutoCloseable {

    /** Longest key in bytes: 64 KiB. */
    public static final int MAX_KEY_LENGTH = RecordLayout.MAX_KEY_LENGTH;

    /** Longest value in bytes: 1 TiB. */
    public static final long MAX_VALUE_LENGTH = RecordLayout.MAX_VALUE_LENGTH;

    private final Engine engine;
    private final boolean verifyOnRead;
    private final Durability durability;

    private Store(Engine engine, StoreOptions options) {
        this.engine = engine;
        this.verifyOnRead = options.verifyOnRead();
        this.durability = options.durability();
    }

    /** Opens a store with {@linkplain StoreOptions#defaults() the default options}. */
    public static Store open(Path directory) {
        return open(directory, StoreOptions.defaults());
    }

    /**
     * Opens a store, recovering it first if its last owner did not close it.
     *
     * @throws StoreLockedException if it is open for writing elsewhere
     * @throws NotAStoreException if the directory holds something else, or nothing and nothing is to be created
     * @throws FormatVersionException if a newer version made it
     * @throws CorruptionException if something that was durable is damaged or missing; nothing is changed
     */
    public static Store open(Path directory, StoreOptions options) {
        return open(new PosixDisk(), directory, options);
    }

    static Store open(Disk disk, Path directory, StoreOptions options) {
        try {
            return new Store(Engine.open(disk, directory, options), options);
        } catch (IOException e) {
            throw StoreException.of("opening " + directory, e);
        } catch (InternalError e) {
            throw new StoreFailedException("a page of a file in " + directory + " could not be read", e);
        }
    }

    // --- reading ---

    /** The value of a key, to be closed after use; null if there is none. */
    public ValueView get(byte[] key) {
        return get(key, 0, key.length);
    }

    /** The value of the key that is a part of an array; see {@link #get(byte[])}. */
    public ValueView get(byte[] key, int offset, int length) {
        long hash = engine.directory.hash(key, offset, length);
        for (; ; ) {
            try {
                long position = engine.directory.find(hash, key, offset, length);
                if (position == 0) {
                    return null;
                }
                ValueView view = view(position);
                if (view != null) {
                    return view;
                }
            } catch (IllegalStateException released) {
                // Memory went while it was read: the store was closed, or compaction moved the record meanwhile.
                checkOpen();
            } catch (InternalError e) {
                throw pageLost(e);
            }
        }
    }

    /** See {@link #get(byte[])}. */
    public ValueView get(MemorySegment key) {
        return get(Keys.of(key));
    }

    /** See {@link #get(byte[])}. */
    public ValueView get(ByteBuffer key) {
        return key.hasArray()
                ? get(key.array(), key.arrayOffset() + key.position(), key.remaining())
                : get(Keys.of(key));
    }

    /** A copy of the value of a key; null if there is none. */
    public byte[] getBytes(byte[] key) {
        try (ValueView view = get(key)) {
            return view == null ? null : view.toByteArray();
        }
    }

    /**
     * Copies the value of a key, framed as by {@link ValueView#copyFrameTo}, into a buffer, if it is short enough. Takes no
     * lease and allocates nothing; it is the cheapest way to answer a request for a small value.
     *
     * @param maxLength the longest frame to copy
     * @return length of the frame, which is copied if it is at most {@code maxLength} and the buffer has room for it; the
     *     buffer is left alone otherwise. -1 if the key is absent
     */
    public long copyFrame(byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        long hash = engine.directory.hash(key, offset, length);
        for (; ; ) {
            try {
                long position = engine.directory.find(hash, key, offset, length);
                if (position == 0) {
                    return -1;
                }
                Segment segment = engine.segments.segment(position);
                if (segment != null) {
                    return verifyOnRead
                            ? copyVerified(key, offset, length, target, maxLength)
                            : copyFrame(segment, engine.segments.offset(position), target, maxLength);
                }
            } catch (IllegalStateException released) {
                checkOpen();
            } catch (InternalError e) {
                throw pageLost(e);
            }
        }
    }

    /** If the segment's memory goes meanwhile, that is an exception and the buffer's position is where it was. */
    private static long copyFrame(Segment segment, long recordOffset, ByteBuffer target, int maxLength) {
        MemorySegment memory = segment.memory();
        int commitWord = RecordLayout.commitWord(memory, recordOffset);
        long valueLength = RecordLayout.valueLength(memory, recordOffset);
        long frameLength = RecordLayout.frameLength(valueLength);
        if (RecordLayout.kind(commitWord) == RecordLayout.VALUE
                && frameLength <= Math.min(maxLength, target.remaining())) {
            long frame = RecordLayout.valueOffset(recordOffset, RecordLayout.keyLength(commitWord), valueLength)
                    - RecordLayout.framePrefixLength(valueLength);
            target.put(target.position(), segment.buffer(), (int) frame, (int) frameLength);
            target.position(target.position() + (int) frameLength);
        }
        return frameLength;
    }

    private long copyVerified(byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        try (ValueView view = get(key, offset, length)) {
            if (view == null) {
                return -1;
            }
            if (view.frameLength() <= Math.min(maxLength, target.remaining())) {
                view.copyFrameTo(0, target);
            }
            return view.frameLength();
        }
    }

    /** Whether a key is there. */
    public boolean contains(byte[] key) {
        return contains(key, 0, key.length);
    }

    /** Whether the key that is a part of an array is there. */
    public boolean contains(byte[] key, int offset, int length) {
        long hash = engine.directory.hash(key, offset, length);
        for (; ; ) {
            try {
                return engine.directory.find(hash, key, offset, length) != 0;
            } catch (IllegalStateException released) {
                checkOpen();
            } catch (InternalError e) {
                throw pageLost(e);
            }
        }
    }

    /** See {@link #contains(byte[])}. */
    public boolean contains(MemorySegment key) {
        return contains(Keys.of(key));
    }

    /** See {@link #contains(byte[])}. */
    public boolean contains(ByteBuffer key) {
        return key.hasArray()
                ? contains(key.array(), key.arrayOffset() + key.position(), key.remaining())
                : contains(Keys.of(key));
    }

    /** A leased view of the record at a position; null if it has moved since. */
    private ValueView view(long position) {
        Segment segment = engine.segments.segment(position);
        int lease = segment == null ? Leased.NO_LEASE : segment.acquire();
        if (lease == Leased.NO_LEASE) {
            return null;
        }
        boolean leased = false;
        try {
            long offset = engine.segments.offset(position);
            ValueView view = segment.kind(offset) == RecordLayout.VALUE
                    ? ValueView.of(engine, segment, offset, lease)
                    : largeView(segment, offset);
            leased = view != null && !view.isLarge();
            if (verifyOnRead && view != null) {
                view.verify();
            }
            return view;
        } finally {
            if (!leased) {
                segment.release(lease);
            }
        }
    }

    private ValueView largeView(Segment segment, long offset) {
        LargeSegment large = engine.segments.large(segment.referencedSegment(offset));
        int lease = large == null ? Leased.NO_LEASE : large.acquire();
        return lease == Leased.NO_LEASE ? null : ValueView.ofLarge(engine, large, lease);
    }

    // --- writing ---

    /** Stores a value. */
    public void put(byte[] key, byte[] value) {
        put(key, 0, key.length, MemorySegment.ofArray(value), Condition.NONE);
    }

    /**
     * Stores a value, and forces it now or leaves that to later, whatever the store's options say.
     *
     * @param how {@link Durability#ALWAYS} to return when it is on the device; {@link Durability#NONE} not to wait
     */
    public void put(byte[] key, byte[] value, Durability how) {
        put(key, 0, key.length, MemorySegment.ofArray(value), Condition.NONE, how);
    }

    /** Stores a value under the key that is a part of an array; see {@link #put(byte[], byte[])}. */
    public void put(byte[] key, int offset, int length, ByteBuffer value) {
        put(key, offset, length, MemorySegment.ofBuffer(value), Condition.NONE);
    }

    /** See {@link #put(byte[], byte[])}. */
    public void put(MemorySegment key, MemorySegment value) {
        put(Keys.of(key), value, Condition.NONE);
    }

    /** See {@link #put(byte[], byte[])}. */
    public void put(ByteBuffer key, ByteBuffer value) {
        put(key, value, Condition.NONE);
    }

    /** Stores a value if the key is absent, and tells whether it was. */
    public boolean putIfAbsent(byte[] key, byte[] value) {
        return put(key, MemorySegment.ofArray(value), Condition.IF_ABSENT);
    }

    /** See {@link #putIfAbsent(byte[], byte[])}. */
    public boolean putIfAbsent(MemorySegment key, MemorySegment value) {
        return put(Keys.of(key), value, Condition.IF_ABSENT);
    }

    /** See {@link #putIfAbsent(byte[], byte[])}. */
    public boolean putIfAbsent(ByteBuffer key, ByteBuffer value) {
        return put(key, value, Condition.IF_ABSENT);
    }

    /** Stores a value if the key is present, and tells whether it was. */
    public boolean replace(byte[] key, byte[] value) {
        return put(key, MemorySegment.ofArray(value), Condition.IF_PRESENT);
    }

    /** See {@link #replace(byte[], byte[])}. */
    public boolean replace(MemorySegment key, MemorySegment value) {
        return put(Keys.of(key), value, Condition.IF_PRESENT);
    }

    /** See {@link #replace(byte[], byte[])}. */
    public boolean replace(ByteBuffer key, ByteBuffer value) {
        return put(key, value, Condition.IF_PRESENT);
    }

    private boolean put(byte[] key, MemorySegment value, Condition condition) {
        return put(key, 0, key.length, value, condition);
    }

    private boolean put(ByteBuffer key, ByteBuffer value, Condition condition) {
        MemorySegment valueSegment = MemorySegment.ofBuffer(value);
        return key.hasArray()
                ? put(key.array(), key.arrayOffset() + key.position(), key.remaining(), valueSegment, condition)
                : put(Keys.of(key), valueSegment, condition);
    }

    private boolean put(byte[] key, int offset, int length, MemorySegment value, Condition condition) {
        return put(key, offset, length, value, condition, durability);
    }

    private boolean put(
            byte[] key, int offset, int length, MemorySegment value, Condition condition, Durability how) {
        checkWritable();
        Keys.checkLength(length);
        checkValueLength(value.byteSize());
        try {
            return settled(engine.writer.put(key, offset, length, value, condition), how);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        } catch (InternalError e) {
            throw pageLost(e);
        }
    }

    /** Removes a key, and tells whether it was there. */
    public boolean remove(byte[] key) {
        return remove(key, 0, key.length);
    }

    /** Removes the key that is a part of an array; see {@link #remove(byte[])}. */
    public boolean remove(byte[] key, int offset, int length) {
        return remove(key, offset, length, durability);
    }

    /** Removes a key, and forces that now or leaves it to later; see {@link #put(byte[], byte[], Durability)}. */
    public boolean remove(byte[] key, Durability how) {
        return remove(key, 0, key.length, how);
    }

    private boolean remove(byte[] key, int offset, int length, Durability how) {
        checkWritable();
        Keys.checkLength(length);
        try {
            return settled(engine.writer.remove(key, offset, length), how);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        } catch (InternalError e) {
            throw pageLost(e);
        }
    }

    /** See {@link #remove(byte[])}. */
    public boolean remove(MemorySegment key) {
        return remove(Keys.of(key));
    }

    /** See {@link #remove(byte[])}. */
    public boolean remove(ByteBuffer key) {
        return key.hasArray()
                ? remove(key.array(), key.arrayOffset() + key.position(), key.remaining())
                : remove(Keys.of(key));
    }

    /**
     * Begins a value that arrives in pieces. One too large for a record among others goes straight into a mapped file of
     * its own; the heap never holds it.
     *
     * @param length of the whole value in bytes
     */
    public ValueWriter putStream(byte[] key, long length) {
        checkWritable();
        Keys.checkLength(key.length);
        checkValueLength(length);
        try {
            return engine.writer.isLarge(length)
                    ? new ValueWriter(this, engine.writer.beginLarge(key.clone(), length))
                    : new ValueWriter(this, key.clone(), (int) length);
        } catch (IOException e) {
            throw StoreException.of("writing to " + engine.path, e);
        }
    }

    /** Waits for the device if a write took place and is to be durable before it returns. */
    private boolean settled(boolean written, Durability how) {
        if (written && how == Durability.ALWAYS) {
            engine.groupCommit.await();
        }
        return written;
    }

    /** Stores a value that came in pieces. */
    boolean commit(LargeValueSink sink, Condition condition) throws IOException {
        return settled(sink.commit(condition), durability);
    }

    /** Stores a value that came in pieces and was gathered. */
    boolean commit(byte[] key, byte[] value, Condition condition) {
        return put(key, MemorySegment.ofArray(value), condition);
    }

    /** Removes every key. */
    public void clear() {
        checkWritable();
        try {
            engine.writer.clear();
            settled(true, durability);
        } catch (IOException e) {
            throw StoreException.of("clearing " + engine.path, e);
        } catch (InternalError e) {
            throw pageLost(e);
        }
    }

    /**
     * Returns when everything written before the call is on the device.
     *
     * @throws StoreFailedException if the device did not take it; the store then takes no more writes
     */
    public void sync() {
        checkWritable();
        engine.groupCommit.await();
    }

    // --- all entries ---

    /** Visits every entry that is there from the beginning to the end; others may be visited, and some twice. */
    public void forEach(EntryVisitor visitor) {
        long cursor = 0;
        do {
            cursor = scan(cursor, 1, visitor);
        } while (cursor != 0);
    }

    /**
     * Visits some entries and returns where to go on; the scan begins with 0 and is over when the result is 0. What is
     * there from the first call to the last is visited at least once, whatever is written in between. The cursor means
     * the same after the store is closed and opened again.
     *
     * @param minEntries how many entries to visit before returning, unless the scan ends; a few more may come
     */
    public long scan(long cursor, int minEntries, EntryVisitor visitor) {
        List<ValueView> views = new ArrayList<>();
        List<byte[]> keys = new ArrayList<>();
        LongArrayList positions = new LongArrayList();
        long next = cursor;
        int visited = 0;
        do {
            try {
                next = engine.directory.scan(next, positions, found -> leaseAll(found, keys, views));
                for (int i = 0; i < views.size(); i++) {
                    visitor.visit(keys.get(i), views.get(i));
                    visited++;
                }
            } catch (IllegalStateException released) {
                checkOpen();
                throw released;
            } catch (InternalError e) {
                throw pageLost(e);
            } finally {
                views.forEach(ValueView::close);
                views.clear();
                keys.clear();
            }
        } while (next != 0 && visited < minEntries);
        return next;
    }

    /** Under the lock of their stripe, where nothing can be retired that is current. */
    private void leaseAll(LongArrayList positions, List<byte[]> keys, List<ValueView> views) {
        for (int i = 0; i < positions.size(); i++) {
            long position = positions.getLong(i);
            keys.add(engine.segments.segment(position).key(engine.segments.offset(position)));
            views.add(view(position));
        }
    }

    /** Number of keys. */
    public long count() {
        checkOpen();
        return engine.directory.count();
    }

    // --- space ---

    /**
     * Rewrites what is current out of segments that hold dead records, verifies the copies, and frees those segments.
     * Reads and writes may go on meanwhile. Killed at any moment, it has lost nothing.
     */
    public CompactionReport compact(ProgressListener listener) {
        checkWritable();
        try {
            return engine.compact(listener);
        } catch (IOException e) {
            throw StoreException.of("compacting " + engine.path, e);
        } catch (InternalError e) {
            throw pageLost(e);
        }
    }

    /** Bytes of the files that hold records, space allocated ahead included. */
    public long fileBytes() {
        checkOpen();
        try {
            return engine.segments.fileBytes();
        } catch (IOException e) {
            throw StoreException.of("measuring " + engine.path, e);
        }
    }

    /** Bytes of records that are current, with their keys and headers. */
    public long liveBytes() {
        checkOpen();
        return engine.segments.liveBytes();
    }

    /** The directory that the store is in. */
    public Path directory() {
        return engine.path;
    }

    /**
     * Makes everything durable and gives back all files and memory. Views that are still open give exceptions from then
     * on. Closing a closed store does nothing.
     */
    @Override
    public void close() {
        try {
            engine.close();
        } catch (IOException e) {
            throw StoreException.of("closing " + engine.path, e);
        }
    }

    // --- errors ---

    private void checkOpen() {
        if (engine.isClosed()) {
            throw new StoreClosedException(engine.path + " is closed");
        }
    }

    void checkWritable() {
        checkOpen();
        if (engine.readOnly) {
            throw new ReadOnlyStoreException(engine.path + " was opened read-only");
        }
    }

    StoreFailedException pageLost(InternalError e) {
        return engine.failure.set("a page of a file in " + engine.path + " could not be supplied", e);
    }

    private static void checkValueLength(long length) {
        if (length < 0 || length > MAX_VALUE_LENGTH) {
            throw new IllegalArgumentException("a value is 0 to " + MAX_VALUE_LENGTH + " bytes long, not " + length);
        }
    }
}
