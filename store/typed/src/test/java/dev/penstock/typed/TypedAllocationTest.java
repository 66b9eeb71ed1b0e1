package dev.penstock.typed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A typed get allocates its result and little more, however long the value is, compiled or not. */
class TypedAllocationTest {

    private static final int READS = 1000;
    private static final int ROUNDS = 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The encoded key with its carrier and buffer, the view, and two slices of the mapped page. */
    private static final long CALL_BYTES = 600;

    @TempDir
    Path directory;

    @Test
    void aGetOfANumberAllocatesABoundedAmount() {
        try (TypedStore<Long, Long> store = TypedStore.open(directory, Codecs.longs(), Codecs.longs())) {
            for (long i = 0; i < READS; i++) {
                store.put(i, i << 32);
            }
            long perRead = leastAllocated(i -> store.get((long) i));
            assertTrue(perRead < CALL_BYTES, perRead + " bytes per get");
        }
    }

    /** The string's own array, and the copy that it is made of. */
    @Test
    void aGetOfAStringAllocatesTwiceItsLength() {
        long length = 10_000;
        try (TypedStore<Long, String> store = TypedStore.open(directory, Codecs.longs(), Codecs.strings())) {
            store.put(1L, "x".repeat((int) length));
            long perRead = leastAllocated(_ -> store.get(1L));
            assertTrue(perRead < 2 * length + CALL_BYTES, perRead + " bytes per get");
        }
    }

    @Test
    void aCodecThatTakesAPartOfALargeValueAllocatesNothingForTheRest() {
        Codec<Long> lengths = new Codec<>() {
            @Override
            public void encode(Long value, EncodeBuffer target) {
                target.write(new byte[value.intValue()]);
            }

            @Override
            public Long decode(MemorySegment bytes) {
                return bytes.byteSize();
            }

            @Override
            public String name() {
                return "length";
            }
        };
        try (TypedStore<Long, Long> store = TypedStore.open(directory, Codecs.longs(), lengths)) {
            store.put(1L, 5L << 20);
            long perRead = leastAllocated(_ -> store.get(1L));
            assertTrue(perRead < CALL_BYTES, perRead + " bytes per get");
        }
    }

    private static long leastAllocated(IntConsumer read) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < READS; i++) {
                read.accept(i);
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        System.out.println("a typed get allocates " + least / READS + " bytes");
        return least / READS;
    }
}
