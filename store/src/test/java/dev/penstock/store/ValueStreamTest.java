package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.transfer.ValueIntake;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that arrive in pieces, of a length that is known at the end: there whole after the commit, or not at all. */
@Tag("slow")
class ValueStreamTest {

    private static final StoreOptions SMALL =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);
    private static final long GIB = 1L << 30;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, 32_767, 32_768, 262_143, 262_144, 262_145, 9_999_999, 10_000_000})
    void aValueOfUnknownLengthComesOutAsItWentIn(int length) throws IOException {
        byte[] value = random(length, length);
        try (Store store = Store.open(directory, SMALL)) {
            try (ValueWriter writer = store.putStream(bytes("written"))) {
                for (int done = 0; done < length; ) {
                    int count = Math.min(length - done, 1 + done / 3 % 100_000);
                    assertEquals(count, writer.write(ByteBuffer.wrap(value, done, count)));
                    done += count;
                }
                assertNull(store.get(bytes("written")), "not before the commit");
                writer.commit();
            }
            try (ValueWriter writer = store.putStream(bytes("read"));
                    ReadableByteChannel source = Channels.newChannel(new ByteArrayInputStream(value))) {
                while (writer.readFrom(source, 70_000) >= 0) {
                    // Until its end.
                }
                writer.commit();
            }
        }
        try (Store store = Store.open(directory, SMALL)) {
            assertArrayEquals(value, store.getBytes(bytes("written")));
            assertArrayEquals(value, store.getBytes(bytes("read")));
        }
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    /** The mapping grows with the file. A value that is finished in another way leaves a mapping that is too short. */
    @ParameterizedTest
    @ValueSource(ints = {100, 5_000_000, 9_999_999, 10_000_000})
    void aValueThatIsReadIntoTheMappingUpToAnyByteComesOutAsItWentIn(int mapped) throws IOException {
        byte[] value = random(10_000_000, mapped);
        try (Store store = Store.open(directory, SMALL);
                ValueWriter writer = store.putStream(bytes("key"), value.length);
                ReadableByteChannel source = Channels.newChannel(new ByteArrayInputStream(value))) {
            while (value.length - writer.remaining() < mapped) {
                int missing = mapped - (int) (value.length - writer.remaining());
                assertTrue(ValueIntake.readIntoMapping(writer, source, missing) > 0);
            }
            while (writer.remaining() > 0) {
                assertTrue(writer.readFrom(source, Integer.MAX_VALUE) > 0);
            }
            writer.commit();
            assertArrayEquals(value, store.getBytes(bytes("key")));
        }
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    /** A caller may allow far more than the channel has. */
    @Test
    void readingIntoTheMappingTakesNoMoreRoomThanWhatHasArrived() throws IOException {
        try (Store store = Store.open(directory, SMALL);
                ValueWriter writer = store.putStream(bytes("key"), 500_000_000);
                ReadableByteChannel source = Channels.newChannel(new ByteArrayInputStream(new byte[3 << 20]))) {
            int read;
            do {
                read = ValueIntake.readIntoMapping(writer, source, Integer.MAX_VALUE);
            } while (read > 0);
            assertEquals(500_000_000 - (3 << 20), writer.remaining());
            assertTrue(largeFileBytes() <= 5 << 20, largeFileBytes() + " bytes");
        }
    }

    @Test
    void piecesEndWhereLargeBlocksOfPagesDo() throws IOException {
        byte[] value = random(900_000, 1);
        try (Store store = Store.open(directory, SMALL)) {
            try (ValueWriter writer = store.putStream(bytes("small"))) {
                assertEquals(256 << 10, ValueIntake.pieceLength(writer), "nothing to align to");
            }
            try (ValueWriter writer = store.putStream(bytes("key"), value.length)) {
                int done = writer.write(ByteBuffer.wrap(value, 0, 1000));
                done += writer.write(ByteBuffer.wrap(value, done, ValueIntake.pieceLength(writer)));
                assertEquals(256 << 10, ValueIntake.pieceLength(writer), "at a boundary");
                done += writer.write(ByteBuffer.wrap(value, done, 300_000));
                assertEquals((512 << 10) - 300_000, ValueIntake.pieceLength(writer), "as far as the next");
                int boundary = done + ValueIntake.pieceLength(writer);
                ReadableByteChannel rest =
                        Channels.newChannel(new ByteArrayInputStream(value, done, value.length - done));
                while (done < boundary) {
                    done += writer.readFrom(rest, 1 << 20);
                }
                assertEquals(boundary, done, "what is read goes no further");
                writer.write(ByteBuffer.wrap(value, done, value.length - done));
                writer.commit();
            }
            assertArrayEquals(value, store.getBytes(bytes("key")));
        }
    }

    @Test
    void aStreamThatIsNotCommittedOrComesTooLateLeavesNothing() throws IOException {
        try (Store store = Store.open(directory, SMALL)) {
            try (ValueWriter writer = store.putStream(bytes("key"))) {
                writer.write(ByteBuffer.wrap(random(600_000, 1)));
            }
            assertEquals(0, largeFiles());
            try (ValueWriter writer = store.putStream(bytes("key"))) {
                writer.write(ByteBuffer.wrap(random(600_000, 1)));
                store.put(bytes("key"), bytes("first"));
                assertFalse(writer.commit(WriteOptions.defaults().ifVersion(0)));
            }
            assertEquals(0, largeFiles());
            assertArrayEquals(bytes("first"), store.getBytes(bytes("key")));
        }
    }

    @Test
    void aStreamThatFillsTheDiskIsRefusedAndTheStoreGoesOn() throws IOException {
        boolean[] full = new boolean[1];
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (full[0] && call == WatchedDisk.Call.ALLOCATE) {
                throw new DiskFullException(path + ": no room");
            }
        });
        try (Store store = Store.open(disk, directory, SMALL)) {
            try (ValueWriter writer = store.putStream(bytes("key"))) {
                writer.write(ByteBuffer.wrap(random(5 << 20, 1)));
                full[0] = true;
                ByteBuffer more = ByteBuffer.wrap(random(20 << 20, 2));
                assertThrows(StoreFullException.class, () -> writer.write(more));
            }
            full[0] = false;
            assertEquals(0, largeFiles());
            store.put(bytes("key"), bytes("value"));
            assertArrayEquals(bytes("value"), store.getBytes(bytes("key")));
        }
    }

    /** The error may come where what was gathered in memory moves to a file, or later. */
    @ParameterizedTest
    @ValueSource(ints = {200_000, 5 << 20})
    void aStreamThatFailedOnceIsNeverCommitted(int begun) throws IOException {
        boolean[] full = new boolean[1];
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (full[0] && call == WatchedDisk.Call.ALLOCATE) {
                throw new DiskFullException(path + ": no room");
            }
        });
        try (Store store = Store.open(disk, directory, SMALL)) {
            store.put(bytes("key"), bytes("old"));
            try (ValueWriter writer = store.putStream(bytes("key"))) {
                writer.write(ByteBuffer.wrap(random(begun, 1)));
                full[0] = true;
                ByteBuffer more = ByteBuffer.wrap(random(20 << 20, 2));
                assertThrows(StoreFullException.class, () -> writer.write(more));
                full[0] = false;
                assertThrows(StoreFullException.class, () -> writer.write(more));
                assertThrows(StoreFullException.class, writer::commit);
            }
            assertEquals(0, largeFiles());
            assertArrayEquals(bytes("old"), store.getBytes(bytes("key")));
        }
        assertEquals(
                List.of(),
                StoreVerifier.verify(directory, ProgressListener.NONE).findings());
    }

    /** The channel may have given bytes before, which no later call gives again. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 5 << 20})
    void aStreamWhoseSourceFailedIsNeverCommitted(int begun) throws IOException {
        IOException broken = new IOException("Connection reset");
        ReadableByteChannel source = new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) throws IOException {
                throw broken;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        try (Store store = Store.open(directory, SMALL)) {
            try (ValueWriter writer = store.putStream(bytes("key"))) {
                writer.write(ByteBuffer.wrap(random(begun, 1)));
                assertSame(broken, assertThrows(IOException.class, () -> writer.readFrom(source, 10)));
                assertThrows(StoreIoException.class, writer::commit);
            }
            assertFalse(store.contains(bytes("key")));
            assertEquals(0, largeFiles());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WatchedDisk.Call.class,
            names = {"ALLOCATE", "TRUNCATE"})
    void aStreamWhoseFileCannotBeEndedLeavesNothing(WatchedDisk.Call failing) throws IOException {
        boolean[] broken = new boolean[1];
        WatchedDisk disk = new WatchedDisk((call, path) -> {
            if (broken[0] && call == failing && path.toString().endsWith(".value")) {
                throw new DiskFullException(path + ": no room");
            }
        });
        try (Store store = Store.open(disk, directory, SMALL)) {
            try (ValueWriter writer = store.putStream(bytes("key"))) {
                writer.write(ByteBuffer.wrap(random(600_000, 1)));
                broken[0] = true;
                assertThrows(StoreFullException.class, writer::commit);
            }
            assertEquals(0, largeFiles());
            assertFalse(store.contains(bytes("key")));
        }
    }

    @Test
    void aPartOfAValueIsASliceOfThePage() {
        byte[] value = random(700_000, 3);
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("key"), value);
            try (ValueView view = store.get(bytes("key"))) {
                byte[] part = view.slice(123_456, 1000).toArray(ValueLayout.JAVA_BYTE);
                assertArrayEquals(java.util.Arrays.copyOfRange(value, 123_456, 124_456), part);
                assertEquals(value[699_999], view.getByte(699_999));
                assertEquals(ByteBuffer.wrap(value).getLong(77_777), view.getLong(77_777, ByteOrder.BIG_ENDIAN));
                assertEquals(
                        Long.reverseBytes(view.getLong(1, ByteOrder.BIG_ENDIAN)),
                        view.getLong(1, ByteOrder.LITTLE_ENDIAN));
                assertThrows(IndexOutOfBoundsException.class, () -> view.getLong(699_993, ByteOrder.BIG_ENDIAN));
                assertEquals(0, view.slice(700_000, 0).byteSize());
                assertThrows(IndexOutOfBoundsException.class, () -> view.slice(699_999, 2));
            }
        }
    }

    /** More than an int can count through a heap of 64 MiB; the nightly run takes five GiB. */
    @Test
    @Timeout(600)
    void aValueManyTimesAsLargeAsTheHeapGoesInAndOut() throws IOException, InterruptedException {
        long length = Long.getLong("penstock.largeValue", 2 * GIB + (64 << 20));
        long room = Files.getFileStore(directory).getUsableSpace();
        assumeTrue(room > length + 2 * GIB, "skipped: only " + room / GIB + " GiB of disk are left");
        Path output = directory.resolve("output");
        Process child = new ProcessBuilder(TestJvm.command(
                        "-Xmx64m",
                        "-XX:MaxDirectMemorySize=16m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeValueRoundTrip.class.getName(),
                        directory.resolve("store").toString(),
                        Long.toString(length)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertEquals(0, child.waitFor(), () -> read(output));
        assertTrue(read(output).contains("sound"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private long largeFileBytes() throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".value")).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private long largeFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }
}
