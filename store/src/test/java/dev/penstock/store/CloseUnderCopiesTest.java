package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.penstock.store.transfer.StoreTransfer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever copies a frame while the store is closed is told that it is closed, and nothing else. */
@Timeout(300)
class CloseUnderCopiesTest {

    private static final int ROUNDS = 20;
    private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
    private static final int VALUE_LENGTH = 900_000;

    @TempDir
    Path directory;

    @Test
    void aCopyUnderWayEndsWithStoreClosed() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Store store = Store.open(directory.resolve("round" + round));
            CompletableFuture<Throwable> end = new CompletableFuture<>();
            try {
                store.put(KEY, new byte[VALUE_LENGTH]);
                CountDownLatch copying = new CountDownLatch(3);
                Thread.ofPlatform().start(() -> end.complete(copyUntilItFails(store, copying)));
                copying.await();
            } finally {
                store.close();
            }
            assertInstanceOf(StoreClosedException.class, end.get(60, TimeUnit.SECONDS), "round " + round);
        }
    }

    private static Throwable copyUntilItFails(Store store, CountDownLatch copying) {
        ByteBuffer target = ByteBuffer.allocateDirect(VALUE_LENGTH + 64);
        Key key = new Key();
        key.set(KEY);
        try {
            for (; ; ) {
                StoreTransfer.of(store).copyFrame(key, target.clear(), target.capacity());
                copying.countDown();
            }
        } catch (Throwable end) {
            return end;
        }
    }
}
