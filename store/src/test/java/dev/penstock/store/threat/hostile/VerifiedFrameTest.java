package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.Key;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A read that is verified looks at the frame around a value too: a client believes the length that stands there. */
public class VerifiedFrameTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);

    @TempDir
    Path directory;

    @Test
    void everyFlippedByteOfAFrameIsNamedByReadsAndByVerify() throws IOException {
        assertEveryByteCounts(bytes("hello"), "0000000001.log", 7);
    }

    @Test
    void everyFlippedByteOfAnAlignedFrameIsNamed() throws IOException {
        assertEveryByteCounts(random(40_000, 1), "0000000001.log", 4);
    }

    @Test
    void everyFlippedByteOfALargeFrameIsNamed() throws IOException {
        assertEveryByteCounts(random(300_000, 1), "0000000001.value", 4);
    }

    /** @param flipped the bit that is flipped, in each byte of the frame that is none of the value */
    private void assertEveryByteCounts(byte[] value, String name, int flipped) throws IOException {
        byte[] key = bytes("key");
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(key, value);
            store.put(bytes("other"), bytes("value"));
        }
        Path file = directory.resolve(name);
        byte[] all = Files.readAllBytes(file);
        byte[] prefix = ("$" + value.length + "\r\n").getBytes(US_ASCII);
        int valueStart = indexOf(all, value);
        int start = valueStart - prefix.length;
        int end = valueStart + value.length;
        IntStream frame = IntStream.concat(IntStream.range(start, valueStart), IntStream.range(end, end + 2));
        for (int at : frame.toArray()) {
            write(file, at, (byte) (all[at] ^ 1 << flipped));
            try (Store store = Store.open(directory, OPTIONS)) {
                String what = "byte " + at;
                ByteBuffer target = ByteBuffer.allocate(value.length + 20);
                CorruptionException refused = assertThrows(CorruptionException.class, () -> store.getBytes(key), what);
                assertEquals(name, refused.file());
                assertThrows(CorruptionException.class, () -> store.get(key), what);
                // The frame of a large value is sent by way of a view, which cannot be had.
                assertThrows(
                        CorruptionException.class,
                        () -> StoreTransfer.of(store).copyFrame(Key.of(key, 0, 3), target, value.length + 20));
                assertEquals(0, target.position(), what);
                assertThrows(CorruptionException.class, () -> store.forEach((k, v) -> {}), what);
                assertNotNull(store.getBytes(bytes("other")));
            }
            assertFalse(StoreVerifier.verify(directory, ProgressListener.NONE).isSound(), "byte " + at);
            write(file, at, all[at]);
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }

    private static void write(Path file, int at, byte value) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {value}), at);
        }
    }

    static int indexOf(byte[] bytes, byte[] part) {
        return IntStream.range(0, bytes.length - part.length)
                .filter(at -> java.util.Arrays.equals(bytes, at, at + part.length, part, 0, part.length))
                .findFirst()
                .orElseThrow();
    }
}
