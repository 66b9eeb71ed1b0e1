package dev.penstock.server.command;

import dev.penstock.server.resp.Reply;
import dev.penstock.store.EntryVisitor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The keys and values that commands work on. Each call is atomic, whoever else writes to the store; what a command reads
 * and then writes, it writes by {@link #update}, and begins again if somebody came between.
 *
 * <p>Keys are heap buffers, as {@link Arguments#key} gives them.
 */
interface Keyspace {

    /** When a write happens. */
    enum Condition {
        ALWAYS,
        IF_ABSENT,
        IF_PRESENT
    }

    boolean contains(ByteBuffer key);

    /** Replies with the key's value, or null; tells whether the key is there. */
    boolean answer(ByteBuffer key, Reply reply);

    /** Null if the key is absent. */
    Value get(ByteBuffer key);

    /** Stores a value if the condition holds, and tells whether it held. */
    boolean put(ByteBuffer key, ByteBuffer value, Condition condition);

    /**
     * Stores a value if the key's current one is still that which was read, and tells whether it was.
     *
     * @param read what {@link #get} gave, still open; null if the key was absent
     * @param parts what the value is to be, one after another
     */
    boolean update(ByteBuffer key, Value read, List<MemorySegment> parts);

    /** Removes a key, and tells whether it was there. */
    boolean remove(ByteBuffer key);

    long count();

    /** Visits every key; see {@link dev.penstock.store.Store#forEach}. */
    void forEach(EntryVisitor visitor);

    /** Visits some keys and tells where to go on; see {@link dev.penstock.store.Store#scan}. */
    long scan(long cursor, int minEntries, EntryVisitor visitor);

    void clear();
}
