package dev.penstock.store.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a frame leaves its file, the bytes are those of the value; where a way is not to be had it says so. */
class ValueFrameTest {

    private static final byte[] KEY = {'k'};
    private static final byte[] OTHER_KEY = {'o'};

    @TempDir
    Path directory;

    /** Some of the frame from an offset on, to the end of the array or of the frame; returns how much. */
    private interface Way {
        long move(ValueFrame frame, long offset, ByteBuffer target) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 40_000, 1_048_577, 9_000_001})
    void everyWayGivesTheSameBytes(int length) throws IOException {
        try (Store store = store()) {
            byte[] expected = put(store, KEY, length);
            assertArrayEquals(expected, whole(store, (frame, offset, target) -> frame.read(offset, target)));
            assertArrayEquals(
                    expected,
                    whole(store, (frame, offset, target) -> frame.writeMapped(into(target), offset, 100_000)));
            assertArrayEquals(
                    expected, whole(store, (frame, offset, target) -> frame.transferTo(into(target), offset, 100_000)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 40_000, 1_048_577, 9_000_001})
    void readsPastThePageCacheGiveTheSameBytesWhateverTheirAlignment(int length) throws IOException {
        try (Store store = store();
                Arena arena = Arena.ofConfined()) {
            byte[] expected = put(store, KEY, length);
            ByteBuffer buffer =
                    arena.allocate(64 * 1024, ValueFrame.DIRECT_ALIGNMENT).asByteBuffer();
            try (ValueView view = store.get(KEY)) {
                assumeTrue(
                        ValueFrame.of(view).readUncached(0, 1, buffer) != ValueFrame.UNSUPPORTED, "no O_DIRECT here");
            }
            int[] steps = {1, 4095, 65_536, 7};
            int[] step = {0};
            assertArrayEquals(expected, whole(store, (frame, offset, target) -> {
                long count = frame.readUncached(offset, steps[step[0]++ % steps.length] + 5000L, buffer);
                assertEquals(buffer.remaining(), count);
                target.put(buffer);
                return count;
            }));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_048_577, 9_000_001})
    void aValueGoesThroughAPipeIntoAnotherWithItsChecksum(int length) throws IOException {
        try (Store store = store();
                SplicePipe pipe = SplicePipe.open()) {
            assumeTrue(pipe != null, "no pipes here");
            byte[] frame = put(store, KEY, length);
            try (ValueView view = store.get(KEY);
                    ValueWriter writer = store.putStream(OTHER_KEY, length)) {
                long offset = ValueFrame.of(view).prefixLength();
                while (writer.remaining() > 0) {
                    long moved = ValueFrame.of(view).splice(pipe, offset, 100_000);
                    assertTrue(moved > 0);
                    assertEquals(moved, pipe.content());
                    offset += moved;
                    while (pipe.content() > 0 && writer.remaining() > 0) {
                        assertTrue(ValueIntake.spliceFrom(writer, pipe) > 0);
                    }
                }
                assertEquals(length + ValueFrame.of(view).prefixLength(), offset - pipe.content(), "no byte too many");
                writer.commit();
            }
            store.get(KEY).close();
            try (ValueView copy = store.get(OTHER_KEY)) { // verified on read
                byte[] whole = new byte[frame.length];
                ValueFrame.copy(copy, 0, ByteBuffer.wrap(whole));
                assertArrayEquals(frame, whole);
            }
        }
    }

    /** The Javadoc promises it for every length; values in files of their own were left out. */
    @Test
    void aFrameThatFitsIsCopiedWhateverFileItsValueLiesIn() throws IOException {
        try (Store store = store()) {
            for (int length : new int[] {0, 100, 40_000, 1 << 20, 3 << 20}) {
                byte[] key = ("key" + length).getBytes(US_ASCII);
                byte[] frame = put(store, key, length);
                ByteBuffer target = ByteBuffer.allocate((4 << 20) + 1).position(1);
                assertEquals(frame.length, StoreTransfer.of(store).copyFrame(Key.of(key), target, 4 << 20));
                assertArrayEquals(frame, Arrays.copyOfRange(target.array(), 1, target.position()));

                target.position(1);
                assertEquals(frame.length, StoreTransfer.of(store).copyFrame(Key.of(key), target, frame.length - 1));
                assertEquals(1, target.position(), "longer than was asked for");
            }
        }
    }

    @Test
    void aSmallValueInThePipeIsLeftThere() throws IOException {
        try (Store store = store();
                SplicePipe pipe = SplicePipe.open()) {
            assumeTrue(pipe != null, "no pipes here");
            put(store, KEY, 100);
            try (ValueView view = store.get(KEY);
                    ValueWriter writer = store.putStream(OTHER_KEY, 10)) {
                ValueFrame.of(view).splice(pipe, 0, 10);
                assertEquals(-1, ValueIntake.spliceFrom(writer, pipe));
                assertEquals(10, pipe.content());
            }
        }
    }

    @Test
    void aFileWhoseNameIsGoneIsReadInEveryWayAllTheSame() throws IOException {
        byte[] expected;
        try (Store store = store()) {
            expected = put(store, KEY, 1_048_577);
        }
        try (Store store = store();
                SplicePipe pipe = SplicePipe.open();
                Arena arena = Arena.ofConfined()) {
            assumeTrue(pipe != null, "no pipes here");
            try (ValueView view = store.get(KEY)) {
                deleteFileOf(1_048_577);
                ValueFrame frame = ValueFrame.of(view);
                ByteBuffer buffer = arena.allocate(8192, 4096).asByteBuffer();
                assertEquals(1000, frame.splice(pipe, 0, 1000));
                if (frame.readUncached(0, 1000, buffer) != ValueFrame.UNSUPPORTED) {
                    byte[] beginning = new byte[buffer.remaining()];
                    buffer.get(beginning);
                    assertArrayEquals(Arrays.copyOf(expected, 1000), beginning);
                }
                ByteBuffer whole = ByteBuffer.allocate(expected.length);
                assertEquals(expected.length, frame.read(0, whole));
                assertArrayEquals(expected, whole.array());
            }
        }
    }

    @Test
    void whatWasJustWrittenIsResident() {
        try (Store store = store()) {
            put(store, KEY, 9_000_001);
            try (ValueView view = store.get(KEY)) {
                assertTrue(ValueFrame.of(view).isResident(0, Long.MAX_VALUE));
            }
        }
    }

    @Test
    void afterItsViewIsClosedNothingLeaves() {
        try (Store store = store()) {
            put(store, KEY, 40_000);
            ValueView view = store.get(KEY);
            ValueFrame frame = ValueFrame.of(view);
            view.close();
            ByteBuffer target = ByteBuffer.allocate(10);
            assertThrows(StoreClosedException.class, () -> frame.read(0, target));
            assertThrows(StoreClosedException.class, () -> frame.transferTo(into(target), 0, 10));
            assertThrows(StoreClosedException.class, () -> frame.writeMapped(into(target), 0, 10));
            assertThrows(StoreClosedException.class, () -> frame.isResident(0, 10));
        }
    }

    /** As a delete or a compaction does while the view is open. */
    private void deleteFileOf(long length) throws IOException {
        int deleted = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (Files.size(file) >= length && Files.size(file) < 2 * length) {
                    Files.delete(file);
                    deleted++;
                }
            }
        }
        assertEquals(1, deleted);
    }

    private Store store() {
        return Store.open(
                directory, StoreOptions.defaults().withSegmentSize(8L << 20).withVerifyOnRead(true));
    }

    /** Puts random bytes and returns their frame. */
    private static byte[] put(Store store, byte[] key, int length) {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        store.put(key, value);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(("$" + length + "\r\n").getBytes(US_ASCII));
        frame.writeBytes(value);
        frame.writeBytes(new byte[] {'\r', '\n'});
        return frame.toByteArray();
    }

    private static byte[] whole(Store store, Way way) throws IOException {
        try (ValueView view = store.get(KEY)) {
            ValueFrame frame = ValueFrame.of(view);
            ByteBuffer target = ByteBuffer.allocate((int) frame.length());
            long offset = 0;
            while (offset < frame.length()) {
                long moved = way.move(frame, offset, target);
                assertTrue(moved > 0, "stuck at " + offset);
                offset += moved;
                assertEquals(offset, target.position());
            }
            return target.array();
        }
    }

    private static WritableByteChannel into(ByteBuffer target) {
        return Channels.newChannel(new java.io.OutputStream() {
            @Override
            public void write(int b) {
                target.put((byte) b);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                target.put(bytes, from, length);
            }
        });
    }
}
