package dev.penstock.store;

import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.engine.OpenStore;
import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.IndexMemory;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.PosixDisk;
import dev.penstock.store.internal.write.Precondition;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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
 * <p>A value may have an expiry, given by {@link WriteOptions}. From then on its key is absent, for every method but
 * {@link #count}, which may count it until its room is given back in the background.
 *
 * <p>The methods take keys as arrays, and as a {@link Key}, which carries a part of an array, a buffer or a memory segment.
 * What a write depends on, when its value expires and when it is forced is said by {@link WriteOptions}.
 *
 * <p>All methods may be called from any thread, virtual ones too, and an interrupt ends none of them. Reads take no lock.
 * Every operation on a key is atomic.
 * One store at a time has a directory open for writing; see {@link StoreOptions#readOnly()} for others. Errors are
 * {@link StoreException}s.
 */
public final class Store extends OpenStore implements AutoCloseable {

    /** Longest key in bytes: 64 KiB. */
    public static final int MAX_KEY_LENGTH = RecordLayout.MAX_KEY_LENGTH;

    /** Longest value in bytes: 1 TiB. */
    public static final long MAX_VALUE_LENGTH = RecordLayout.MAX_VALUE_LENGTH;

    /** What {@link ValueView#expiryMillis} returns for a value that never expires: 0. */
    public static final long NO_EXPIRY = RecordLayout.NO_EXPIRY;

    private static final WriteOptions IF_ABSENT = WriteOptions.defaults().ifAbsent();

    private final boolean verifyOnRead;
    private final Durability durability;

    private Store(Engine engine, StoreOptions options) {
        super(engine, options);
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
        return open(disk, directory, options, AgentThread::new);
    }

    /** @param threads makes the background threads, by name */
    static Store open(Disk disk, Path directory, StoreOptions options, Function<String, AgentThread> threads) {
        return open(disk, directory, options, threads, IndexMemory.SYSTEM);
    }

    /** @param indexMemory where the key directory's memory comes from */
    static Store open(
            Disk disk,
            Path directory,
            StoreOptions options,
            Function<String, AgentThread> threads,
            IndexMemory indexMemory) {
        boolean interrupted = Thread.interrupted();
        try {
            Store store = new Store(Engine.open(disk, directory, options, threads, indexMemory), options);
            PageFaults.deliver();
            return store;
        } catch (IOException e) {
            throw StoreException.of("opening " + directory, e);
        } catch (InternalError e) {
            throw new PageLostException(directory.toString(), 0, "a page of one of its files could not be read", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The parts of this store, for tests. */
    Engine engine() {
        return engine;
    }

    /** Those of a store that is open for writing, for tests. */
    OwnerEngine owner() {
        return engine.owner();
    }

    // --- reading ---

    /** The value of a key, to be closed after use; null if there is none. */
    public @Nullable ValueView get(byte[] key) {
        return get(key, 0, key.length);
    }

    /** See {@link #get(byte[])}. */
    public @Nullable ValueView get(Key key) {
        return get(key.array(), key.offset(), key.length());
    }

    /** See {@link #get(byte[])}. */
    public @Nullable ValueView get(MemorySegment key) {
        return get(Key.of(key));
    }

    /** See {@link #get(byte[])}. */
    public @Nullable ValueView get(ByteBuffer key) {
        return key.hasArray()
                ? get(key.array(), key.arrayOffset() + key.position(), key.remaining())
                : get(Key.of(key));
    }

    private @Nullable ValueView get(byte[] key, int offset, int length) {
        ValueView view = new ValueView();
        return reads.get(key, offset, length, view) ? view : null;
    }

    /**
     * Has a view show the value of a key, and tells whether there is one. What the view showed before is closed first. A read
     * into a view that is used again allocates nothing.
     */
    public boolean get(byte[] key, ValueView view) {
        return reads.get(key, 0, key.length, view);
    }

    /** See {@link #get(byte[], ValueView)}. */
    public boolean get(Key key, ValueView view) {
        return reads.get(key.array(), key.offset(), key.length(), view);
    }

    /**
     * Passes the values of several keys to a handler, one after the other, in the order of the keys. Memory is asked for many
     * at a time, which for keys and values that are in no cache is about twice as fast as to get each by itself. Each value
     * is read at a moment of its own; see {@link #consistentRead()}.
     */
    public void getAll(List<byte[]> keys, ValueHandler handler) {
        reads.getAll(keys, new ValueView(), handler::value);
    }

    /** To read several keys as of one moment. */
    public ConsistentRead consistentRead() {
        return new ConsistentRead(engine);
    }

    /** A copy of the value of a key; null if there is none. */
    public byte @Nullable [] getBytes(byte[] key) {
        return getBytes(key, 0, key.length);
    }

    /** See {@link #getBytes(byte[])}. */
    public byte @Nullable [] getBytes(Key key) {
        return getBytes(key.array(), key.offset(), key.length());
    }

    private byte @Nullable [] getBytes(byte[] key, int offset, int length) {
        try (ValueView view = new ValueView()) {
            return reads.get(key, offset, length, view) ? view.toByteArray() : null;
        }
    }

    /**
     * When a key expires; null if never, or if the key is absent. To tell these two apart, {@linkplain #get(byte[]) get} the
     * value and ask {@link ValueView#expiry}.
     */
    public @Nullable Instant expiryOf(byte[] key) {
        return expiryOf(key, 0, key.length);
    }

    /** See {@link #expiryOf(byte[])}. */
    public @Nullable Instant expiryOf(Key key) {
        return expiryOf(key.array(), key.offset(), key.length());
    }

    private @Nullable Instant expiryOf(byte[] key, int offset, int length) {
        try (ValueView view = new ValueView()) {
            return reads.locate(key, offset, length, view) ? view.expiry() : null;
        }
    }

    /** Whether a key is there. */
    public boolean contains(byte[] key) {
        return reads.contains(key, 0, key.length);
    }

    /** See {@link #contains(byte[])}. */
    public boolean contains(Key key) {
        return reads.contains(key.array(), key.offset(), key.length());
    }

    /** See {@link #contains(byte[])}. */
    public boolean contains(MemorySegment key) {
        return contains(Key.of(key));
    }

    /** See {@link #contains(byte[])}. */
    public boolean contains(ByteBuffer key) {
        return key.hasArray()
                ? reads.contains(key.array(), key.arrayOffset() + key.position(), key.remaining())
                : contains(Key.of(key));
    }

    // --- writing ---

    /** Stores a value that never expires, whether the key is present or not. */
    public void put(byte[] key, byte[] value) {
        put(key, value, WriteOptions.defaults());
    }

    /** See {@link #put(byte[], byte[])}. */
    public void put(MemorySegment key, MemorySegment value) {
        put(Key.of(key), value, WriteOptions.defaults());
    }

    /** See {@link #put(byte[], byte[])}. */
    public void put(ByteBuffer key, ByteBuffer value) {
        if (key.hasArray()) {
            int offset = key.arrayOffset() + key.position();
            MemorySegment valueSegment = MemorySegment.ofBuffer(value);
            put(key.array(), offset, key.remaining(), valueSegment, WriteOptions.defaults());
        } else {
            put(Key.of(key), value, WriteOptions.defaults());
        }
    }

    /** Stores a value as the options say; returns whether their condition held and the value is stored. */
    public boolean put(byte[] key, byte[] value, WriteOptions options) {
        return put(key, 0, key.length, MemorySegment.ofArray(value), options);
    }

    /** See {@link #put(byte[], byte[], WriteOptions)}. */
    public boolean put(Key key, byte[] value, WriteOptions options) {
        return put(key, MemorySegment.ofArray(value), options);
    }

    /** See {@link #put(byte[], byte[], WriteOptions)}. */
    public boolean put(Key key, ByteBuffer value, WriteOptions options) {
        return put(key, MemorySegment.ofBuffer(value), options);
    }

    /** See {@link #put(byte[], byte[], WriteOptions)}. */
    public boolean put(Key key, MemorySegment value, WriteOptions options) {
        return put(key.array(), key.offset(), key.length(), value, options);
    }

    private boolean put(byte[] key, int offset, int length, MemorySegment value, WriteOptions options) {
        return writes.put(
                key,
                offset,
                length,
                value,
                options.expiryMillis(engine.expiry),
                options.precondition(),
                options.durabilityOr(durability));
    }

    /** Stores a value that never expires if the key is absent; returns whether it was. */
    public boolean putIfAbsent(byte[] key, byte[] value) {
        return put(key, value, IF_ABSENT);
    }

    /**
     * Computes a key's value from its current one, atomically: what is stored was computed from the value that it replaces.
     * Its expiry stays.
     *
     * @param remapping gets a copy of the current value, null if the key is absent, and gives the new one, null to remove
     *     the key. It runs under no lock, and once more for each time that another writer came first
     * @return the new value; null if the key is absent now
     */
    public byte @Nullable [] compute(byte[] key, UnaryOperator<byte @Nullable []> remapping) {
        engine.owner();
        ValueView view = new ValueView();
        for (; ; ) {
            byte[] current = null;
            long version = Writer.REFUSED;
            long expiryMillis = NO_EXPIRY;
            if (get(key, view)) {
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
                    ? writes.remove(key, 0, key.length, unchanged, durability)
                    : writes.put(
                            key, 0, key.length, MemorySegment.ofArray(computed), expiryMillis, unchanged, durability);
            if (written) {
                return computed;
            }
        }
    }

    /**
     * Stores a value if the key is absent, and otherwise what the function makes of the current one and this, atomically;
     * see {@link #compute}.
     */
    public byte @Nullable [] merge(byte[] key, byte[] value, BinaryOperator<byte[]> remapping) {
        return compute(key, current -> current == null ? value : remapping.apply(current, value));
    }

    /**
     * Gives a key another expiry; returns whether the key was present. A large value is not written again; a small one is.
     *
     * @param expiry if that is past, the key is absent from then on; see {@link WriteOptions#expiresAt}
     */
    public boolean setExpiry(byte[] key, Instant expiry) {
        return setExpiry(key, expiry, WriteOptions.defaults());
    }

    /**
     * Gives a key another expiry; returns whether the key was present and the options' condition held.
     *
     * @param options a condition and a durability
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean setExpiry(byte[] key, Instant expiry, WriteOptions options) {
        return setExpiry(key, 0, key.length, expiry, options);
    }

    /** See {@link #setExpiry(byte[], Instant, WriteOptions)}. */
    public boolean setExpiry(Key key, Instant expiry, WriteOptions options) {
        return setExpiry(key.array(), key.offset(), key.length(), expiry, options);
    }

    private boolean setExpiry(byte[] key, int offset, int length, Instant expiry, WriteOptions options) {
        options.checkForKeyOnly("setExpiry");
        long expiryMillis = WriteOptions.expiryMillis(expiry);
        Durability required = options.durabilityOr(durability);
        return writes.setExpiry(key, offset, length, expiryMillis, options.precondition(), required);
    }

    /** Takes its expiry from a key; returns whether the key was present and had one. */
    public boolean clearExpiry(byte[] key) {
        return clearExpiry(key, WriteOptions.defaults());
    }

    /**
     * Takes its expiry from a key; returns whether the key was present and had one, and the options' condition held.
     *
     * @param options a condition and a durability
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean clearExpiry(byte[] key, WriteOptions options) {
        return clearExpiry(key, 0, key.length, options);
    }

    /** See {@link #clearExpiry(byte[], WriteOptions)}. */
    public boolean clearExpiry(Key key, WriteOptions options) {
        return clearExpiry(key.array(), key.offset(), key.length(), options);
    }

    private boolean clearExpiry(byte[] key, int offset, int length, WriteOptions options) {
        options.checkForKeyOnly("clearExpiry");
        return writes.clearExpiry(key, offset, length, options.precondition(), options.durabilityOr(durability));
    }

    /**
     * Makes the changes of a batch, all of them or, after a crash, none.
     *
     * @return whether all that the batch {@linkplain WriteBatch#expect expects} was so; otherwise nothing is changed
     * @throws BatchTooLargeException if the batch does not fit a segment
     */
    public boolean write(WriteBatch batch) {
        return write(batch, durability);
    }

    /**
     * Makes the changes of a batch, and forces them or not, whatever the store's options say; see
     * {@link #write(WriteBatch)}.
     *
     * @param required {@link Durability#ALWAYS} to return when they are on the device; any other not to wait
     */
    public boolean write(WriteBatch batch, Durability required) {
        return writes.write(batch.batch(), required);
    }

    /** Removes a key; returns whether it was present. */
    public boolean remove(byte[] key) {
        return remove(key, WriteOptions.defaults());
    }

    /** See {@link #remove(byte[])}. */
    public boolean remove(Key key) {
        return remove(key, WriteOptions.defaults());
    }

    /** See {@link #remove(byte[])}. */
    public boolean remove(MemorySegment key) {
        return remove(Key.of(key));
    }

    /** See {@link #remove(byte[])}. */
    public boolean remove(ByteBuffer key) {
        return key.hasArray()
                ? remove(key.array(), key.arrayOffset() + key.position(), key.remaining(), WriteOptions.defaults())
                : remove(Key.of(key));
    }

    /**
     * Removes a key as the options say; returns whether it was present and their condition held.
     *
     * @param options a condition and a durability
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean remove(byte[] key, WriteOptions options) {
        return remove(key, 0, key.length, options);
    }

    /** See {@link #remove(byte[], WriteOptions)}. */
    public boolean remove(Key key, WriteOptions options) {
        return remove(key.array(), key.offset(), key.length(), options);
    }

    private boolean remove(byte[] key, int offset, int length, WriteOptions options) {
        options.checkForKeyOnly("a removal");
        return writes.remove(key, offset, length, options.precondition(), options.durabilityOr(durability));
    }

    /**
     * Begins a value that arrives in pieces. One too large for a record among others goes straight into a mapped file of
     * its own; the heap never holds it.
     *
     * @param key is copied
     * @param length of the whole value in bytes
     */
    public ValueWriter putStream(byte[] key, long length) {
        return putStream(Key.of(key), length);
    }

    /** See {@link #putStream(byte[], long)}. */
    public ValueWriter putStream(Key key, long length) {
        OwnerEngine owner = engine.owner();
        Limits.checkValueLength(length);
        return new ValueWriter(owner, writes, durability, key.toByteArray(), length);
    }

    /**
     * Begins a value that arrives in pieces and of which nobody knows how long it will be. It is gathered in memory as long
     * as it is short enough for a record among others, and then goes on to a file of its own.
     *
     * @param key is copied
     */
    public ValueWriter putStream(byte[] key) {
        return putStream(Key.of(key));
    }

    /** See {@link #putStream(byte[])}. */
    public ValueWriter putStream(Key key) {
        return new ValueWriter(engine.owner(), writes, durability, key.toByteArray());
    }

    /**
     * Removes every key and makes the changes of a batch. After a crash both are there or neither is.
     *
     * @param batch may be empty, or only expect something
     * @return whether all that the batch {@linkplain WriteBatch#expect expects} was so; otherwise nothing is changed
     * @throws BatchTooLargeException if the batch does not fit a segment; nothing is changed then
     */
    public boolean replaceAll(WriteBatch batch) {
        boolean replaced = writes.replaceAll(batch.batch(), durability);
        if (replaced) {
            engine.owner().compaction.wakeUp();
        }
        return replaced;
    }

    /** Removes every key. */
    public void clear() {
        replaceAll(new WriteBatch());
    }

    /**
     * Returns when everything written before the call is on the device.
     *
     * @throws StoreFailedException if the device did not take it; the store then takes no more writes
     */
    public void sync() {
        writes.sync();
    }

    /**
     * Returns when this store shows everything that was published, by any process, at the call. A read-only store follows its
     * writer by itself, some milliseconds behind; this is for who cannot wait, or must know. A writable store shows
     * everything at all times, and nothing is done.
     *
     * <p>Against writers who publish faster than this store can read it returns when they pause.
     *
     * @throws CorruptionException if the log cannot be followed any further
     */
    public void refresh() {
        whileOpen("following the writer of " + engine.path, () -> {
            engine.refresh();
            return true;
        });
    }

    // --- all entries ---

    /** The store as it is now, to be read and visited while others write. Takes a copy of the key directory. */
    public Snapshot snapshot() {
        engine.checkOpen();
        return whileOpen(
                "taking a snapshot of " + engine.path, () -> new Snapshot(engine, engine.pointInTime(), verifyOnRead));
    }

    /** Guards what may find the memory released because the store was closed meanwhile. */
    private <T> T whileOpen(String what, Engine.Access<T> access) {
        try {
            return engine.guarded(what, access);
        } catch (IllegalStateException released) {
            engine.checkOpen();
            throw released;
        }
    }

    /**
     * Writes the store as it is now to another directory, while others write. That is a store then, with the same identity, and is
     * opened like any other.
     *
     * <p>Sealed segments and large values are shared by hard links, where the target is on the same file system; otherwise
     * they are copied, those alone that are not in an older backup there. The new backup is opened before it takes the place of the
     * older one. One that is cut short, or that fails, leaves the older one. The target is locked meanwhile, and stays the
     * directory that it is: it may be a mount point.
     *
     * @param target missing, empty, or an older backup of this store that nobody has opened for writing
     * @throws NotAStoreException if the target holds anything else; nothing is changed
     * @throws StoreLockedException if another backup or store uses the target
     * @throws CorruptionException if a file of this store, or what was made of it, is not whole
     */
    public BackupReport backup(Path target, ProgressListener listener) {
        return copyTo(target, false, listener);
    }

    /**
     * Writes the store of this moment to a directory that is missing or empty, as {@link #backup} does. The copy is a store
     * of its own and not a backup: no later backup replaces it.
     *
     * @param target missing, or empty but for what a copy that was cut short has left
     * @throws NotAStoreException if the target holds anything; nothing is changed
     * @throws StoreLockedException if another backup or store uses the target
     */
    public BackupReport copyTo(Path target, ProgressListener listener) {
        return copyTo(target, true, listener);
    }

    private BackupReport copyTo(Path target, boolean mustBeEmpty, ProgressListener listener) {
        boolean interrupted = Thread.interrupted();
        try (Snapshot snapshot = snapshot()) {
            return engine.guarded(
                    "backing up " + engine.path + " to " + target,
                    () -> engine.backup(snapshot.point(), target, mustBeEmpty, listener));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Every entry as of one moment, once, to be walked by a loop or a stream that may stop early. Takes a
     * {@link #snapshot()}, which is closed with the entries.
     */
    public EntryWalk entries() {
        Snapshot snapshot = snapshot();
        return snapshot.entries(snapshot::close);
    }

    /**
     * Visits every entry as of one moment, once, in the order in which they were written: those of a {@link #snapshot()}. See
     * {@link #scan} for going through a store piece by piece, without the copy of the key directory.
     */
    public void forEach(EntryVisitor visitor) {
        try (Snapshot snapshot = snapshot()) {
            snapshot.forEach(visitor);
        }
    }

    /**
     * Visits some entries and returns where to go on; the scan begins with 0 and is over when the result is 0. What is
     * there from the first call to the last is visited at least once, whatever is written in between. The cursor means
     * the same after the store is closed and opened again.
     *
     * @param minEntries how many entries to visit before returning, unless the scan ends; a few more may come
     */
    public long scan(long cursor, int minEntries, EntryVisitor visitor) {
        return reads.scan(cursor, minEntries, ValueView::new, visitor::visit);
    }

    /** Number of keys, those included that have expired and are still to be removed in the background. */
    public long count() {
        engine.checkOpen();
        return engine.directory.count();
    }

    /** Number of keys whose values expire at some time, counted like all keys; see {@link #count()}. */
    public long expiringCount() {
        engine.checkOpen();
        return engine.directory.expiringCount();
    }

    /** Any key, each with about the same chance unless most have been removed; null if there is none. */
    public byte @Nullable [] randomKey(RandomGenerator random) {
        return reads.randomKey(random, ValueView::new);
    }

    // --- space ---

    /**
     * Gives back the room of all that is dead: rewrites what is current out of every segment of which more than a twentieth
     * is dead. In the background a store compacts itself, at leisure, to two thirds of its files live; this takes it as far
     * as it goes, and at once. Reads and writes may go on meanwhile. Killed at any moment, it has lost nothing.
     */
    public CompactionReport compact(ProgressListener listener) {
        OwnerEngine owner = engine.owner();
        return engine.guarded("compacting " + engine.path, () -> owner.compaction.run(listener));
    }

    /**
     * How many bytes a second the compaction in the background works through; 0 is a pause. 0 as well if the store is
     * read-only.
     *
     * @see StoreOptions#compactionRate
     */
    public long compactionRate() {
        engine.checkOpen();
        return engine.compactionRate();
    }

    /**
     * Has the compaction in the background go faster or slower from now on, or pause at 0. A pause ends what is under way
     * within a moment; {@link #compact} works all the same.
     *
     * @throws IllegalArgumentException if the rate is negative
     */
    public void setCompactionRate(long bytesPerSecond) {
        engine.owner().compaction.bytesPerSecond(StoreOptions.checkRate(bytesPerSecond));
    }

    /** Removes all that has expired now, and not some time soon in the background. */
    void sweepExpired() {
        OwnerEngine owner = engine.owner();
        engine.guarded("removing what has expired from " + engine.path, () -> {
            owner.sweep.sweepAll();
            return true;
        });
    }

    /** Keys removed since the store was opened because they had expired; 0 if it is read-only. */
    public long expiredCount() {
        engine.checkOpen();
        return engine.expiredCount();
    }

    /** What the store is made of at the moment. Takes time in proportion to the number of segments, not of keys. */
    public StoreStats stats() {
        engine.checkOpen();
        return whileOpen("measuring " + engine.path, engine::stats);
    }

    /** Bytes of the files that hold records, space allocated ahead included. */
    public long fileBytes() {
        engine.checkOpen();
        return engine.guarded("measuring " + engine.path, engine.segments::fileBytes);
    }

    /** Bytes of records that are current, with their keys and headers. */
    public long liveBytes() {
        engine.checkOpen();
        return engine.segments.liveBytes();
    }

    /** What says which values have expired: the clock of the options, but that it never goes backwards. */
    public InstantSource clock() {
        return engine.clock;
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
        boolean interrupted = Thread.interrupted();
        try {
            engine.guarded("closing " + engine.path, () -> {
                engine.close();
                return true;
            });
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
