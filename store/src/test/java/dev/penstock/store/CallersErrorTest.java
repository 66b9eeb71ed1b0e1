package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.engine.TransferAccess;
import dev.penstock.store.repair.RepairListener;
import dev.penstock.store.repair.StoreRepair;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
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
    /** One is enough for what nothing refers to. */
    private static final int MOST_COLLECTIONS = 20;

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
        MappedByteBuffer target = lost(LARGE + 100);
        for (String key : new String[] {"small", "large"}) {
            try (ValueView view = store.get(bytes(key));
                    Snapshot snapshot = store.snapshot();
                    ValueView ofSnapshot = snapshot.get(bytes(key))) {
                assertThrows(InternalError.class, () -> view.copyTo(0, target));
                assertThrows(InternalError.class, () -> ofSnapshot.copyTo(0, target));
            }
            assertThrows(
                    InternalError.class,
                    () -> StoreTransfer.of(store).copyFrame(Key.of(bytes(key)), target, target.capacity()));
            assertEquals(0, target.position());
        }
    }

    /** A mapping of a file that was cut off. */
    private MappedByteBuffer lost(int length) throws IOException {
        Path file = directory.resolve("lost");
        Files.write(file, new byte[length]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, length);
            channel.truncate(0);
            return mapped;
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
    void aValueThatCannotBeReadIsNotKept() throws InterruptedException {
        WeakReference<MemorySegment> failed = putOfAnotherThread();
        for (int i = 0; i < MOST_COLLECTIONS && failed.get() != null; i++) {
            System.gc();
        }
        assertNull(failed.get(), "the store keeps what it could not store");
    }

    /** In a method of its own, so that no variable keeps the segment. */
    private WeakReference<MemorySegment> putOfAnotherThread() throws InterruptedException {
        MemorySegment[] value = new MemorySegment[1];
        Thread owner = new Thread(() -> value[0] = Arena.ofConfined().allocate(100));
        owner.start();
        owner.join();
        assertThrows(
                WrongThreadException.class, () -> store.put(Key.of(bytes("other")), value[0], WriteOptions.defaults()));
        return new WeakReference<>(value[0]);
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

    /** A channel that the kernel does not know, and one that only looks like it. */
    private static WritableByteChannel failing(Throwable thrown) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer source) throws IOException {
                throw CallersErrorTest.<IOException>sneaky(thrown);
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> E sneaky(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private List<Throwable> errors() {
        return List.of(
                own,
                new StackOverflowError("of the caller"),
                new OutOfMemoryError("of the caller"),
                new IllegalStateException("of the caller"),
                new NoSuchFileException("of the caller"),
                new ClosedChannelException(),
                new StoreIoException("of the caller", new IOException("of the caller")));
    }

    @Test
    void anErrorOfAChannelReachesItsCaller() {
        for (Throwable error : errors()) {
            for (String key : new String[] {"small", "large"}) {
                try (ValueView view = store.get(bytes(key))) {
                    assertSame(error, assertThrows(Throwable.class, () -> view.writeTo(failing(error))));
                    assertEquals(view.length(), view.toByteArray().length);
                }
            }
        }
    }

    @Test
    void anErrorOfAChannelThatIsReadReachesItsCaller() {
        for (Throwable error : errors()) {
            for (boolean intoMapping : new boolean[] {false, true}) {
                try (ValueWriter writer = store.putStream(bytes("new"), LARGE)) {
                    ReadableByteChannel source = reading(target -> {
                        target.put((byte) 1);
                        throw CallersErrorTest.<IOException>sneaky(error);
                    });
                    Executable use = intoMapping
                            ? () -> TransferAccess.receiveIntoMapping(writer, source, 1000)
                            : () -> writer.readFrom(source, 1000);
                    assertSame(error, assertThrows(Throwable.class, use));
                }
            }
        }
        assertFalse(store.contains(bytes("new")));
    }

    @Test
    void anErrorOfAListenerReachesItsCaller() {
        store.setCompactionRate(0); // leaves something to compact
        int round = 0;
        for (Throwable error : List.of(own, new IllegalStateException("of the caller"))) {
            for (int i = 0; i < 4000; i++) {
                store.put(bytes("key" + i % 1000), new byte[1000]);
            }
            Path target = directory.resolve("target" + round++);
            Path repaired = directory.resolve("repaired" + round);
            RepairListener failing = (done, total) -> {
                throw CallersErrorTest.<RuntimeException>sneaky(error);
            };
            List<Executable> uses = List.of(
                    () -> store.backup(target, failing),
                    () -> store.copyTo(target, failing),
                    () -> store.compact(failing),
                    () -> StoreInspector.inspect(store.directory(), failing),
                    () -> StoreVerifier.verify(store.directory(), failing),
                    () -> StoreRepair.repair(store.directory(), repaired, false, failing));
            for (Executable use : uses) {
                assertSame(error, assertThrows(Throwable.class, use));
            }
            store.copyTo(target, ProgressListener.NONE);
        }
        store.compact(ProgressListener.NONE);
    }

    private interface Read {
        int into(ByteBuffer target) throws IOException;
    }

    private static ReadableByteChannel reading(Read read) {
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) throws IOException {
                return read.into(target);
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    /** As where another thread reads, and the channel gives up waiting for it. */
    @Test
    void aChannelThatFillsItsBufferTooLateChangesNoOtherValue() throws IOException {
        ByteBuffer[] late = new ByteBuffer[1];
        try (ValueWriter writer = store.putStream(bytes("late"), LARGE)) {
            assertThrows(
                    IOException.class,
                    () -> writer.readFrom(
                            reading(target -> {
                                late[0] = target.duplicate();
                                throw new IOException("timed out");
                            }),
                            1000));
        }
        try (ValueWriter writer = store.putStream(bytes("other"), LARGE)) {
            while (writer.remaining() > 0) {
                writer.readFrom(
                        reading(target -> {
                            int count = target.remaining();
                            target.put(new byte[count]);
                            late[0].put(0, (byte) 1);
                            return count;
                        }),
                        LARGE);
            }
            writer.commit();
        }
        assertArrayEquals(new byte[LARGE], store.getBytes(bytes("other")));
    }
}
