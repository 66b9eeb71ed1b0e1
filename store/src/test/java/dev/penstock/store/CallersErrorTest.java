package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** An error of the caller's own code or memory reaches the caller as it is, and does nothing to the store. */
@Timeout(60)
class CallersErrorTest {

    private static final int LARGE = 2 << 20;

    @TempDir
    Path directory;

    private final InternalError own = new InternalError("of the caller");
    private Store store;

    @BeforeEach
    void open() {
        store = Store.open(directory.resolve("store"), StoreOptions.defaults().withSegmentSize(1 << 20));
        store.put(bytes("small"), random(100, 1));
        store.put(bytes("large"), random(LARGE, 2));
    }

    @AfterEach
    void isSound() {
        assertFalse(store.hasFailed());
        assertArrayEquals(random(100, 1), store.getBytes(bytes("small")));
        assertArrayEquals(random(LARGE, 2), store.getBytes(bytes("large")));
        store.put(bytes("small"), bytes("value"));
        store.close();
    }

    private void assertOwn(Executable use) {
        assertSame(own, assertThrows(InternalError.class, use));
    }

    @Test
    void anErrorOfAFunctionThatReadsAValueReachesItsCaller() {
        for (String key : new String[] {"small", "large"}) {
            try (ValueView view = store.get(bytes(key))) {
                assertOwn(() -> view.read(value -> {
                    throw own;
                }));
            }
        }
    }

    @Test
    void anErrorOfAVisitorReachesItsCaller() {
        assertOwn(() -> store.forEach((key, value) -> {
            throw own;
        }));
        try (Snapshot snapshot = store.snapshot()) {
            assertOwn(() -> snapshot.forEach((key, value) -> {
                throw own;
            }));
        }
    }

    @Test
    void aTargetThatHasLostItsPagesIsNotTakenForTheValue() throws IOException {
        Path file = directory.resolve("target");
        Files.write(file, new byte[1 << 16]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                ValueView view = store.get(bytes("small"))) {
            MappedByteBuffer target = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 16);
            channel.truncate(0);
            assertThrows(InternalError.class, () -> view.copyTo(0, target));
        }
    }

    @Test
    void aTargetThatIsReleasedIsNotTakenForAClosedStore() {
        ByteBuffer target;
        try (Arena arena = Arena.ofConfined()) {
            target = arena.allocate(100).asByteBuffer();
        }
        try (ValueView view = store.get(bytes("small"))) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> view.copyTo(0, target));
            assertEquals("Already closed", thrown.getMessage());
        }
    }

    @Test
    void aNegativeLengthIsRefused() {
        WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream());
        try (ValueView view = store.get(bytes("small"))) {
            assertThrows(IllegalArgumentException.class, () -> view.writeTo(nowhere, 1, -5));
        }
    }

    @Test
    void aLargeValueOfAnArrayOfNumbersIsStored() {
        store.put(Key.of(bytes("numbers")), MemorySegment.ofArray(new int[LARGE / 4]), WriteOptions.defaults());
        assertArrayEquals(new byte[LARGE], store.getBytes(bytes("numbers")));
    }

    @Test
    void aListenerOfCompactionCannotCompact() {
        for (int i = 0; i < 30_000; i++) {
            store.put(bytes("key" + i % 10_000), new byte[100]);
        }
        assertThrows(IllegalStateException.class, () -> store.compact((done, total) -> store.compact((_, _) -> {})));
        store.compact((done, total) -> {});
    }

    @Test
    void aConsistentReadIsNotUsedWithinItself() {
        ConsistentRead read = store.consistentRead();
        read.add(bytes("small"));
        assertThrows(IllegalStateException.class, () -> read.run(() -> read.run(() -> {})));
        read.add(bytes("small"));
        assertThrows(IllegalStateException.class, () -> read.run(() -> read.add(bytes("large"))));
        read.add(bytes("small"));
        int[] runs = new int[1];
        read.run(() -> runs[0]++);
        assertEquals(1, runs[0]);
    }
}
