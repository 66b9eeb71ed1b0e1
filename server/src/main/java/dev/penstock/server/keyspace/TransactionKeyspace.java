package dev.penstock.server.keyspace;

import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.turn.Job;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.ConsistentRead;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.transfer.StoreTransfer;
import dev.penstock.store.transfer.ValueFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store with uncommitted changes on top, which only this keyspace shows. {@link #commit} writes them in one batch
 * that depends on every value that was read: if one of them has changed since, nothing is written, and the work must
 * begin again on a new keyspace. All reads and writes thus belong to one moment.
 *
 * <p>The commit does not depend on the keys that a scan or a count found.
 *
 * <p>The bytes of values stay in the request that brought them, or in the store. Only values that are composed of
 * several parts are copied, up to a limit. Not thread-safe.
 */
public final class TransactionKeyspace implements Keyspace, AutoCloseable {

    private static final long ABSENT = 0;
    private static final int RANDOM_ATTEMPTS = 16;

    /** Of the keys written here, in a page of a scan. */
    private static final int MOST_LOOKED = 128;

    /** Bytes of an entry without the key, here and in the batch that is created from it. */
    private static final int ENTRY_LENGTH = 400;

    /** What a value takes that is held in the store. */
    private static final int HELD_LENGTH = 300;

    private static final long MOST_GATHERED_BYTES = 16L << 20;

    /** What is more than this is not written by the event loop. */
    private static final int FEW_ENTRIES = 4096;

    private static final long FEW_BYTES = 4L << 20;

    private final Store store;
    private final MemoryBudget memory;
    private final @Nullable EntryLimits limits; // null unless a replica executes an entry
    private final long nowMillis;
    private final TouchedKeys entries = new TouchedKeys();
    private final Map<TouchedKey, ValueView> held = new HashMap<>(); // of keys that were read
    private final IdentityHashMap<MemorySegment, MemorySegment> detached = new IdentityHashMap<>();
    private ArrayDeque<TouchedKey> uncounted = new ArrayDeque<>();
    private long countChange;
    private int clearings;
    private boolean sharesValues; // of several keys
    private int changeCount;
    private long gatheredBytes;
    private long reserved;
    private int detachedCount;

    /** @param memory what its entries count in */
    public TransactionKeyspace(Store store, MemoryBudget memory) {
        this(store, memory, null);
    }

    /**
     * For the commands of an entry of a replicated log. Values that they read are copied, so that their replies hold
     * on to nothing.
     *
     * @param limits null for any other commands
     */
    public TransactionKeyspace(Store store, MemoryBudget memory, @Nullable EntryLimits limits) {
        this.store = store;
        this.limits = limits;
        this.memory = memory;
        this.nowMillis = store.clock().millis();
    }

    /** Makes the commit depend on a key's version, as if the key had been read. */
    void expect(ByteBuffer key, long version) {
        entry(key).version = version;
    }

    private TouchedKey entry(ByteBuffer key) {
        TouchedKey entry = entries.find(key);
        if (entry == null) {
            reserve(ENTRY_LENGTH + key.remaining());
            entry = entries.add(Arguments.bytes(key), clearings);
        }
        return entry.since(clearings);
    }

    /** How often something was changed. */
    public int changeCount() {
        return changeCount;
    }

    private void reserve(long bytes) {
        memory.reserveMore(bytes);
        reserved += bytes;
    }

    private void write(TouchedKey entry, @Nullable MemorySegment value, long expiryMillis) {
        changeCount++;
        entry.written = true;
        entry.value = value;
        entry.expiryMillis = expiryMillis;
        if (entry.counted) {
            entry.counted = false;
            uncounted.addLast(entry);
        }
    }

    /** Whether the key's value is to be found here and not in the store. */
    private boolean isWritten(TouchedKey entry) {
        return entry.written || isCleared();
    }

    private boolean isCleared() {
        return clearings > 0;
    }

    /** Reads the store, and notes what was seen. */
    private @Nullable ValueView read(TouchedKey entry) {
        ValueView view = StoreKeyspace.locate(store, ByteBuffer.wrap(entry.key));
        if (!entry.wasRead()) {
            entry.version = view == null ? ABSENT : view.version();
        }
        return view;
    }

    @Override
    public boolean contains(ByteBuffer key) {
        TouchedKey entry = entry(key);
        if (isWritten(entry)) {
            return entry.isPresent(nowMillis);
        }
        try (ValueView view = read(entry)) {
            return view != null;
        }
    }

    @Override
    public boolean answer(ByteBuffer key, Reply reply) {
        KeyspaceValue value = get(key);
        if (value == null) {
            reply.nil();
        } else {
            value.answer(reply);
        }
        return value != null;
    }

    @Override
    public @Nullable KeyspaceValue get(ByteBuffer key) {
        TouchedKey entry = entry(key);
        if (isWritten(entry)) {
            MemorySegment value = entry.value;
            if (value == null || !entry.isPresent(nowMillis)) {
                return null;
            }
            if (limits != null) {
                limits.read(value.byteSize());
            }
            return KeyspaceValue.pending(value, entry.expiryMillis);
        }
        ValueView view = read(entry);
        if (view == null || limits == null) {
            return view == null ? null : KeyspaceValue.stored(view);
        }
        try (KeyspaceValue stored = KeyspaceValue.stored(view)) {
            limits.read(stored.length());
            return KeyspaceValue.pending(MemorySegment.ofArray(stored.toSoundArray()), stored.expiryMillis());
        }
    }

    @Override
    public boolean put(ByteBuffer key, ByteBuffer value, long expiryMillis, Condition condition) {
        if (condition != Condition.ALWAYS && !condition.holds(contains(key))) {
            return false;
        }
        if (limits != null) {
            limits.store(value.remaining());
        }
        write(entry(key), MemorySegment.ofBuffer(value), expiryMillis);
        return true;
    }

    @Override
    public boolean update(ByteBuffer key, @Nullable KeyspaceValue read, List<MemorySegment> parts, long expiryMillis) {
        gatheredBytes += ValueParts.length(parts);
        if (limits != null) {
            limits.derive(ValueParts.length(parts));
        } else if (gatheredBytes > MOST_GATHERED_BYTES) {
            throw new CommandError(
                    "ERR commands of a transaction may change " + MOST_GATHERED_BYTES + " bytes of values at most");
        }
        reserve(ValueParts.length(parts));
        if (read != null) {
            read.verifyCopied();
        }
        write(entry(key), MemorySegment.ofArray(ValueParts.gathered(parts)), expiryMillis);
        return true;
    }

    @Override
    public boolean expire(ByteBuffer key, KeyspaceValue read, long expiryMillis) {
        TouchedKey entry = entry(key);
        write(entry, entry.written ? entry.value : hold(entry), expiryMillis);
        return true;
    }

    @Override
    public boolean remove(ByteBuffer key, KeyspaceValue read) {
        write(entry(key), null, NO_EXPIRY);
        return true;
    }

    @Override
    public boolean remove(ByteBuffer key) {
        boolean present = contains(key);
        if (present) {
            write(entry(key), null, NO_EXPIRY);
        }
        return present;
    }

    /** Copies a value with its expiry from one key to another, and returns whether the source was present. */
    public boolean copy(ByteBuffer source, ByteBuffer target) {
        TouchedKey from = entry(source);
        if (isWritten(from)) {
            MemorySegment value = from.value;
            if (value == null || !from.isPresent(nowMillis)) {
                return false;
            }
            if (limits != null) {
                limits.derive(value.byteSize());
            }
            sharesValues = true;
            write(entry(target), value, from.expiryMillis);
            return true;
        }
        MemorySegment value = hold(from);
        if (value != null) {
            write(entry(target), value, StoreTransfer.expiryMillis(Objects.requireNonNull(held.get(from))));
        }
        return value != null;
    }

    /** The bytes of a value in the store, which stay until this is closed; null if the key is absent. */
    private @Nullable MemorySegment hold(TouchedKey entry) {
        ValueView view = held.get(entry);
        if (view == null) {
            reserve(HELD_LENGTH);
            view = read(entry);
            if (view == null) {
                return null;
            }
            ValueFrame.requireVerification(view); // before the commit, which writes a copy with another checksum
            held.put(entry, view);
        }
        if (limits != null) {
            limits.derive(view.length());
        }
        return view.segment();
    }

    /** However much was written before: each entry forgets it when it is looked at. */
    @Override
    public void clear() {
        clearings++;
        changeCount++;
        uncounted = new ArrayDeque<>();
        countChange = 0;
    }

    /** Looks at what was written since it was last counted. */
    @Override
    public long count(Turn turn) {
        while (!uncounted.isEmpty()) {
            if (turn.isOver()) {
                return UNFINISHED;
            }
            turn.spend(Turn.KEY_STEPS);
            countOne();
        }
        return (isCleared() ? 0 : store.count()) + countChange;
    }

    private void countOne() {
        TouchedKey entry = uncounted.removeLast();
        int before = !isCleared() && store.contains(entry.key) ? 1 : 0;
        byte counts = (byte) ((entry.isPresent(nowMillis) ? 1 : 0) - before);
        countChange += counts - entry.counts;
        entry.counts = counts;
        entry.counted = true;
    }

    @Override
    public Scan scan(long cursor) {
        return new TransactionScan(cursor);
    }

    /** Scans the keys written here, which are returned before there is a cursor, and then those of the store. */
    private final class TransactionScan implements Scan {

        private long cursor;
        private int looked;
        private boolean begun; // among those of the store

        TransactionScan(long cursor) {
            this.cursor = cursor;
            this.looked = cursor == 0 ? 0 : entries.count();
        }

        @Override
        public void next(int minKeys, Consumer<byte[]> visitor) {
            if (looked < entries.count()) {
                int end = Math.min(entries.count(), looked + Math.min(minKeys, MOST_LOOKED));
                for (; looked < end; looked++) {
                    TouchedKey entry = entries.all().get(looked).since(clearings);
                    if (entry.isPresent(nowMillis)) {
                        visitor.accept(entry.key);
                    }
                }
            } else {
                begun = true;
                cursor = isCleared()
                        ? 0
                        : StoreTransfer.of(store).scanKeys(cursor, minKeys, key -> {
                            TouchedKey entry = entries.find(key);
                            if (entry == null || !entry.written) {
                                visitor.accept(key);
                            }
                        });
            }
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
        for (int i = 0; i < RANDOM_ATTEMPTS && !isCleared(); i++) {
            byte[] key = store.randomKey(ThreadLocalRandom.current());
            if (key == null) {
                return null;
            }
            TouchedKey entry = entries.find(key);
            if (entry == null || !entry.written || entry.isPresent(nowMillis)) {
                return key;
            }
        }
        return null;
    }

    /** Whether to commit takes longer than a turn should. */
    public boolean isLarge() {
        if (entries.count() > FEW_ENTRIES || isCleared()) {
            return true;
        }
        long bytes = 0;
        for (TouchedKey entry : entries.all()) {
            bytes += entry.value == null ? 0 : entry.value.byteSize();
        }
        for (ValueView view : held.values()) {
            bytes += ValueFrame.isVerificationDue(view) ? view.length() : 0;
        }
        return bytes > FEW_BYTES;
    }

    /**
     * Copies, for {@link #commitElsewhere}, what lies in the buffers of the request, which are the event loop's alone.
     * What is held in the store is not copied. Goes on until the turn is over; whether it is done.
     */
    public boolean detach(Turn turn) {
        for (; detachedCount < entries.count(); detachedCount++) {
            if (turn.isOver()) {
                return false;
            }
            turn.spend(1);
            TouchedKey entry = entries.all().get(detachedCount).since(clearings);
            if (entry.value != null && !entry.value.isMapped() && entry.value.isNative()) {
                entry.value = detach(entry.value, turn);
            }
        }
        return true;
    }

    /** One copy, of whatever number of keys it is the value. */
    private MemorySegment detach(MemorySegment value, Turn turn) {
        MemorySegment copy = detached.get(value);
        if (copy == null) {
            reserve(value.byteSize());
            turn.spendBytes(value.byteSize());
            copy = MemorySegment.ofArray(value.toArray(ValueLayout.JAVA_BYTE));
            if (sharesValues) {
                detached.put(value, copy);
            }
        }
        return copy;
    }

    /** A commit for another thread. */
    public Job commitElsewhere() {
        return new Job(this::commit);
    }

    /** Writes the changes. Returns false, and writes nothing, if a value that was read is no longer current. */
    public boolean commit() {
        return commit(null);
    }

    /**
     * Writes the changes, and with them the store's mark.
     *
     * @param mark null to leave it as it is
     */
    public boolean commit(byte @Nullable [] mark) {
        held.values().forEach(ValueFrame::verify);
        WriteBatch batch = new WriteBatch();
        for (TouchedKey entry : entries.all()) {
            entry.since(clearings);
            if (entry.value != null) {
                batch.put(entry.key, entry.value, StoreKeyspace.options(entry.expiryMillis, Condition.ALWAYS));
            } else if (entry.written && entry.version != ABSENT && !isCleared()) {
                batch.remove(entry.key);
            }
        }
        if (mark != null) {
            batch.mark(mark);
        } else if (batch.size() == 0 && !isCleared()) {
            return isCurrent();
        }
        entries.all().stream()
                .filter(TouchedKey::wasRead)
                .forEach(entry -> batch.expectVersion(entry.key, entry.version));
        return isCleared() ? store.replaceAll(batch) : store.write(batch);
    }

    /**
     * Whether all that was read is current at one moment. That each of it is current now is not enough: a batch of
     * another writer else's becomes visible key by key, and what was read may be a half of it.
     */
    private boolean isCurrent() {
        ConsistentRead moment = store.consistentRead();
        entries.all().stream().filter(TouchedKey::wasRead).forEach(entry -> moment.add(entry.key));
        boolean[] current = new boolean[1];
        moment.run(() -> current[0] = entries.all().stream()
                .allMatch(entry -> !entry.wasRead() || entry.version == version(store, entry.key)));
        return current[0];
    }

    /** What a key's version is now; 0 if it is absent. */
    static long version(Store store, byte[] key) {
        try (ValueView view = new ValueView()) {
            return StoreTransfer.of(store).locate(Key.of(key), view) ? view.version() : ABSENT;
        }
    }

    /** Lets the store's values go. */
    @Override
    public void close() {
        held.values().forEach(ValueView::close);
        held.clear();
        memory.release(reserved);
        reserved = 0;
    }
}
