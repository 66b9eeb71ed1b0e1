package dev.penstock.server.keyspace;

import dev.penstock.server.command.AtomicChange;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values that commands work on: the store itself, or the store as a transaction has left it so far.
 *
 * <p>Each call is atomic with respect to other writers. A write that depends on a value read before passes that value.
 * If the value has changed since, it writes nothing and returns false, and the command begins again. A change of
 * several keys is an {@link AtomicChange}.
 *
 * <p>Keys are heap buffers, as returned by {@link Arguments#key}. Expiries are in milliseconds since the epoch, or
 * {@link #NO_EXPIRY}. Written values must not change until the command ends.
 */
public interface Keyspace {

    /** In place of a count that takes another turn. */
    long UNFINISHED = -1;

    /** The expiry of a value that never expires. */
    long NO_EXPIRY = 0;

    /** When a write happens. */
    enum Condition {
        ALWAYS,
        IF_ABSENT,
        IF_PRESENT;

        public boolean holds(boolean present) {
            return this == ALWAYS || present == (this == IF_PRESENT);
        }
    }

    boolean contains(ByteBuffer key);

    /** Replies with the key's value, or null; returns whether the key is present. */
    boolean answer(ByteBuffer key, Reply reply);

    /** Null if the key is absent. */
    @Nullable
    KeyspaceValue get(ByteBuffer key);

    /** Stores a value if the condition holds, and returns whether it did. */
    boolean put(ByteBuffer key, ByteBuffer value, long expiryMillis, Condition condition);

    /**
     * Stores a value if the key's current one is still that which was read. If it is made of {@linkplain
     * KeyspaceValue#segment bytes of that one}, that one is verified first.
     *
     * @param read what {@link #get} gave, still open; null if the key was absent
     * @param parts what the value is to be, one after another
     * @throws dev.penstock.store.CorruptionException if the value that was read is damaged; nothing is stored
     */
    boolean update(ByteBuffer key, @Nullable KeyspaceValue read, List<MemorySegment> parts, long expiryMillis);

    /** Gives a value that was read another expiry. */
    boolean expire(ByteBuffer key, KeyspaceValue read, long expiryMillis);

    /** Removes a value that was read. */
    boolean remove(ByteBuffer key, KeyspaceValue read);

    /** Removes a key, and returns whether it was present. */
    boolean remove(ByteBuffer key);

    void clear();

    /** Counts the keys. Returns {@link #UNFINISHED} if the turn ends before; the next call continues. */
    long count(Turn turn);

    /** Goes through the keys from a cursor on; see {@link Store#scan}. */
    Scan scan(long cursor);

    /** Where it is among the keys. */
    interface Scan {

        /** Visits some keys: about as many as requested, or fewer if the keyspace has to pass over many. */
        void next(int minKeys, Consumer<byte[]> visitor);

        /** Whether {@link #cursor} is a place where another scan can continue. It is not before the first page. */
        boolean hasCursor();

        /** Where to continue; 0 at the end. */
        long cursor();
    }

    /** A key, found in a few attempts; null if none was found, though there may be some. */
    byte @Nullable [] randomKey();
}
