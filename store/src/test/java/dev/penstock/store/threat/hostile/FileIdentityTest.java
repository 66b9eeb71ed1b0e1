package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.PageLostException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.transfer.ValueFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file is what was opened: not what has its name later, and not what is left of it. */
class FileIdentityTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final int LARGE = 2 << 20;

    @TempDir
    Path directory;

    private List<Path> values() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value"))
                    .sorted()
                    .toList();
        }
    }

    /** A value writer that outlives its store touches nothing of the stores that come after. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWriterOfAClosedStoreEndsWithIt(boolean lengthIsKnown) throws IOException {
        byte[] value = random(LARGE, 1);
        Store first = Store.open(directory, SMALL);
        ValueWriter late = lengthIsKnown ? first.putStream(bytes("late"), LARGE) : first.putStream(bytes("late"));
        late.write(ByteBuffer.wrap(value, 0, 1_500_000));
        first.close();
        assertEquals(List.of(), values(), "the engine ends what was on its way");
        Store.open(directory, SMALL).close();
        try (Store third = Store.open(directory, SMALL)) {
            third.put(bytes("big"), value);
            third.sync();
            List<Path> before = values();
            assertThrows(StoreClosedException.class, () -> late.write(ByteBuffer.wrap(value, 0, 100)));
            late.close();
            assertEquals(before, values());
            assertArrayEquals(value, third.getBytes(bytes("big")));
        }
        try (Store fourth = Store.open(directory, SMALL)) {
            assertArrayEquals(value, fourth.getBytes(bytes("big")));
        }
    }

    @Test
    void aCommitOfAClosedStoreIsRefused() throws IOException {
        Store first = Store.open(directory, SMALL);
        ValueWriter late = first.putStream(bytes("late"), LARGE);
        late.write(ByteBuffer.wrap(random(LARGE, 1)));
        first.close();
        try (Store second = Store.open(directory, SMALL)) {
            assertThrows(StoreClosedException.class, late::commit);
            assertEquals(0, second.count());
        }
    }

    /**
     * An interrupted thread and all others read the view of a value whose file is deleted, and whose name is another's.
     */
    @Test
    void aViewOfADeletedValueIsReadByInterruptedThreadsAndOthers() throws Exception {
        byte[] value = random(LARGE, 1);
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("big"), value);
            try (ValueView view = store.get(bytes("big"))) {
                Path file = values().getFirst();
                store.remove(bytes("big"));
                store.sync();
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                while (Files.exists(file)) {
                    assertTrue(System.nanoTime() < deadline, "the file stays");
                    Thread.onSpinWait();
                }
                Files.write(file, random(LARGE + 10_000, 2));
                for (boolean interrupted : new boolean[] {true, false}) {
                    if (interrupted) {
                        Thread.currentThread().interrupt();
                    }
                    ByteArrayOutputStream stream = new ByteArrayOutputStream();
                    assertEquals(LARGE, view.writeTo(Channels.newChannel(stream)));
                    assertArrayEquals(value, stream.toByteArray());
                    assertEquals(interrupted, Thread.interrupted());
                    Path target = Files.createTempFile("penstock", ".out");
                    try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
                        if (interrupted) {
                            Thread.currentThread().interrupt();
                        }
                        assertEquals(LARGE, view.writeTo(channel));
                        assertEquals(interrupted, Thread.interrupted());
                    }
                    assertArrayEquals(value, Files.readAllBytes(target));
                    Files.delete(target);
                    assertArrayEquals(value, view.toByteArray());
                }
                Files.delete(file);
            }
        }
    }

    /**
     * Nothing that reads makes a file longer: what was cut off is not served as zeros, and not healed by a reopening.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aValueFileThatWasCutIsNamedAndStaysCut(boolean reopenedFirst) throws IOException {
        byte[] value = random(LARGE, 1);
        Store store = Store.open(directory, SMALL);
        store.put(bytes("big"), value);
        if (reopenedFirst) {
            store.close();
            store = Store.open(directory, SMALL);
        }
        Path file = values().getFirst();
        long cut = 1_000_000;
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(cut);
        }
        for (Read read : List.<Read>of(
                ValueView::toByteArray,
                ValueView::segment,
                view -> view.getByte(LARGE - 1),
                view -> view.copyTo(0, ByteBuffer.allocate(LARGE)),
                view -> ValueFrame.copy(view, 0, ByteBuffer.allocate(LARGE)),
                view -> view.writeTo(Channels.newChannel(new ByteArrayOutputStream())),
                view -> ValueFrame.of(view).read(0, ByteBuffer.allocate(LARGE)),
                view -> writeToFile(view))) {
            Store reading = store;
            Exception refused = assertThrows(Exception.class, () -> {
                try (ValueView view = reading.get(bytes("big"))) {
                    read.of(view);
                }
            });
            assertTrue(refused.getMessage().contains(file.getFileName().toString()), refused.toString());
            assertTrue(
                    refused.getMessage().contains("cut short") || refused instanceof PageLostException,
                    refused.toString());
            assertEquals(cut, Files.size(file));
        }
        store.put(bytes("small"), bytes("value"));
        store.close();
        CorruptionException refused = assertThrows(CorruptionException.class, () -> Store.open(directory, SMALL));
        assertTrue(refused.getMessage().contains(file.getFileName().toString()), refused.getMessage());
        assertEquals(cut, Files.size(file));
    }

    private interface Read {

        void of(ValueView view) throws IOException;
    }

    private static void writeToFile(ValueView view) throws IOException {
        Path target = Files.createTempFile("penstock", ".out");
        try (WritableByteChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            view.writeTo(channel);
        } finally {
            Files.delete(target);
        }
    }
}
