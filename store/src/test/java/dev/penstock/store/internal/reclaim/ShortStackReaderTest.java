package dev.penstock.store.internal.reclaim;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Snapshot;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader without stack gets its error, and holds nothing that compaction has emptied. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShortStackReaderTest {

    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final int THREADS = 60;
    /** A snapshot takes longer. */
    private static final int SNAPSHOT_THREADS = 6;

    private static final long STACK_BYTES = 180_000;
    private static final int KEYS = 1000;
    private static final byte[] KEY = bytes("key1");
    private static final byte[] LARGE_KEY = bytes("large");
    private static final int LARGE = 1 << 20;

    @TempDir
    Path directory;

    private int overflows;
    private int reads;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReaderWithoutStackHoldsNoLease(boolean verifies) throws Exception {
        assumeTrue(Files.isReadable(MAPS));
        StoreOptions options = StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(verifies);
        try (Store store = Store.open(directory, options)) {
            fill(store);
            List<Consumer<Store>> uses = List.of(
                    open -> open.get(KEY).close(),
                    open -> open.get(LARGE_KEY).close(),
                    open -> open.contains(KEY),
                    open -> open.getBytes(KEY));
            List<Consumer<Store>> snapshots =
                    List.of(open -> open.snapshot().close(), ShortStackReaderTest::readSnapshot);
            snapshots.forEach(use -> use.accept(store));
            uses.forEach(use -> use.accept(store)); // as in a program that runs
            for (int i = 0; i < THREADS; i++) {
                List<Consumer<Store>> kind = i < SNAPSHOT_THREADS ? snapshots : uses;
                Consumer<Store> use = kind.get(i % kind.size());
                int offset = i;
                Thread reader = new Thread(null, () -> overflow(store, use, offset), "short", STACK_BYTES);
                reader.start();
                reader.join();
            }
            assertTrue(overflows > THREADS, () -> overflows + " reads ran out of stack");
            assertTrue(reads > 0);
            fill(store);
            store.compact(ProgressListener.NONE);
            while (!releasedMappings().isEmpty()) {
                Thread.onSpinWait();
            }
            assertEquals(KEYS + 1, store.count());
        }
    }

    private static void readSnapshot(Store store) {
        try (Snapshot snapshot = store.snapshot();
                ValueView view = new ValueView()) {
            snapshot.get(KEY, view);
        }
    }

    private static void fill(Store store) {
        for (int i = 0; i < KEYS; i++) {
            store.put(bytes("key" + i), new byte[4000]);
        }
        store.put(LARGE_KEY, new byte[LARGE]);
    }

    /** Of the store's files, those that are removed and still mapped. */
    private List<String> releasedMappings() throws IOException {
        try (Stream<String> lines = Files.lines(MAPS)) {
            return lines.filter(line -> line.contains(directory.toString()) && line.endsWith("(deleted)"))
                    .toList();
        }
    }

    /** Begins at another depth for each offset, as the size of the stack is rounded to pages. */
    private void overflow(Store store, Consumer<Store> use, int offset) {
        if (offset > 0) {
            overflow(store, use, offset - 1);
        } else {
            descend(store, use);
        }
    }

    /** Goes down until the stack is full, and reads on the way up, until it succeeds. Returns whether it did. */
    @SuppressWarnings("InfiniteRecursion") // it ends where the stack does
    private boolean descend(Store store, Consumer<Store> use) {
        boolean done;
        try {
            done = descend(store, use);
        } catch (StackOverflowError full) {
            done = false;
        }
        if (!done) {
            try {
                use.accept(store);
                reads++;
                done = true;
            } catch (StackOverflowError full) {
                overflows++;
            }
        }
        return done;
    }
}
