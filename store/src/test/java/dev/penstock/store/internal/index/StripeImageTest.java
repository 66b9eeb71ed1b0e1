package dev.penstock.store.internal.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StripeImageTest {

    private static final int STRIPE = 3;
    /** So often that it is compiled: then the error of a page that is lost comes at the next safepoint poll. */
    private static final int UNTIL_COMPILED = 1_000_000;

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
