package dev.penstock.store.internal.log;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A writer without stack gets its error, and the store and its other writers go on. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShortStackTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);

    private static final int THREADS = 150;
    private static final long STACK_BYTES = 180_000;

    @TempDir
    Path directory;

    private final List<String> written = new ArrayList<>();
    private int overflows;
    private int tries;
    private boolean done;

    @Test
    void aWriterWithoutStackStopsNobodyElse() throws InterruptedException {
        try (Store store = Store.open(directory, SMALL)) {
            // Loads the classes: one whose initialization runs out of stack is lost to the whole process.
            store.put(bytes("other"), bytes("value"));
            store.write(new WriteBatch().put(bytes("other"), bytes("value")).put(bytes("second"), bytes("value")));
            for (int i = 0; i < THREADS; i++) {
                int offset = i;
                done = false;
                Thread writer = new Thread(null, () -> overflow(store, offset), "short", STACK_BYTES);
                writer.start();
                writer.join();
                store.put(bytes("other"), bytes("value"));
                assertFalse(store.hasFailed());
            }
        }
        assertTrue(overflows > THREADS, () -> overflows + " writes ran out of stack");
        assertEquals(THREADS, written.size());
        try (Store store = Store.open(directory, SMALL)) {
            for (String key : written) {
                assertNotNull(store.getBytes(bytes(key)), key);
            }
        }
    }

    /** Begins at another depth for each offset, as the size of the stack is rounded to pages. */
    private void overflow(Store store, int offset) {
        if (offset > 0) {
            overflow(store, offset - 1);
        } else {
            descend(store);
        }
    }

    /** Goes down until the stack is full, and writes on the way up, until it succeeds. */
    @SuppressWarnings("InfiniteRecursion") // it ends where the stack does
    private void descend(Store store) {
        try {
            descend(store);
        } catch (StackOverflowError full) {
            if (!done) {
                write(store);
            }
        }
    }

    private void write(Store store) {
        String key = "key" + tries++;
        try {
            if (tries % 2 == 0) {
                store.put(bytes(key), new byte[50]);
            } else {
                store.write(new WriteBatch().put(bytes(key), new byte[50]).put(bytes("second"), new byte[50]));
            }
            written.add(key);
            done = true;
        } catch (StackOverflowError error) {
            overflows++;
            throw error;
        }
    }
}
