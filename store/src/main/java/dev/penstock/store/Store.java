package dev.penstock.store;

import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.engine.OpenStore;
import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.IndexMemory;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.io.SystemDisk;
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
 * <p>{@link #get} copies nothing: it returns a {@link ValueView} of the mapped page. A write returns when it, and every
 * write before it, is complete in the page cache. It then survives the death of the process. {@link Durability} says
 * when writes are also forced to the device, so that they survive a power cut. {@link #sync} and {@link #close} force
 * everything written before. Readers may see a write before it is durable.
 *
 * <p>Keys are 0 to {@link #MAX_KEY_LENGTH} bytes long, values 0 to {@link #MAX_VALUE_LENGTH}. Of a buffer passed as key
 * or value, the bytes from its position to its limit count, and its position does not change. Do not modify arguments
 * during the call.
 *
 * <p>A value may have an expiry; see {@link WriteOptions}. Once it has passed, the key is absent to every method except
 * {@link #count}, which counts it until the background sweep has removed it.
 *
 * <p>Methods take keys as arrays, or as a {@link Key} over a range of an array, a buffer or a memory segment. {@link
 * WriteOptions} hold a write's condition, expiry and durability.
 *
 * <p>Thread-safe, for virtual threads too; an interrupt does not end a call. Reads take no lock. Every operation on a
 * key is atomic. Only one store at a time can have a directory open for writing; others open it {@linkplain
 * StoreOptions#readOnly() read-only}. Errors are {@link StoreException}s.
 */
public final class Store extends OpenStore implements AutoCloseable {

    /** Longest key in bytes: 64 KiB. */
    public static final int MAX_KEY_LENGTH = RecordLayout.MAX_KEY_LENGTH;

    /** Longest value in bytes: 1 TiB. */
    public static final long MAX_VALUE_LENGTH = RecordLayout.MAX_VALUE_LENGTH;

    private static final WriteOptions IF_ABSENT = WriteOptions.defaults().ifAbsent();

    private final boolean verifyOnRead;
    private final Durability durability;

    private Store(Engine engine, StoreOptions options) {
        super(engine, options);
        this.verifyOnRead = options.verifyOnRead();
        this.durability = options.durability();
    }

    /**
     * Opens a store with {@linkplain StoreOptions#defaults() the default options}; see {@link #open(Path,
     * StoreOptions)}.
     *
     * @param directory the directory of the store; created if it is missing
     * @return the store, to be closed
     */
    public static Store open(Path directory) {
        return open(directory, StoreOptions.defaults());
    }

    /**
     * Opens a store, and recovers it first if its last owner did not close it.
     *
     * @param directory the directory of the store; if it is missing or empty, the options say whether to create a store
     * @param options how to open the store
     * @return the store, to be closed
     * @throws StoreLockedException if it is open for writing elsewhere
     * @throws NotAStoreException if the directory holds something else, or is empty and the options create no store
     * @throws FormatVersionException if a newer version made it
     * @throws CorruptionException if durable data is damaged or missing; nothing is changed
     */
    public static Store open(Path directory, StoreOptions options) {
        return open(new SystemDisk(), directory, options);
    }

    static Store open(Disk disk, Path directory, StoreOptions options) {
        return open(disk, directory, options, AgentThread.FACTORY);
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
            return StoreErrors.ofFiles(directory)
                    .open("opening " + directory, new Opening(disk, directory, options, threads, indexMemory));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private record Opening(
            Disk disk,
            Path directory,
            StoreOptions options,
            Function<String, AgentThread> threads,
            IndexMemory indexMemory)
            implements StoreErrors.Access<Store> {

        @Override
        public Store get() throws IOException {
            return new Store(Engine.open(disk, directory, options, threads, indexMemory), options);
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

    /**
     * Returns the value of a key in place, without copying it.
     *
     * @param key the key
     * @return the value, to be closed; null if the key is absent
     */
    public @Nullable ValueView get(byte[] key) {
        return get(key, 0, key.length);
    }

    /**
     * Returns the value of a key in place, as {@link #get(byte[])} does.
     *
     * @param key the key
     * @return the value, to be closed; null if the key is absent
     */
    public @Nullable ValueView get(Key key) {
        return get(key.array(), key.offset(), key.length());
    }

    private @Nullable ValueView get(byte[] key, int offset, int length) {
        ValueView view = new ValueView();
        return reads.get(key, offset, length, view) ? view : null;
    }

    /**
     * Points a view at the value of a key. The view's previous value is closed first. A read into a reused view
     * allocates nothing.
     *
     * @param key the key
     * @param view a view, open or closed; closed afterwards if the key is absent
     * @return whether the key is present
     */
    public boolean get(byte[] key, ValueView view) {
        return reads.get(key, 0, key.length, view);
    }

    /**
     * Points a view at the value of a key, as {@link #get(byte[], ValueView)} does.
     *
     * @param key the key
     * @param view a view, open or closed; closed afterwards if the key is absent
     * @return whether the key is present
     */
    public boolean get(Key key, ValueView view) {
        return reads.get(key.array(), key.offset(), key.length(), view);
    }

    /**
     * Passes the values of several keys to a handler, in the order of the keys. The lookups are prefetched together,
     * which is about twice as fast as separate gets when keys and values are not in the processor's caches. Each value
     * is read at a different moment; see {@link #consistentRead()}.
     *
     * @param keys the keys; one may occur several times
     * @param handler called once per key, on this thread
     */
    public void getAll(List<byte[]> keys, ValueHandler handler) {
        reads.getAll(keys, new ValueView(), handler::value);
    }

    /**
     * Starts a read of several keys as of one moment.
     *
     * @return a read without keys, to be reused
     */
    public ConsistentRead consistentRead() {
        return new ConsistentRead(engine);
    }

    /**
     * Returns a copy of the value of a key.
     *
     * @param key the key
     * @return a new array; null if the key is absent
     * @throws IllegalArgumentException if the value is too long for an array
     */
    public byte @Nullable [] getBytes(byte[] key) {
        return getBytes(key, 0, key.length);
    }

    /**
     * Returns a copy of the value of a key, as {@link #getBytes(byte[])} does.
     *
     * @param key the key
     * @return a new array; null if the key is absent
     * @throws IllegalArgumentException if the value is too long for an array
     */
    public byte @Nullable [] getBytes(Key key) {
        return getBytes(key.array(), key.offset(), key.length());
    }

    private byte @Nullable [] getBytes(byte[] key, int offset, int length) {
        try (ValueView view = new ValueView()) {
            return reads.get(key, offset, length, view) ? view.toByteArray() : null;
        }
    }

    /**
     * Returns when a key expires. To tell a key without expiry from an absent one, {@linkplain #get(byte[]) get} the
     * value and call {@link ValueView#expiry}.
     *
     * @param key the key
     * @return the expiry; null if the key never expires or is absent
     */
    public @Nullable Instant expiryOf(byte[] key) {
        return expiryOf(key, 0, key.length);
    }

    /**
     * Returns when a key expires, as {@link #expiryOf(byte[])} does.
     *
     * @param key the key
     * @return the expiry; null if the key never expires or is absent
     */
    public @Nullable Instant expiryOf(Key key) {
        return expiryOf(key.array(), key.offset(), key.length());
    }

    private @Nullable Instant expiryOf(byte[] key, int offset, int length) {
        try (ValueView view = new ValueView()) {
            return reads.locate(key, offset, length, view) ? view.expiry() : null;
        }
    }

    /**
     * Looks a key up without its value.
     *
     * @param key the key
     * @return whether the key is present
     */
    public boolean contains(byte[] key) {
        return reads.contains(key, 0, key.length);
    }

    /**
     * Looks a key up without its value, as {@link #contains(byte[])} does.
     *
     * @param key the key
     * @return whether the key is present
     */
    public boolean contains(Key key) {
        return reads.contains(key.array(), key.offset(), key.length());
    }

    // --- writing ---

    /**
     * Stores a value that never expires. It replaces the key's value and expiry, if there are any.
     *
     * @param key the key
     * @param value the value
     * @throws StoreFullException if there is no space for it; nothing is stored
     */
    public void put(byte[] key, byte[] value) {
        writes.put(key, 0, key.length, value, null, RecordLayout.NO_EXPIRY, Precondition.NONE, durability);
    }

    /**
     * Stores a value with an expiry, a condition or a durability.
     *
     * @param key the key
     * @param value the value
     * @param options expiry, condition and durability of the write
     * @return whether the condition held; otherwise nothing is stored
     * @throws StoreFullException if there is no space for it; nothing is stored
     */
    public boolean put(byte[] key, byte[] value, WriteOptions options) {
        return put(key, 0, key.length, value, null, options);
    }

    /**
     * Stores a value with options, as {@link #put(byte[], byte[], WriteOptions)} does.
     *
     * @param key the key
     * @param value the value
     * @param options expiry, condition and durability of the write
     * @return whether the condition held; otherwise nothing is stored
     */
    public boolean put(Key key, byte[] value, WriteOptions options) {
        return put(key.array(), key.offset(), key.length(), value, null, options);
    }

    /**
     * Stores a value with options, as {@link #put(byte[], byte[], WriteOptions)} does.
     *
     * @param key the key
     * @param value the value
     * @param options expiry, condition and durability of the write
     * @return whether the condition held; otherwise nothing is stored
     */
    public boolean put(Key key, ByteBuffer value, WriteOptions options) {
        return put(key, MemorySegment.ofBuffer(value), options);
    }

    /**
     * Stores a value with options, as {@link #put(byte[], byte[], WriteOptions)} does.
     *
     * @param key the key
     * @param value the value
     * @param options expiry, condition and durability of the write
     * @return whether the condition held; otherwise nothing is stored
     */
    public boolean put(Key key, MemorySegment value, WriteOptions options) {
        return put(key.array(), key.offset(), key.length(), null, value, options);
    }

    private boolean put(
            byte[] key,
            int offset,
            int length,
            byte @Nullable [] array,
            @Nullable MemorySegment memory,
            WriteOptions options) {
        return writes.put(
                        key,
                        offset,
                        length,
                        array,
                        memory,
                        options.expiryMillis(engine.expiry),
                        options.precondition(),
                        options.durabilityOr(durability))
                != Writer.REFUSED;
    }

    /**
     * Stores a value that never expires if the key is absent.
     *
     * @param key the key
     * @param value the value
     * @return whether the key was absent and the value is stored
     */
    public boolean putIfAbsent(byte[] key, byte[] value) {
        return put(key, value, IF_ABSENT);
    }

    /**
     * Computes a key's value from its current one, atomically: the stored value was computed from the one it replaces.
     * The expiry is kept. The current value is compared with its checksum first, whatever the options say.
     *
     * @param key the key
     * @param remapping takes a copy of the current value, which it may change and return, or null if the key is absent;
     *     returns the new value, or null to remove the key. It runs without a lock, and again whenever another writer
     *     changed the key first
     * @return the new value; null if the key is now absent
     * @throws CorruptionException if the current value is damaged; nothing is changed
     */
    public byte @Nullable [] compute(byte[] key, UnaryOperator<byte @Nullable []> remapping) {
        return compute(key, 0, key.length, remapping);
    }

    /**
     * Computes a key's value from its current one, as {@link #compute(byte[], UnaryOperator)} does.
     *
     * @param key the key
     * @param remapping takes a copy of the current value, or null, and returns the new value, or null to remove the key
     * @return the new value; null if the key is now absent
     */
    public byte @Nullable [] compute(Key key, UnaryOperator<byte @Nullable []> remapping) {
        return compute(key.array(), key.offset(), key.length(), remapping);
    }

    private byte @Nullable [] compute(byte[] key, int offset, int length, UnaryOperator<byte @Nullable []> remapping) {
        engine.owner();
        ValueView view = new ValueView();
        for (; ; ) {
            byte[] current = null;
            long version = Writer.REFUSED;
            long expiryMillis = RecordLayout.NO_EXPIRY;
            if (reads.get(key, offset, length, view)) {
                try (view) {
                    view.verify(); // what is made of it gets a checksum of its own
                    current = view.toByteArray();
                    version = view.version();
                    expiryMillis = view.expiryMillis();
                }
            }
            // The function may change the array that it gets.
            byte[] computed = remapping.apply(current == null ? null : current.clone());
            if (computed == null && current == null || Arrays.equals(computed, current)) {
                return computed;
            }
            Precondition unchanged = Precondition.sequence(version);
            boolean written = computed == null
                    ? writes.remove(key, offset, length, unchanged, durability)
                    : writes.put(key, offset, length, computed, null, expiryMillis, unchanged, durability)
                            != Writer.REFUSED;
            if (written) {
                return computed;
            }
        }
    }

    /**
     * Stores a value if the key is absent, and otherwise the function's result for the current value and this one,
     * atomically; see {@link #compute(byte[], UnaryOperator)}.
     *
     * @param key the key
     * @param value the value for an absent key, which is not changed
     * @param remapping takes copies of the current value and of the given one, which it may change and return; returns
     *     the new value, or null to remove the key
     * @return the new value; null if the key is now absent
     */
    public byte @Nullable [] merge(byte[] key, byte[] value, BinaryOperator<byte[]> remapping) {
        return merge(key, 0, key.length, value, remapping);
    }

    /**
     * Stores a value or the result of a function, as {@link #merge(byte[], byte[], BinaryOperator)} does.
     *
     * @param key the key
     * @param value the value for an absent key, and the second argument of the function
     * @param remapping takes a copy of the current value and of the given one; returns the new value, or null to remove
     *     the key
     * @return the new value; null if the key is now absent
     */
    public byte @Nullable [] merge(Key key, byte[] value, BinaryOperator<byte[]> remapping) {
        return merge(key.array(), key.offset(), key.length(), value, remapping);
    }

    private byte @Nullable [] merge(
            byte[] key, int offset, int length, byte[] value, BinaryOperator<byte[]> remapping) {
        return compute(
                key, offset, length, current -> current == null ? value : remapping.apply(current, value.clone()));
    }

    /**
     * Sets the expiry of a key. A small value is rewritten, a large one is not.
     *
     * @param key the key
     * @param expiry when the key expires; if that has passed, the key becomes absent; see {@link
     *     WriteOptions#expiresAt}
     * @return whether the key was present
     */
    public boolean setExpiry(byte[] key, Instant expiry) {
        return setExpiry(key, expiry, WriteOptions.defaults());
    }

    /**
     * Sets the expiry of a key on a condition; see {@link #setExpiry(byte[], Instant)}.
     *
     * @param key the key
     * @param expiry when the key expires
     * @param options condition and durability of the write
     * @return whether the key was present and the condition held
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean setExpiry(byte[] key, Instant expiry, WriteOptions options) {
        return setExpiry(key, 0, key.length, expiry, options);
    }

    /**
     * Sets the expiry of a key, as {@link #setExpiry(byte[], Instant, WriteOptions)} does.
     *
     * @param key the key
     * @param expiry when the key expires
     * @param options condition and durability of the write
     * @return whether the key was present and the condition held
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean setExpiry(Key key, Instant expiry, WriteOptions options) {
        return setExpiry(key.array(), key.offset(), key.length(), expiry, options);
    }

    private boolean setExpiry(byte[] key, int offset, int length, Instant expiry, WriteOptions options) {
        options.checkForKeyOnly("setExpiry");
        long expiryMillis = WriteOptions.expiryMillis(expiry);
        Durability required = options.durabilityOr(durability);
        return writes.setExpiry(key, offset, length, expiryMillis, options.precondition(), required);
    }

    /**
     * Removes the expiry of a key, so that the key never expires.
     *
     * @param key the key
     * @return whether the key was present and had an expiry
     */
    public boolean clearExpiry(byte[] key) {
        return clearExpiry(key, WriteOptions.defaults());
    }

    /**
     * Removes the expiry of a key on a condition; see {@link #clearExpiry(byte[])}.
     *
     * @param key the key
     * @param options condition and durability of the write
     * @return whether the key was present, had an expiry, and the condition held
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean clearExpiry(byte[] key, WriteOptions options) {
        return clearExpiry(key, 0, key.length, options);
    }

    /**
     * Removes the expiry of a key, as {@link #clearExpiry(byte[], WriteOptions)} does.
     *
     * @param key the key
     * @param options condition and durability of the write
     * @return whether the key was present, had an expiry, and the condition held
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean clearExpiry(Key key, WriteOptions options) {
        return clearExpiry(key.array(), key.offset(), key.length(), options);
    }

    private boolean clearExpiry(byte[] key, int offset, int length, WriteOptions options) {
        options.checkForKeyOnly("clearExpiry");
        return writes.clearExpiry(key, offset, length, options.precondition(), options.durabilityOr(durability));
    }

    /**
     * Applies all changes of a batch; after a crash, all or none.
     *
     * @param batch the changes; not changed by the call
     * @return whether all {@linkplain WriteBatch#expectVersion expectations} of the batch held; otherwise nothing is
     *     changed
     * @throws BatchTooLargeException if the batch does not fit a segment
     */
    public boolean write(WriteBatch batch) {
        return write(batch, durability);
    }

    /**
     * Applies all changes of a batch with a durability that overrides that of the store; see {@link
     * #write(WriteBatch)}.
     *
     * @param batch the changes; not changed by the call
     * @param required {@link Durability#ALWAYS} to return when they are on the device; any other does not wait
     * @return whether all {@linkplain WriteBatch#expectVersion expectations} of the batch held; otherwise nothing is
     *     changed
     * @throws BatchTooLargeException if the batch does not fit a segment
     */
    public boolean write(WriteBatch batch, Durability required) {
        return writes.write(batch.batch(), required);
    }

    /**
     * Removes a key.
     *
     * @param key the key
     * @return whether the key was present
     */
    public boolean remove(byte[] key) {
        return remove(key, WriteOptions.defaults());
    }

    /**
     * Removes a key, as {@link #remove(byte[])} does.
     *
     * @param key the key
     * @return whether the key was present
     */
    public boolean remove(Key key) {
        return remove(key, WriteOptions.defaults());
    }

    /**
     * Removes a key on a condition, or with a durability.
     *
     * @param key the key
     * @param options condition and durability of the write
     * @return whether the key was present and the condition held
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean remove(byte[] key, WriteOptions options) {
        return remove(key, 0, key.length, options);
    }

    /**
     * Removes a key, as {@link #remove(byte[], WriteOptions)} does.
     *
     * @param key the key
     * @param options condition and durability of the write
     * @return whether the key was present and the condition held
     * @throws IllegalArgumentException if the options have an expiry, or require the key to be absent
     */
    public boolean remove(Key key, WriteOptions options) {
        return remove(key.array(), key.offset(), key.length(), options);
    }

    private boolean remove(byte[] key, int offset, int length, WriteOptions options) {
        options.checkForKeyOnly("a removal");
        return writes.remove(key, offset, length, options.precondition(), options.durabilityOr(durability));
    }

    /**
     * Begins a value that arrives in pieces. A large value goes straight to a separate file and is never held on the
     * heap.
     *
     * @param key the key, which is copied
     * @param length length of the whole value in bytes
     * @return a writer for the value, to be committed and closed
     */
    public ValueWriter putStream(byte[] key, long length) {
        return putStream(Key.of(key), length);
    }

    /**
     * Begins a value that arrives in pieces, as {@link #putStream(byte[], long)} does.
     *
     * @param key the key, which is copied
     * @param length length of the whole value in bytes
     * @return a writer for the value, to be committed and closed
     */
    public ValueWriter putStream(Key key, long length) {
        OwnerEngine owner = engine.owner();
        Limits.checkValueLength(length);
        return new ValueWriter(owner, writes, durability, key.toByteArray(), length);
    }

    /**
     * Begins a value of unknown length that arrives in pieces. It is buffered in memory while it is small, and goes to
     * a separate file once it is large.
     *
     * @param key the key, which is copied
     * @return a writer for the value, to be committed and closed
     */
    public ValueWriter putStream(byte[] key) {
        return putStream(Key.of(key));
    }

    /**
     * Begins a value of unknown length that arrives in pieces, as {@link #putStream(byte[])} does.
     *
     * @param key the key, which is copied
     * @return a writer for the value, to be committed and closed
     */
    public ValueWriter putStream(Key key) {
        return new ValueWriter(engine.owner(), writes, durability, key.toByteArray());
    }

    /**
     * Removes every key and applies the changes of a batch; after a crash, both or neither. The {@linkplain #mark()
     * mark} stays, unless the batch has another.
     *
     * @param batch may be empty, or contain only expectations
     * @return whether all {@linkplain WriteBatch#expectVersion expectations} of the batch held; otherwise nothing is
     *     changed
     * @throws BatchTooLargeException if the batch does not fit a segment; nothing is changed then
     */
    public boolean replaceAll(WriteBatch batch) {
        return replaceAll(batch, durability);
    }

    /**
     * Removes every key and applies the changes of a batch, with a durability that overrides that of the store; see
     * {@link #replaceAll(WriteBatch)}.
     *
     * @param batch may be empty, or contain only expectations
     * @param required {@link Durability#ALWAYS} to return when the changes are on the device; any other does not wait
     * @return whether all {@linkplain WriteBatch#expectVersion expectations} of the batch held; otherwise nothing is
     *     changed
     * @throws BatchTooLargeException if the batch does not fit a segment; nothing is changed then
     */
    public boolean replaceAll(WriteBatch batch, Durability required) {
        boolean replaced = writes.replaceAll(batch.batch(), required);
        if (replaced) {
            engine.owner().compaction.wakeUp();
        }
        return replaced;
    }

    /** Removes every key. The {@linkplain #mark() mark} stays. */
    public void clear() {
        replaceAll(new WriteBatch());
    }

    /**
     * Returns when everything written before the call is on the device.
     *
     * @throws StoreFailedException if the device reported an error; the store then accepts no more writes
     */
    public void sync() {
        writes.sync();
    }

    /**
     * Returns when this store shows every write that had been published, by any process, at the time of the call. A
     * read-only store follows its writer in the background, some milliseconds behind; call this to be certain. A
     * writable store always shows everything, and the call does nothing.
     *
     * <p>If writers publish faster than this store can read, it returns when they pause.
     *
     * @throws CorruptionException if the log cannot be followed any further
     */
    public void refresh() {
        engine.errors().call("following the writer of " + engine.path, () -> {
            engine.refresh();
            return true;
        });
    }

    // --- all entries ---

    /**
     * Takes a snapshot of the store, for reads and visits while others write. The snapshot copies the key directory, so
     * it takes time and memory in proportion to the number of keys.
     *
     * @return the snapshot, to be closed
     */
    public Snapshot snapshot() {
        engine.checkOpen();
        return engine.errors()
                .open(
                        "taking a snapshot of " + engine.path,
                        () -> new Snapshot(engine, engine.pointInTime(), verifyOnRead));
    }

    /**
     * Writes the store as it is now to another directory, while others write. The backup is a store with the same
     * identity, and can be opened like any other.
     *
     * <p>On the same file system, sealed segments and large values are shared by hard links. Otherwise they are copied,
     * except those that an older backup in the target already has. The new backup is opened as a check before it
     * replaces the older one. A backup that is interrupted or fails leaves the older one intact. The target is locked
     * during the backup and is not replaced itself, so it may be a mount point.
     *
     * @param target missing, empty, or an older backup of this store that nobody has opened for writing
     * @param listener called on this thread as the backup progresses
     * @return what the backup copied
     * @throws NotAStoreException if the target holds anything else; nothing is changed
     * @throws StoreLockedException if another backup or store uses the target
     * @throws CorruptionException if a file of this store, or its copy, is incomplete
     */
    public BackupReport backup(Path target, ProgressListener listener) {
        return copyTo(target, false, listener);
    }

    /**
     * Writes the store as it is now to a directory that is missing or empty, as {@link #backup} does. The copy is an
     * independent store and not a backup: no later backup replaces it.
     *
     * @param target missing, or empty except for remains of an interrupted copy
     * @param listener called on this thread as the copy progresses
     * @return what was copied
     * @throws NotAStoreException if the target holds anything; nothing is changed
     * @throws StoreLockedException if another backup or store uses the target
     */
    public BackupReport copyTo(Path target, ProgressListener listener) {
        return copyTo(target, true, listener);
    }

    private BackupReport copyTo(Path target, boolean mustBeEmpty, ProgressListener listener) {
        boolean interrupted = Thread.interrupted();
        try (Snapshot snapshot = snapshot()) {
            return engine.errors()
                    .call(
                            "backing up " + engine.path + " to " + target,
                            () -> engine.backup(snapshot.point(), target, mustBeEmpty, listener));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Takes a {@link #snapshot()} and returns its entries, for a loop or a stream that may stop early. Closing the
     * entries closes the snapshot.
     *
     * @return every entry as of this moment, once; to be closed
     */
    public EntryWalk entries() {
        Snapshot snapshot = snapshot();
        return snapshot.entries(snapshot::close);
    }

    /**
     * Visits every entry of a {@link #snapshot()} once, in the order in which they were written. To visit a store piece
     * by piece without a copy of the key directory, see {@link #scan}.
     *
     * @param visitor called for each entry, on this thread
     */
    public void forEach(EntryVisitor visitor) {
        try (Snapshot snapshot = snapshot()) {
            snapshot.forEach(visitor);
        }
    }

    /**
     * Visits some entries and returns the cursor for the next call. A key that is present from the first call to the
     * last is visited at least once, whatever is written in between. A cursor stays valid after the store is closed and
     * opened again.
     *
     * @param cursor 0 to begin, then the result of the previous call
     * @param minEntries number of entries to visit before returning, unless the scan ends; it may visit a few more
     * @param visitor called for each entry, on this thread
     * @return the cursor for the next call; 0 if the scan is complete
     */
    public long scan(long cursor, int minEntries, EntryVisitor visitor) {
        return scans.scan(cursor, minEntries, ValueView::new, visitor::visit);
    }

    /** {@return the number of keys, including expired ones that the background sweep has not yet removed} */
    public long count() {
        engine.checkOpen();
        return engine.directory.count();
    }

    /** {@return the number of keys that have an expiry, counted as in {@link #count()}} */
    public long expiringCount() {
        engine.checkOpen();
        return engine.directory.expiringCount();
    }

    /**
     * Returns the mark of the newest batch that {@linkplain WriteBatch#mark set} one. It belongs to the same moment as
     * the changes of that batch: after a crash the store holds both or neither. Compaction, a backup and {@link #clear}
     * keep it. A store that is repaired, or filled by an import, has none.
     *
     * <p>A read-only store shows the mark of what it has followed so far.
     *
     * @return a copy of the mark; empty if no batch has set one
     */
    public byte[] mark() {
        engine.checkOpen();
        AppliedMark mark = engine.directory.mark();
        return mark == null ? new byte[0] : mark.bytes();
    }

    /**
     * Returns a random key, roughly uniform unless most keys have been removed.
     *
     * @param random the source of randomness
     * @return a copy of the key; null if the store is empty
     */
    public byte @Nullable [] randomKey(RandomGenerator random) {
        return scans.randomKey(random, ValueView::new);
    }

    // --- space ---

    /**
     * Frees the space of dead records at once: rewrites the live records of every segment that is more than 5 % dead.
     * Background compaction only keeps two thirds of the files live. Reads and writes continue meanwhile. A crash at
     * any moment loses nothing.
     *
     * @param listener called on this thread as the compaction progresses
     * @return what the compaction moved and freed
     * @throws IllegalStateException if called by the listener of a compaction, which cannot close the store either
     */
    public CompactionReport compact(ProgressListener listener) {
        OwnerEngine owner = engine.owner();
        return engine.errors().call("compacting " + engine.path, () -> owner.compaction.run(listener));
    }

    /**
     * Returns the limit of background compaction.
     *
     * @return bytes per second; 0 if compaction is paused or the store is read-only
     * @see StoreOptions#compactionRate
     */
    public long compactionRate() {
        engine.checkOpen();
        return engine.compactionRate();
    }

    /**
     * Sets the limit of background compaction; 0 pauses it, within a moment. {@link #compact} is not limited.
     *
     * @param bytesPerSecond bytes of the log to work through per second
     * @throws IllegalArgumentException if the rate is negative
     */
    public void setCompactionRate(long bytesPerSecond) {
        engine.owner().compaction.bytesPerSecond(StoreOptions.checkRate(bytesPerSecond));
    }

    /** Removes all expired keys now instead of in the background. */
    void sweepExpired() {
        OwnerEngine owner = engine.owner();
        engine.errors().call("removing what has expired from " + engine.path, () -> {
            owner.sweep.sweepAll();
            return true;
        });
    }

    /** {@return the number of expired keys removed since the store was opened; 0 if it is read-only} */
    public long expiredCount() {
        engine.checkOpen();
        return engine.expiredCount();
    }

    /**
     * Returns statistics of the store. Takes time in proportion to the number of segments, not of keys.
     *
     * @return the statistics
     */
    public StoreStats stats() {
        engine.checkOpen();
        return engine.errors().call("measuring " + engine.path, engine::stats);
    }

    /** {@return the bytes of the log and value files, including space allocated in advance} */
    public long fileBytes() {
        engine.checkOpen();
        return engine.errors().call("measuring " + engine.path, engine.segments::fileBytes);
    }

    /** {@return the bytes of live records, including their keys and headers} */
    public long liveBytes() {
        engine.checkOpen();
        return engine.segments.liveBytes();
    }

    /** {@return the clock that decides which values have expired: that of the options, but it never goes backwards} */
    public InstantSource clock() {
        return engine.clock;
    }

    /**
     * {@return whether an error ended writing, so that every write throws {@link StoreFailedException} until the store
     * is closed and opened again}
     */
    public boolean hasFailed() {
        return engine.failure.isSet();
    }

    /** {@return the directory of the store} */
    public Path directory() {
        return engine.path;
    }

    /**
     * Makes everything durable and releases all files and memory. Views that are still open then throw {@link
     * StoreClosedException}. Closing a closed store does nothing. If another thread is closing the store, returns when
     * that is done: when the method returns, on whatever thread, the directory can be opened again.
     *
     * @throws IllegalStateException if called by the listener of a compaction, or on a background thread of the store,
     *     as by a clock or a logger; the store stays open
     */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            engine.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
