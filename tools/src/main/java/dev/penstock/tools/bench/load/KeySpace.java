package dev.penstock.tools.bench.load;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.BitSet;

/**
 * The numbers of the existing keys: those of the fill, and those inserted since. Inserts are acknowledged in any order;
 * a read may request a key only if it and all keys before it are stored. Shared by all workers.
 */
final class KeySpace {

    @GuardedBy("this")
    private final BitSet stored = new BitSet();

    @GuardedBy("this")
    private long storedFrom;

    @GuardedBy("this")
    private long allocated;

    private volatile long readable;

    /** @param count keys that are stored before any insert */
    KeySpace(long count) {
        this.storedFrom = count;
        this.allocated = count;
        this.readable = count;
    }

    /** How many keys, from number 0 on, can be read. */
    long readable() {
        return readable;
    }

    /** The number of a new key, for the caller to insert. */
    synchronized long allocate() {
        return allocated++;
    }

    /** Notes that an insert was answered. */
    synchronized void acknowledge(long key) {
        stored.set((int) (key - storedFrom));
        long limit = storedFrom + stored.nextClearBit((int) (readable - storedFrom));
        readable = limit;
        if (limit - storedFrom > 1 << 20) {
            // What lies before the limit need not be remembered.
            BitSet rest = stored.get((int) (limit - storedFrom), stored.length());
            stored.clear();
            stored.or(rest);
            storedFrom = limit;
        }
    }
}
