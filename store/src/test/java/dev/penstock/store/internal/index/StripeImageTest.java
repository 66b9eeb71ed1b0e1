package dev.penstock.store.internal.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StripeImageTest {

    private static final int STRIPE = 3;
    /** So often that it is compiled: then the error of a page that is lost comes at the next safepoint poll. */
    private static final int UNTIL_COMPILED = 1_000_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    /**
     * A writer that keeps a page of a checkpoint's file that was cut off gets the error. The page is not in the copy
     * then, and who completes the copy gets the error too.
     */
    @Test
    void aPageThatCouldNotBeReadIsNotInTheCopy() throws IOException {
        try (FileChannel file = FileChannel.open(
                        directory.resolve("file"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared();
                StripeImage image = new StripeImage()) {
            BucketArray buckets = new BucketArray(arena, (length, owner) -> map(file, length, owner));
            buckets.ensure(0);
            BucketArray overflow = new BucketArray(arena, IndexMemory.SYSTEM);
            BucketArray.slot(buckets.memory(0), BucketArray.offset(STRIPE, 0), 0, 7);
            image.ensure(1);
            for (int i = 0; i < UNTIL_COMPILED; i++) {
                keep(image, buckets);
            }
            assertTrue(image.copyMore(1, STRIPE, buckets, overflow));
            assertEquals(7, image.page(0).get(ValueLayout.JAVA_LONG, 0));
            file.truncate(0);
            assertThrows(InternalError.class, () -> keep(image, buckets));
            assertThrows(InternalError.class, () -> image.copyMore(1, STRIPE, buckets, overflow));
        }
    }

    /** A writer keeps pages when its record counts already: that must not fail for want of memory. */
    @Test
    void toKeepAPageAllocatesNothing() {
        int pageCount = 10_000;
        try (Arena arena = Arena.ofShared();
                StripeImage image = new StripeImage()) {
            BucketArray buckets = new BucketArray(arena, IndexMemory.SYSTEM);
            buckets.ensure(0, pageCount * BucketArray.FIRST_CHUNK_BUCKETS - 1);
            image.ensure(1);
            for (int first = 0; first < 3; first++) { // so that all classes are loaded
                keep(image, buckets);
            }
            image.ensure(pageCount);
            image.begin(new StripeShape(pageCount * BucketArray.FIRST_CHUNK_BUCKETS, 0, 1, 0, new int[0]));
            long before = THREADS.getCurrentThreadAllocatedBytes();
            image.keep(false, pageCount - 1, STRIPE, buckets);
            assertEquals(0, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
    }

    private static void keep(StripeImage image, BucketArray buckets) {
        image.begin(new StripeShape(BucketArray.FIRST_CHUNK_BUCKETS, 0, 1, 0, new int[0]));
        image.keep(false, 0, STRIPE, buckets);
    }

    private static MemorySegment map(FileChannel file, long length, Arena arena) {
        try {
            return file.map(FileChannel.MapMode.READ_WRITE, 0, length, arena);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
