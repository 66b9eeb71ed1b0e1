package dev.penstock.store.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sixteen readers, two of them virtual threads, hold values for up to 200 ms while everything is rewritten, the
 * segments beneath them are retired and their addresses used again, and the store is closed and opened. Each value is
 * looked at twice in full. A wrong byte would be another record's, another store's, or a zero of what was released too
 * early.
 *
 * <p>{@code -Dpenstock.retirement.seconds} makes it longer.
 */
@Tag("slow")
class RetirementUnderReadersTest {

    private static final int KEYS = 3_000;
    private static final int READERS = 16;
    private static final int WRITERS = 2;
    private static final int MOST_WORDS = 60;
    private static final int READS_OF_EACH_HELD = 200;
    /** As long as it takes from the last record that is moved out of a segment to its release, and longer. */
    private static final int MOST_HELD_NANOS = 200_000_000;
    /** Longer than closing takes until it releases the segments. */
    private static final int MOST_HELD_AT_CLOSE_NANOS = 1_500_000_000;

    private static final int CYCLES = 3;
    private static final long CYCLE_MILLIS = Long.getLong("penstock.retirement.seconds", 9) * 1000 / CYCLES;
    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir
    Path directory;

    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLongArray written = new AtomicLongArray(KEYS);
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong afterClosing = new AtomicLong();

    @Test
    @Timeout(600)
    void everyReaderSeesWhatWasWrittenOrIsToldThatTheStoreIsClosed() throws InterruptedException {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("RetirementUnderReadersTest: -Dpenstock.seed=" + seed);
        String newest = "";
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            AtomicBoolean done = new AtomicBoolean();
            List<Thread> threads = new ArrayList<>();
            try (Store store = Store.open(directory, OPTIONS)) {
                for (int i = 0; i < READERS; i++) {
                    Random random = new Random(seed + cycle * 100L + i);
                    Runnable reader = () -> read(store, random, done);
                    threads.add(i < 2 ? Thread.ofVirtual().start(guarded(reader)) : started(reader));
                }
                for (int i = 0; i < WRITERS; i++) {
                    int writer = i;
                    Random random = new Random(seed - cycle * 100L - i);
                    threads.add(started(() -> write(store, writer, random, done)));
                }
                LockSupport.parkNanos(CYCLE_MILLIS * 1_000_000);
                newest = store.stats().segments().getLast().file();
                done.set(true);
                threads.get(READERS).join();
                threads.get(READERS + 1).join();
                // Readers continue while the store is closed.
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
        }
        System.out.println(
                reads + " reads, " + afterClosing + " readers outlived their store, the newest segment is " + newest);
        assertTrue(reads.get() > KEYS, "too few reads to have tried anything: " + reads);
        assertEquals(List.of(), List.copyOf(failures));
    }

    private Thread started(Runnable task) {
        Thread thread = new Thread(guarded(task));
        thread.start();
        return thread;
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable e) {
                failures.add(e.toString() + " at " + List.of(e.getStackTrace()));
            }
        };
    }

    /** A value says its key and its version in every word. */
    private static long word(int key, long version, int index) {
        return (version << 20 | key) * 0x9E3779B97F4A7C15L + index;
    }

    private void write(Store store, int writer, Random random, AtomicBoolean done) {
        while (!done.get() && failures.isEmpty()) {
            int key = random.nextInt(KEYS / WRITERS) * WRITERS + writer;
            byte[] name = name(key);
            long version = written.get(key) + 1;
            if (version % 11 == 0) {
                store.remove(name);
            } else {
                int words = 2 + random.nextInt(MOST_WORDS);
                ByteBuffer value = ByteBuffer.allocate(words * 8).order(ByteOrder.LITTLE_ENDIAN);
                value.putLong(version);
                for (int i = 1; i < words; i++) {
                    value.putLong(word(key, version, i));
                }
                store.put(name, value.array());
            }
            written.set(key, version);
        }
    }

    private void read(Store store, Random random, AtomicBoolean closing) {
        ValueView view = new ValueView();
        long[] seen = new long[KEYS];
        try {
            while (failures.isEmpty()) {
                int key = random.nextInt(KEYS);
                long before = written.get(key);
                if (!store.get(name(key), view)) {
                    continue;
                }
                reads.incrementAndGet();
                long version = view.getLong(0, ByteOrder.LITTLE_ENDIAN);
                if (version < Math.max(seen[key], before)) {
                    failures.add("key " + key + " went back to " + version + " from " + Math.max(seen[key], before));
                }
                seen[key] = version;
                check(view, key, version);
                if (random.nextInt(READS_OF_EACH_HELD) == 0) {
                    LockSupport.parkNanos(random.nextInt(closing.get() ? MOST_HELD_AT_CLOSE_NANOS : MOST_HELD_NANOS));
                    check(view, key, version);
                }
                if (closing.get() && random.nextInt(100) == 0) {
                    view = new ValueView(); // nobody ends that lease
                }
            }
        } catch (StoreClosedException closed) {
            afterClosing.incrementAndGet();
        }
    }

    private void check(ValueView view, int key, long version) {
        for (int i = 1; i < view.length() / 8; i++) {
            long found = view.getLong(i * 8L, ByteOrder.LITTLE_ENDIAN);
            if (found != word(key, version, i)) {
                failures.add("key " + key + ", version " + version + ", word " + i + ": " + Long.toHexString(found));
                return;
            }
        }
    }

    private static byte[] name(int key) {
        return ("key " + key).getBytes(StandardCharsets.US_ASCII);
    }
}
