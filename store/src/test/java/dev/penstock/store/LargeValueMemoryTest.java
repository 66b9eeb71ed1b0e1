package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.recovery.StoreCreation;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory that a store takes for values that have separate files. sizing.md states how much of the heap it is. */
class LargeValueMemoryTest {

    private static final int COUNT = 3_000;
    private static final int SEGMENT_SHIFT = 17;
    private static final int LENGTH = 33_000;
    private static final int MOST_BYTES_AT_REST = 320;
    private static final int MOST_BYTES_MAPPED = 640;
    /** Those of the store's background threads included. */
    private static final int MOST_BUFFERS = 10;

    private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    @Test
    void aLargeValueTakesSomeHundredBytesOfHeap() throws IOException {
        new StoreCreation(new SystemDisk().openDirectory(directory))
                .create(new Identity(new UUID(8, 10), SEGMENT_SHIFT));
        try (Store store = Store.open(directory)) {
            byte[] value = new byte[LENGTH];
            for (int i = 0; i < COUNT; i++) {
                store.put(bytes("key" + i), value);
            }
            readAll(store);
        }
        long before = usedHeap();
        try (Store store = Store.open(directory)) {
            assertBytes(MOST_BYTES_AT_REST, before, "after opening");
            readAll(store);
            assertBytes(MOST_BYTES_MAPPED, before, "when all are mapped");
        }
    }

    /** A direct buffer is released only when a garbage collection finds it, and these values make no garbage. */
    @Test
    void largeValuesThatArriveOneAfterTheOtherShareABuffer() throws IOException {
        ByteBuffer value = ByteBuffer.allocate(1 << 20);
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), value.array());
            long before = directBufferCount();
            for (int i = 0; i < 100; i++) {
                store.put(bytes("key"), value.array());
                try (ValueWriter writer = store.putStream(bytes("key"), value.capacity())) {
                    writer.write(value.rewind());
                    writer.commit();
                }
            }
            long made = directBufferCount() - before;
            assertTrue(made <= MOST_BUFFERS, made + " direct buffers for 200 values");
        }
    }

    private static long directBufferCount() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow()
                .getCount();
    }

    private static void readAll(Store store) throws IOException {
        for (int i = 0; i < COUNT; i++) {
            try (ValueView view = store.get(bytes("key" + i))) {
                view.writeTo(Channels.newChannel(OutputStream.nullOutputStream()));
                view.getByte(0);
            }
        }
    }

    private static void assertBytes(int most, long before, String when) {
        long each = (usedHeap() - before) / COUNT;
        assertTrue(each <= most, each + " bytes of heap for each value " + when);
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(least, MEMORY.getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
