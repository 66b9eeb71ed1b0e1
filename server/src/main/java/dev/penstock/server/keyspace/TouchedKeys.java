package dev.penstock.server.keyspace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a transaction or a WATCH has touched, in the order in which they were added. There may be hundreds of
 * thousands, and the garbage collector stops the server while it copies their entries, so the entries are small.
 *
 * <p>A table of numbers with linear probing, at most half full. The hash multiplies secret numbers into the key, as
 * wyhash does, so that no client can choose keys that collide.
 */
final class TouchedKeys {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int FIRST_LENGTH = 16;
    private static final long FIRST_SECRET;
    private static final long SECOND_SECRET;

    static {
        SecureRandom random = new SecureRandom();
        FIRST_SECRET = random.nextLong();
        SECOND_SECRET = random.nextLong();
    }

    private final List<TouchedKey> inOrder = new ArrayList<>();
    private int[] table = new int[FIRST_LENGTH]; // of places in the order, from 1

    /** The entry of a key, which is a heap buffer; null if there is none. */
    @Nullable
    TouchedKey find(ByteBuffer key) {
        return find(key.array(), key.arrayOffset() + key.position(), key.remaining());
    }

    @Nullable
    TouchedKey find(byte[] key) {
        return find(key, 0, key.length);
    }

    private @Nullable TouchedKey find(byte[] key, int offset, int length) {
        int hash = hash(key, offset, length);
        for (int at = hash & table.length - 1; table[at] != 0; at = at + 1 & table.length - 1) {
            TouchedKey entry = inOrder.get(table[at] - 1);
            if (entry.hash == hash && Arrays.equals(entry.key, 0, entry.key.length, key, offset, offset + length)) {
                return entry;
            }
        }
        return null;
    }

    /** Adds an entry of a key that has none. */
    TouchedKey add(byte[] key) {
        return add(key, 0);
    }

    /** @param clearings so far; what the entry will hold is written after them */
    TouchedKey add(byte[] key, int clearings) {
        TouchedKey entry = new TouchedKey(key, hash(key, 0, key.length), clearings);
        inOrder.add(entry);
        if (2 * inOrder.size() > table.length) {
            table = new int[2 * table.length];
            for (int i = 0; i < inOrder.size() - 1; i++) {
                enter(inOrder.get(i).hash, i);
            }
        }
        enter(entry.hash, inOrder.size() - 1);
        return entry;
    }

    private void enter(int hash, int place) {
        int at = hash & table.length - 1;
        while (table[at] != 0) {
            at = at + 1 & table.length - 1;
        }
        table[at] = place + 1;
    }

    /** All entries, in the order in which they were added. */
    List<TouchedKey> all() {
        return Collections.unmodifiableList(inOrder);
    }

    int count() {
        return inOrder.size();
    }

    private static int hash(byte[] key, int offset, int length) {
        long state = FIRST_SECRET ^ length;
        int done = 0;
        for (; length - done >= Long.BYTES; done += Long.BYTES) {
            state = mix((long) LONG.get(key, offset + done) ^ SECOND_SECRET, state);
        }
        long rest = 0;
        for (; done < length; done++) {
            rest = rest << Byte.SIZE | key[offset + done] & 0xFF;
        }
        state = mix(rest ^ SECOND_SECRET, state);
        return (int) (state ^ state >>> Integer.SIZE);
    }

    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
