package dev.penstock.store;

import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.store.transfer.StoreTransfer;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reading allocates nothing, and a write nothing beside its value, compiled or not: the interpreter knows no escape
 * analysis that could hide it.
 */
class AllocationTest {

    private static final int KEYS = 1000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    private final byte[][] keys = new byte[KEYS][];
    private Store store;

    @BeforeEach
    void fill() {
        store = Store.open(directory);
        for (int i = 0; i < KEYS; i++) {
            keys[i] = random(16, i);
            store.put(keys[i], random(100, i), Expiries.expiring(i % 2 == 0 ? Expiries.NO_EXPIRY : Long.MAX_VALUE));
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aReadIntoAViewThatIsUsedAgainAllocatesNothing() {
        ValueView view = new ValueView();
        assertAllocatesNothing(i -> {
            store.get(keys[i % KEYS], view);
            view.getLong(i % 90, ByteOrder.BIG_ENDIAN);
            view.getByte(view.length() - 1);
            view.close();
        });
    }

    @Test
    void aLookIntoALargeValueAllocatesNothing() {
        byte[] key = random(16, KEYS);
        store.put(key, random(2 << 20, KEYS));
        try (ValueView view = store.get(key)) {
            assertAllocatesNothing(i -> view.getLong(i * 1000L, ByteOrder.BIG_ENDIAN));
        }
    }

    @Test
    void aMissAllocatesNothing() {
        byte[] absent = random(16, -1);
        int[] count = new int[1];
        ValueView view = new ValueView();
        assertAllocatesNothing(i -> {
            int number = count[0]++; // each key once, so that chance does not meet the same one in every round
            absent[0] = (byte) number;
            absent[1] = (byte) (number >>> Byte.SIZE);
            absent[2] = (byte) (number >>> 2 * Byte.SIZE);
            store.get(absent, view);
            store.contains(absent);
        });
    }

    @Test
    void aCopiedFrameAllocatesNothing() {
        StoreTransfer transfer = StoreTransfer.of(store);
        ByteBuffer target = ByteBuffer.allocateDirect(1000);
        Key key = new Key();
        assertAllocatesNothing(i -> {
            target.clear();
            transfer.copyFrame(key.set(keys[i % KEYS]), target, 1000);
        });
    }

    @Test
    void aReadByAKeyThatIsSetAgainAllocatesNothing() {
        Key key = new Key();
        ValueView view = new ValueView();
        ByteBuffer direct = ByteBuffer.allocateDirect(16);
        MemorySegment memory = MemorySegment.ofBuffer(direct);
        assertAllocatesNothing(i -> {
            store.get(key.set(keys[i % KEYS], 0, 16), view);
            view.close();
            direct.put(0, keys[i % KEYS]);
            store.get(key.set(direct), view);
            view.close();
            store.contains(key.set(memory));
        });
    }

    /** A write makes an object for its value, compiled or not; it makes none for its options and its key. */
    @Test
    void aWriteAllocatesNothingForOptionsAndAKeyThatAreUsedAgain() {
        byte[] value = random(100, 1);
        WriteOptions options = WriteOptions.defaults()
                .expiresIn(Duration.ofDays(1))
                .ifPresent()
                .durability(Durability.NONE);
        Key key = new Key();
        assertAllocatesNoMore(
                i -> store.put(key.set(keys[i % KEYS], 0, 16), value, options), i -> store.put(keys[i % KEYS], value));
    }

    /** Two statuses of files, and the list of the segments that are to be forced. */
    private static final long FORCE_BYTES = 320;

    /** A force calls the system three times, and each call has its memory already. */
    @Test
    void aDurableWriteAllocatesLittleMoreThanAnother(@TempDir(factory = MemoryBackedDirectory.class) Path inMemory) {
        byte[] value = random(100, 1);
        WriteOptions durable = WriteOptions.defaults().durability(Durability.ALWAYS);
        try (Store forced = Store.open(inMemory)) {
            long plain = leastAllocated(i -> forced.put(keys[i % KEYS], value), 5);
            long always = leastAllocated(i -> forced.put(keys[i % KEYS], value, durable), 5);
            assertTrue(always < plain + FORCE_BYTES * KEYS, always + " and not " + plain + " bytes allocated");
        }
    }

    /** Less than a quarter of the smallest object for each read. */
    private static final long CHANCE_BYTES = 4L * KEYS;

    /**
     * Classes load and caches fill in the first rounds; a later one must be free of allocation. But for chance: where
     * the tags of two keys are equal, once in some thousand lookups, the record that does not match is looked at more
     * closely.
     */
    private static void assertAllocatesNothing(IntConsumer read) {
        long least = leastAllocated(read);
        assertTrue(least < CHANCE_BYTES, least + " bytes allocated in " + KEYS + " reads");
    }

    /**
     * Compares two operations that make the same objects. The compiler removes some of these, and reaches one operation
     * before the other. The rounds of both alternate, therefore, and are repeated until both are compiled alike.
     */
    private static void assertAllocatesNoMore(IntConsumer operation, IntConsumer than) {
        long least = 0;
        long leastOther = 0;
        int alike = 0;
        for (int comparison = 0; comparison < 200 && alike < 2; comparison++) {
            least = Long.MAX_VALUE;
            leastOther = Long.MAX_VALUE;
            for (int round = 0; round < 10; round++) {
                leastOther = Math.min(leastOther, leastAllocated(than, 1));
                least = Math.min(least, leastAllocated(operation, 1));
            }
            alike = least < leastOther + CHANCE_BYTES ? alike + 1 : 0;
        }
        assertTrue(alike == 2, least + " and not " + leastOther + " bytes allocated in " + KEYS + " operations");
    }

    private static long leastAllocated(IntConsumer operation) {
        return leastAllocated(operation, 100);
    }

    private static long leastAllocated(IntConsumer operation, int rounds) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < rounds && least > CHANCE_BYTES; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < KEYS; i++) {
                operation.accept(i);
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
