package dev.penstock.server.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.server.TransferMode;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is not in memory keeps nobody waiting but its own client: the turn ends at once, and continues after the disk.
 */
class ColdTransferTest {

    private static final byte[] KEY = {'k'};
    private static final int LENGTH = 5_000_000;

    private final byte[] value = new byte[LENGTH];
    private final BlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();
    private final AtomicInteger resumed = new AtomicInteger();
    private final TransferSettings settings = new TransferSettings();
    private final TransferCounts counts = new TransferCounts();
    private final TransferContext transfers = new TransferContext(new ChunkPool(), settings, loop::add);
    private final OutputQueue queue = new OutputQueue(transfers, counts, resumed::incrementAndGet);
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final Wire wire = new TestWire(null, Channels.newChannel(received), true);

    @TempDir
    Path directory;

    @BeforeEach
    void fill() throws Exception {
        new Random(1).nextBytes(value);
        try (Store store = Store.open(directory)) {
            store.put(KEY, value);
        }
        assumeTrue(PageCache.drop(directory), "this file system does not drop pages");
    }

    @ParameterizedTest
    @EnumSource(TransferMode.class)
    void theTurnEndsAtOnceAndGoesOnWhenTheDiskHasAnswered(TransferMode mode) throws Exception {
        settings.mode(mode);
        try (Store store = Store.open(directory)) {
            CountDownLatch diskIsSlow = keepDiskBusy();
            queue.putFrame(store.get(KEY));
            assertFalse(queue.writeTo(wire));
            assertTrue(queue.isWaiting());
            assertEquals(0, received.size());
            assertFalse(queue.writeTo(wire), "a turn for another reason waits on");
            assertTrue(queue.isWaiting());
            assertEquals(0, resumed.get());
            diskIsSlow.countDown();
            while (resumed.get() == 0) {
                task().run();
            }
            while (!queue.writeTo(wire)) {
                if (queue.isWaiting()) {
                    int before = resumed.get();
                    task().run();
                    assertTrue(resumed.get() > before || queue.isWaiting());
                }
            }
            byte[] frame = received.toByteArray();
            int prefix = frame.length - 2 - LENGTH;
            assertArrayEquals(value, Arrays.copyOfRange(frame, prefix, prefix + LENGTH));
            end();
        }
    }

    @ParameterizedTest
    @EnumSource(TransferMode.class)
    void whoLeavesWhileTheDiskIsAskedKeepsTheFileUntilItHasAnswered(TransferMode mode) throws Exception {
        settings.mode(mode);
        try (Store store = Store.open(directory)) {
            ValueView view = store.get(KEY);
            queue.putFrame(view);
            assertFalse(queue.writeTo(wire));
            queue.discard();
            assertEquals(LENGTH, view.segment().byteSize(), "the view is open as long as somebody reads");
            end();
            assertEquals(0, resumed.get(), "nobody is called back");
        }
    }

    @Test
    void whereTooManyGoPastThePageCacheTheOthersGoThroughIt() throws Exception {
        settings.mode(TransferMode.DIRECT);
        try (Store store = Store.open(directory)) {
            while (transfers.directBuffers().hasFree(1)) {
                transfers.directBuffers().take();
            }
            queue.putFrame(store.get(KEY));
            while (!queue.writeTo(wire)) {
                if (queue.isWaiting()) {
                    task().run();
                }
            }
            assertEquals(0, counts.sentBytes(TransferMode.DIRECT).count());
            assertEquals(
                    received.size(), counts.sentBytes(TransferMode.SENDFILE).count());
            end();
        }
    }

    /** Until the latch is let go no read begins, so that a value stays as cold as it is. */
    private CountDownLatch keepDiskBusy() {
        CountDownLatch busy = new CountDownLatch(1);
        for (int i = 0; i < DiskReaders.THREADS; i++) {
            transfers.readers().submit(new DiskReaders.ReaderJob() {
                @Override
                public void read(ByteBuffer scratch) throws IOException {
                    try {
                        busy.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }

                @Override
                public void done(Throwable failure) {
                    assertNull(failure);
                }
            });
        }
        return busy;
    }

    private Runnable task() throws InterruptedException {
        Runnable task = loop.poll(20, TimeUnit.SECONDS);
        assertNotNull(task, "the disk does not answer");
        return task;
    }

    /** As the event loop ends. */
    private void end() {
        transfers.awaitReaders();
        for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
            task.run();
        }
        transfers.close();
    }
}
