package dev.penstock.store.internal.io;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Durability;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.transfer.ValueFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An interrupt is the thread's own, whatever it is doing with a store. */
class InterruptTest {

    @TempDir
    Path directory;

    /** A cancelled task interrupts its thread: that must hurt nobody, least of all the other threads. */
    @Test
    void anInterruptedThreadCanDoEverythingAndDisturbsNobody() throws InterruptedException {
        byte[] large = random(500_000, 1);
        List<String> failures = new CopyOnWriteArrayList<>();
        Thread interrupted = new Thread(() -> {
            Thread.currentThread().interrupt();
            try (Store store = Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20))) {
                store.put(bytes("small"), bytes("value"));
                store.put(bytes("large"), large);
                store.sync();
                try (ValueView view = store.get(bytes("large"))) {
                    assertArrayEquals(large, view.toByteArray());
                }
                for (int i = 0; i < 10; i++) {
                    store.put(bytes("key" + i), random(200_000, i));
                }
                store.compact(ProgressListener.NONE);
                Thread other = new Thread(() -> {
                    assertArrayEquals(large, store.getBytes(bytes("large")));
                    store.put(bytes("other"), bytes("value"));
                    store.sync();
                });
                other.setUncaughtExceptionHandler((thread, error) -> failures.add("other: " + error));
                other.start();
                Thread.interrupted();
                other.join();
                Thread.currentThread().interrupt();
                assertTrue(Thread.currentThread().isInterrupted(), "the interrupt is the thread's own");
            } catch (InterruptedException e) {
                failures.add(e.toString());
            }
            assertTrue(Thread.interrupted(), "after close too");
        });
        interrupted.setUncaughtExceptionHandler((thread, error) -> failures.add(error.toString()));
        interrupted.start();
        interrupted.join();
        assertEquals(List.of(), failures);
        try (Store store = Store.open(directory)) {
            assertArrayEquals(large, store.getBytes(bytes("large")));
            assertTrue(store.contains(bytes("other")));
        }
    }

    /** Threads that are interrupted over and over do the work of every public operation. */
    @Test
    void everyOperationIsCarriedOutByAThreadThatIsInterruptedAllTheTime() throws Exception {
        Path store = directory.resolve("store");
        byte[] large = random(2 << 20, 1);
        AtomicBoolean ended = new AtomicBoolean();
        List<String> failures = new CopyOnWriteArrayList<>();
        Thread worker = new Thread(() -> {
            try (Store opened = Store.open(store, StoreOptions.defaults().withSegmentSize(1 << 20))) {
                for (int i = 0; i < 1_000; i++) {
                    opened.put(bytes("key" + i), random(2_000, i));
                }
                opened.put(bytes("large"), large, WriteOptions.defaults().durability(Durability.ALWAYS));
                try (ValueWriter writer = opened.putStream(bytes("stream"))) {
                    writer.write(ByteBuffer.wrap(large));
                    writer.commit();
                }
                assertArrayEquals(large, opened.getBytes(bytes("stream")));
                try (ValueView view = opened.get(bytes("large"))) {
                    ByteBuffer target = ByteBuffer.allocate(large.length);
                    view.writeTo(new Discarding());
                    ValueFrame.of(view).read(0, target);
                    view.toByteArray();
                }
                opened.stats();
                opened.fileBytes();
                opened.forEach((key, value) -> value.toByteArray());
                assertTrue(StoreVerifier.verify(store, ProgressListener.NONE).isSound());
                assertEquals(
                        1_002,
                        StoreInspector.inspect(store, ProgressListener.NONE).keyCount());
                StoreOptions readOnly = StoreOptions.defaults().withReadOnly(true);
                try (Store follower = Store.open(store, readOnly)) {
                    follower.refresh();
                    assertArrayEquals(large, follower.getBytes(bytes("large")));
                }
                opened.compact(ProgressListener.NONE);
                opened.sync();
            } catch (IOException | RuntimeException | Error e) {
                failures.add(e.toString());
            } finally {
                ended.set(true);
            }
        });
        worker.start();
        while (!ended.get()) {
            worker.interrupt();
            Thread.onSpinWait();
        }
        worker.join();
        assertEquals(List.of(), failures);
        try (Store again = Store.open(store)) {
            assertEquals(1_002, again.count());
            assertArrayEquals(large, again.getBytes(bytes("stream")));
        }
    }

    /** Unlike most channels it is not closed when its thread is interrupted. */
    private static final class Discarding implements WritableByteChannel {

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            source.position(source.limit());
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    @Test
    void anInterruptedThreadBacksUpAndRestores() {
        Path backup = directory.resolve("backup");
        try (Store store = Store.open(directory.resolve("store"))) {
            store.put(bytes("large"), random(2 << 20, 1));
            Thread.currentThread().interrupt();
            store.backup(backup, ProgressListener.NONE);
            assertTrue(Thread.interrupted());
        }
        try (Store store = Store.open(backup)) {
            Thread.currentThread().interrupt();
            assertArrayEquals(random(2 << 20, 1), store.getBytes(bytes("large")));
            store.backup(directory.resolve("restored"), ProgressListener.NONE);
            assertTrue(Thread.interrupted());
        }
    }
}
