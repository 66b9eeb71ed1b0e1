package dev.penstock.store.threat.failure;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.index.IndexMemory;
import dev.penstock.store.internal.io.ReadableRange;
import dev.penstock.store.internal.io.SystemDisk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The key directory asks for memory and there is none: the write is refused as a whole, and nothing else is. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public class IndexMemoryTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final int WRITERS = 3;
    private static final int WRITES = 900;
    private static final int BATCH = 20;
    /** So large that a store of this segment size gives it a separate file. */
    private static final int LARGE = 300_000;

    /** A source that refuses one request, or all from one on. */
    private static final class Failing implements IndexMemory {

        private int requestsLeft;
        private final boolean forGood;
        private final boolean hasAddresses;
        private int refused;
        private int committed;

        Failing(int request, boolean forGood, boolean hasAddresses) {
            this.requestsLeft = request;
            this.forGood = forGood;
            this.hasAddresses = hasAddresses;
        }

        @Override
        public MemorySegment allocate(long length, Arena arena) {
            refuseIfItsTurn();
            return IndexMemory.SYSTEM.allocate(length, arena);
        }

        @Override
        public ReadableRange reserve() {
            return hasAddresses ? IndexMemory.SYSTEM.reserve() : null;
        }

        @Override
        public MemorySegment commit(ReadableRange range, long offset, long length, Arena arena) {
            refuseIfItsTurn();
            committed++;
            return IndexMemory.SYSTEM.commit(range, offset, length, arena);
        }

        private synchronized void refuseIfItsTurn() {
            requestsLeft--;
            if (requestsLeft == 0 || requestsLeft < 0 && forGood) {
                refused++;
                throw new OutOfMemoryError("no more of it");
            }
        }
    }

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void whicheverRequestForMemoryFailsNothingIsLostAndNothingIsHalfThere(boolean forGood, boolean hasAddresses)
            throws Exception {
        assumeTrue(!hasAddresses || ReadableRange.isAvailable());
        int refusals = 0;
        for (int request = 1; ; request++) {
            Failing memory = new Failing(request, forGood, hasAddresses);
            Path place = directory.resolve("request" + request);
            boolean[][] acknowledged = new boolean[WRITERS][WRITES];
            try (Store store = StoreAccess.open(new SystemDisk(), place, SMALL, AgentThread::new, memory)) {
                Thread[] writers = IntStream.range(0, WRITERS)
                        .mapToObj(i -> Thread.ofPlatform().start(() -> write(store, i, acknowledged[i])))
                        .toArray(Thread[]::new);
                for (Thread writer : writers) {
                    await(writer);
                }
                if (!forGood) {
                    store.put(bytes("later"), bytes("value"));
                }
                check(store, acknowledged, request);
            } catch (StoreFullException atOpen) {
                assertEquals(1, request, atOpen.getMessage());
            }
            if (memory.refused == 0) {
                assertEquals(hasAddresses, memory.committed > 0);
                break;
            }
            refusals++;
            if (request > 1) {
                try (Store store = Store.open(place, SMALL)) {
                    check(store, acknowledged, request);
                }
            }
        }
        assertTrue(refusals >= 4, refusals + " requests were refused");
    }

    /** Whatever interrupts this thread: to close the store under its writers would prove nothing. */
    private static void await(Thread writer) {
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(Store store, int writer, boolean[] acknowledged) {
        for (int i = 0; i < WRITES; i++) {
            try {
                if (i % 300 == 299) {
                    store.put(key(writer, i, 0), new byte[LARGE]);
                } else if (i % 30 == 1) {
                    store.put(key(writer, i, 0), bytes("value"));
                } else {
                    WriteBatch batch = new WriteBatch();
                    for (int n = 0; n < BATCH; n++) {
                        batch.put(key(writer, i, n), bytes("value"));
                    }
                    store.write(batch);
                }
                acknowledged[i] = true;
            } catch (StoreFullException refused) {
                // Nothing of it is stored.
            }
        }
    }

    private static byte[] key(int writer, int write, int number) {
        return bytes(writer + "-" + write + "-" + number);
    }

    private static void check(Store store, boolean[][] acknowledged, int request) {
        for (int writer = 0; writer < WRITERS; writer++) {
            for (int i = 0; i < WRITES; i++) {
                boolean single = i % 300 == 299 || i % 30 == 1;
                for (int n = 0; n < (single ? 1 : BATCH); n++) {
                    assertEquals(
                            acknowledged[writer][i],
                            store.contains(key(writer, i, n)),
                            writer + "-" + i + "-" + n + " after request " + request + " was refused");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatNeedsNoRoomInTheKeyDirectoryIsWrittenWithoutMemory(boolean hasAddresses) {
        assumeTrue(!hasAddresses || ReadableRange.isAvailable());
        Failing memory = new Failing(3, true, hasAddresses);
        try (Store store = StoreAccess.open(new SystemDisk(), directory, SMALL, AgentThread::new, memory)) {
            StoreFullException refused = assertThrows(StoreFullException.class, () -> {
                for (int i = 0; i < 60_000; i++) {
                    store.put(bytes("key" + i), bytes("value"));
                }
            });
            assertTrue(refused.getMessage().contains("key directory"), refused.getMessage());
            long count = store.count();
            store.put(bytes("key1"), bytes("other"));
            assertTrue(store.remove(bytes("key2")));
            assertNotNull(store.getBytes(bytes("key3")));
            assertArrayEquals(bytes("other"), store.getBytes(bytes("key1")));
            assertEquals(count - 1, store.count());
        }
    }
}
