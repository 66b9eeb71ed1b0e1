package dev.penstock.typed;

import dev.penstock.store.Durability;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteOptions;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store whose keys and values are objects. A codec translates keys, another one values. A read decodes the value in
 * place: the codec gets the mapped page, and nothing is copied but what the object itself contains.
 *
 * <pre>{@code
 * try (TypedStore<String, Long> counts = TypedStore.open(Path.of("counts"), Codecs.strings(), Codecs.longs())) {
 *     counts.put("visits", 1L);
 *     counts.compute("visits", visits -> visits == null ? 1 : visits + 1);
 * }
 * }</pre>
 *
 * <p>All keys of the store belong to the typed store. Bytes that are not an encoding, such as those that a program with
 * other codecs wrote, throw {@link UndecodableException}. Other errors are those of {@link Store}. Keys and values are
 * never null.
 *
 * <p>Thread-safe, as the store is. Every operation on a key is atomic.
 *
 * @param <K> type of the keys
 * @param <V> type of the values
 */
public final class TypedStore<K, V> implements AutoCloseable {

    /** The most writes of {@link #putAsync} that wait for the device at once: 1024. */
    public static final int MAX_PENDING_PUTS = 1024;

    /** Until a codec writes more. */
    private static final int KEY_CAPACITY = 32;

    private static final int VALUE_CAPACITY = 128;
    private static final long ABSENT = 0;
    /** Null stands for an absent key. */
    private static final String NULL_DECODED = "it returned null";

    private static final WriteOptions IF_ABSENT = WriteOptions.defaults().ifAbsent();

    private final Store store;
    private final boolean isOwner;
    private final Codec<K> keys;
    private final Codec<V> values;
    private final Function<MemorySegment, V> decodeValue;
    private final DurablePuts durablePuts;
    private final TypedMap<K, V> map;

    private TypedStore(Store store, boolean isOwner, Codec<K> keys, Codec<V> values) {
        this.store = store;
        this.isOwner = isOwner;
        this.keys = Objects.requireNonNull(keys);
        this.values = Objects.requireNonNull(values);
        this.decodeValue = bytes -> Objects.requireNonNull(values.decode(bytes), NULL_DECODED);
        this.durablePuts = new DurablePuts(store, store::sync, MAX_PENDING_PUTS);
        this.map = new TypedMap<>(this);
    }

    /**
     * Opens a store with {@linkplain StoreOptions#defaults() the default options}. Closing the typed store closes it.
     *
     * @param directory the directory of the store; created if it is missing
     * @param keys the codec of the keys
     * @param values the codec of the values
     * @return the typed store, to be closed
     * @param <K> type of the keys
     * @param <V> type of the values
     */
    public static <K, V> TypedStore<K, V> open(Path directory, Codec<K> keys, Codec<V> values) {
        return open(directory, StoreOptions.defaults(), keys, values);
    }

    /**
     * Opens a store. Closing the typed store closes it.
     *
     * @param directory the directory of the store
     * @param options how to open the store
     * @param keys the codec of the keys
     * @param values the codec of the values
     * @return the typed store, to be closed
     * @param <K> type of the keys
     * @param <V> type of the values
     * @see Store#open(Path, StoreOptions)
     */
    public static <K, V> TypedStore<K, V> open(Path directory, StoreOptions options, Codec<K> keys, Codec<V> values) {
        return new TypedStore<>(Store.open(directory, options), true, keys, values);
    }

    /**
     * Types a store that the caller has opened, and closes itself.
     *
     * @param store an open store
     * @param keys the codec of the keys
     * @param values the codec of the values
     * @return the typed store, to be closed before the store
     * @param <K> type of the keys
     * @param <V> type of the values
     */
    public static <K, V> TypedStore<K, V> over(Store store, Codec<K> keys, Codec<V> values) {
        return new TypedStore<>(Objects.requireNonNull(store), false, keys, values);
    }

    // --- reading ---

    /**
     * Returns the value of a key.
     *
     * @param key the key
     * @return the value; null if the key is absent
     */
    public @Nullable V get(K key) {
        Key encoded = encodedKey(key);
        try (ValueView view = new ValueView()) {
            return store.get(encoded, view) ? value(encoded, view) : null;
        }
    }

    /**
     * Returns the value of a key with its version, for a write on the condition that it is unchanged.
     *
     * @param key the key
     * @return the entry; null if the key is absent
     */
    public @Nullable TypedEntry<K, V> getEntry(K key) {
        return entry(key, _ -> {});
    }

    /**
     * Looks a key up without its value.
     *
     * @param key the key
     * @return whether the key is present
     */
    public boolean contains(K key) {
        return store.contains(encodedKey(key));
    }

    /**
     * Returns all entries as of this moment, for a loop or a stream that may stop early.
     *
     * @return every entry, once; to be closed
     * @see Store#entries
     */
    public TypedEntries<K, V> entries() {
        return new TypedEntries<>(store.entries(), this);
    }

    // --- writing ---

    /**
     * Stores a value that never expires. It replaces the key's value and expiry, if there are any.
     *
     * @param key the key
     * @param value the value
     */
    public void put(K key, V value) {
        put(key, value, WriteOptions.defaults());
    }

    /**
     * Stores a value with an expiry, a condition or a durability.
     *
     * @param key the key
     * @param value the value
     * @param options expiry, condition and durability of the write
     * @return whether the condition held; otherwise nothing is stored
     */
    public boolean put(K key, V value, WriteOptions options) {
        return store.put(encodedKey(key), encodedValue(value), options);
    }

    /**
     * Stores a value that never expires if the key is absent.
     *
     * @param key the key
     * @param value the value
     * @return whether the key was absent and the value is stored
     */
    public boolean putIfAbsent(K key, V value) {
        return put(key, value, IF_ABSENT);
    }

    /**
     * Stores a value, as {@link #put(Object, Object)} does, and returns before it is durable; see {@link
     * #putAsync(Object, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @return completes with true when the value is on the device
     */
    public CompletionStage<Boolean> putAsync(K key, V value) {
        return putAsync(key, value, WriteOptions.defaults());
    }

    /**
     * Stores a value with options, and returns before it is durable. When the call returns, readers see the value and
     * it survives the death of the process, as after any put. The stage completes when the value is on the device and
     * also survives a power cut. Writes that wait share one force, with each other and with writers of {@link
     * Durability#ALWAYS}.
     *
     * <p>The stage completes with false, at once, if the condition did not hold. It completes exceptionally with the
     * {@link StoreException} of the write or of the force; after one of the force, the value may or may not be durable.
     * {@link #close} waits until no value waits for the device. If the store of {@link #over} is closed before, the
     * stages fail with {@link dev.penstock.store.StoreClosedException}.
     *
     * <p>If {@link #MAX_PENDING_PUTS} writes wait for the device, the call waits until the force under way ends.
     * Functions that depend on the stage run on the default executor of {@link java.util.concurrent.CompletableFuture},
     * or on the thread that adds them. If that executor refuses them, they run on the thread that forces, and delay it.
     *
     * @param key the key
     * @param value the value
     * @param options expiry and condition of the write
     * @return completes when the value is on the device, with whether the condition held
     * @throws IllegalArgumentException if the options have a durability, or a codec cannot encode the key or the value
     * @throws dev.penstock.store.StoreClosedException if this typed store is closed
     */
    public CompletionStage<Boolean> putAsync(K key, V value, WriteOptions options) {
        return durablePuts.put(encodedKey(key), encodedValue(value), options);
    }

    /**
     * Computes a key's value from its current one, atomically: the stored value was computed from the one it replaces.
     * The expiry is kept. The current value is compared with its checksum first, whatever the options say.
     *
     * @param key the key
     * @param remapping takes the current value, or null if the key is absent, and returns the new value, or null to
     *     remove the key. It runs without a lock, and again whenever another writer changed the key first
     * @return the new value; null if the key is now absent
     * @throws dev.penstock.store.CorruptionException if the current value is damaged; nothing is changed
     */
    public @Nullable V compute(K key, UnaryOperator<@Nullable V> remapping) {
        Objects.requireNonNull(remapping, "remapping");
        for (; ; ) {
            TypedEntry<K, V> current = soundEntry(key);
            V computed = remapping.apply(current == null ? null : current.value());
            if (computed == null ? current == null || removeUnchanged(current) : putUnchanged(key, computed, current)) {
                return computed;
            }
        }
    }

    /** The entry of a key, verified, so that another value can be made of its value. */
    @Nullable
    TypedEntry<K, V> soundEntry(K key) {
        return entry(key, ValueView::verify);
    }

    private @Nullable TypedEntry<K, V> entry(K key, Consumer<ValueView> check) {
        Key encoded = encodedKey(key);
        try (ValueView view = new ValueView()) {
            if (!store.get(encoded, view)) {
                return null;
            }
            check.accept(view);
            return new TypedEntry<>(key, value(encoded, view), view.version());
        }
    }

    /** Replaces an entry by a value that keeps its expiry; false if the key has changed meanwhile. */
    boolean putUnchanged(K key, V value, @Nullable TypedEntry<K, V> current) {
        long version = current == null ? ABSENT : current.version();
        return put(key, value, WriteOptions.defaults().ifVersion(version).keepExpiry());
    }

    /** Removes an entry; false if the key has changed meanwhile. */
    boolean removeUnchanged(TypedEntry<K, V> current) {
        return remove(current.key(), WriteOptions.defaults().ifVersion(current.version()));
    }

    /**
     * Removes a key.
     *
     * @param key the key
     * @return whether the key was present
     */
    public boolean remove(K key) {
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
    public boolean remove(K key, WriteOptions options) {
        return store.remove(encodedKey(key), options);
    }

    /** {@return an empty batch of changes, for {@link #write(TypedBatch)}} */
    public TypedBatch<K, V> newBatch() {
        return new TypedBatch<>(this);
    }

    /**
     * Applies all changes of a batch; after a crash, all or none.
     *
     * @param batch the changes
     * @return whether all expectations of the batch held; otherwise nothing is changed
     * @throws dev.penstock.store.BatchTooLargeException if the batch does not fit a segment
     */
    public boolean write(TypedBatch<K, V> batch) {
        return store.write(batch.batch());
    }

    /**
     * Applies all changes of a batch with a durability that overrides that of the store.
     *
     * @param batch the changes
     * @param required {@link Durability#ALWAYS} to return when they are on the device; any other does not wait
     * @return whether all expectations of the batch held; otherwise nothing is changed
     * @throws dev.penstock.store.BatchTooLargeException if the batch does not fit a segment
     */
    public boolean write(TypedBatch<K, V> batch, Durability required) {
        return store.write(batch.batch(), required);
    }

    /**
     * Returns this store as a map. It always shows the store's current content, and holds no resource.
     *
     * <ul>
     *   <li>{@code putIfAbsent}, {@code replace}, {@code compute}, {@code merge} and {@code remove} are atomic: each
     *       writes on the condition that the version of the value that it has seen is unchanged. Their functions run
     *       without a lock, and again if another writer came first. Values are compared by {@code equals}.
     *   <li>{@code put} and {@code putIfAbsent} store a value that never expires; the others keep the expiry.
     *   <li>{@code setValue} of an entry is a {@code put}: it stores the value whatever the key has by then, also if
     *       the key was removed, and drops the expiry.
     *   <li>Iterators read a few entries at a time and hold nothing in between. They are weakly consistent: a key that
     *       is present all the time is returned, twice if keys are added meanwhile. {@link #entries} has each once, as
     *       of one moment.
     *   <li>{@code size} counts expired keys that the store has not yet removed.
     *   <li>A read-only store gives a map that throws {@link dev.penstock.store.ReadOnlyStoreException} on writes.
     * </ul>
     *
     * @return the map; every call returns the same
     */
    public ConcurrentMap<K, V> asMap() {
        return map;
    }

    /** {@return the store of bytes, for what is not typed: durability, snapshots, backups, statistics} */
    public Store store() {
        return store;
    }

    /**
     * Waits until no value of {@link #putAsync}, which accepts no more writes, waits for the device, and closes the
     * store if it was opened by {@code TypedStore.open}. A store that was passed to {@link #over} stays open. The
     * last stages may complete after the call has returned. Closing again does nothing.
     */
    @Override
    public void close() {
        durablePuts.close();
        if (isOwner) {
            store.close();
        }
    }

    // --- encoding ---

    Key encodedKey(K key) {
        EncodeBuffer buffer = new EncodeBuffer(KEY_CAPACITY);
        keys.encode(Objects.requireNonNull(key, "key"), buffer);
        return buffer.key();
    }

    MemorySegment encodedValue(V value) {
        EncodeBuffer buffer = new EncodeBuffer(VALUE_CAPACITY);
        values.encode(Objects.requireNonNull(value, "value"), buffer);
        return buffer.segment();
    }

    K key(byte[] key) {
        try {
            return Objects.requireNonNull(keys.decode(MemorySegment.ofArray(key).asReadOnly()), NULL_DECODED);
        } catch (RuntimeException e) {
            throw UndecodableException.ofKey(key, keys, e);
        }
    }

    private V value(Key key, ValueView view) {
        try {
            return view.read(decodeValue);
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw UndecodableException.ofValue(key.toByteArray(), values, e);
        }
    }

    TypedEntry<K, V> entry(byte[] key, ValueView view) {
        return new TypedEntry<>(key(key), value(Key.of(key), view), view.version());
    }
}
