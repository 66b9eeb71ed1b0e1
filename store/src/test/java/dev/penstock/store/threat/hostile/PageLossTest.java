package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.Expiries;
import dev.penstock.store.Key;
import dev.penstock.store.PageLostException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.TestJvm;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Something makes a file of an open store shorter. Every public operation that meets a page which is gone says which
 * file it was, in the interpreter and however it is compiled; the store continues taking writes.
 */
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public class PageLossTest {

    private static final StoreOptions SMALL =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xint",
                "-XX:TieredStopAtLevel=1 -XX:Tier3InvocationThreshold=100 -XX:Tier3BackEdgeThreshold=1000 -Xbatch",
                "-XX:-TieredCompilation -XX:CompileThreshold=100 -Xbatch"
            })
    void everyOperationThatMeetsALostPageSaysSoAndTheStoreGoesOn(String mode) throws Exception {
        List<String> command = TestJvm.command();
        command.addAll(List.of(mode.split(" ")));
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LostPages.class.getName(),
                directory.toString(),
                Boolean.toString(!mode.equals("-Xint"))));
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, child.waitFor(), output);
            List<String> lines = output.lines().toList();
            assertTrue(lines.size() == 1 && lines.getFirst().endsWith(" operations"), output);
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void aLostPageOfASealedSegmentConcernsThatSegmentAlone() throws IOException {
        try (Store store = Store.open(directory, SMALL)) {
            for (int i = 0; i < 600; i++) {
                store.put(
                        bytes("key" + i),
                        new byte[4_000],
                        Expiries.expiring(i == 200 ? System.currentTimeMillis() + 1 : Expiries.NO_EXPIRY));
            }
            cut("0000000001.log", 64 << 10);
            PageLostException lost = assertThrows(PageLostException.class, () -> store.getBytes(bytes("key150")));
            assertEquals("0000000001.log", lost.file());
            assertEquals(64 << 10, lost.offset());
            assertThrows(PageLostException.class, () -> store.put(bytes("key150"), bytes("new")));
            assertArrayEquals(new byte[4_000], store.getBytes(bytes("key1")));
            store.put(bytes("after"), bytes("value"));
            StoreAccess.sweepExpired(store);
            store.remove(bytes("key599"));
            store.compact(ProgressListener.NONE);
            store.sync();
        }
        assertThrows(CorruptionException.class, () -> Store.open(directory, SMALL));
    }

    /** The clock is asked between the header of a record and its value. */
    @Test
    void aValueThatIsReplacedWhileItsLostPageIsReadIsReadAnew() throws IOException {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        InstantSource clock = () -> {
            meanwhile.getAndSet(() -> {}).run();
            return Instant.EPOCH;
        };
        try (Store store = Store.open(directory, SMALL.withClock(clock))) {
            store.put(bytes("key"), new byte[16_000], Expiries.expiring(1));
            for (int i = 0; i < 100; i++) {
                store.put(bytes("later" + i), new byte[16_000]);
            }
            cut("0000000001.log", 4 << 10);
            ByteBuffer target = ByteBuffer.allocateDirect(20_000);
            meanwhile.set(() -> store.put(bytes("key"), bytes("new")));
            StoreTransfer.of(store).copyFrame(Key.of(bytes("key")), target, target.capacity());
            assertEquals(
                    "$3\r\nnew\r\n",
                    StandardCharsets.UTF_8.decode(target.flip()).toString());
        }
    }

    @Test
    void aLostPageOfTheTailFailsTheStore() throws IOException {
        Logger.getLogger("dev.penstock.store").setLevel(Level.OFF);
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("before"), new byte[4_000]);
            cut("0000000001.log", 8 << 10);
            assertThrows(StoreFailedException.class, () -> {
                for (int i = 0; i < 10; i++) {
                    store.put(bytes("key" + i), new byte[4_000]);
                }
            });
            assertThrows(StoreFailedException.class, () -> store.put(bytes("after"), bytes("value")));
            assertArrayEquals(new byte[4_000], store.getBytes(bytes("before")), "reads go on");
        } finally {
            Logger.getLogger("dev.penstock.store").setLevel(null);
        }
    }

    private void cut(String name, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(directory.resolve(name), StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }
}
