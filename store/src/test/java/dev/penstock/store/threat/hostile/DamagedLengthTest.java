package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The length in a record is damaged while the store is open. */
class DamagedLengthTest {

    @TempDir
    Path directory;

    /** Whatever the length says, neither another record's bytes are shown nor those behind the file. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aValueThatReachesBeyondItsFileIsDamageForEveryRead(boolean verifyOnRead) throws IOException {
        StoreOptions options = StoreOptions.defaults().withVerifyOnRead(verifyOnRead);
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, options.segmentSize()}) {
            Path place = directory.resolve("length" + length);
            try (Store store = Store.open(place, options)) {
                store.put(bytes("key"), bytes("value"));
                try (FileChannel log = FileChannel.open(place.resolve("0000000001.log"), StandardOpenOption.WRITE)) {
                    ByteBuffer forged = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    log.write(forged.putLong(0, length), SegmentHeader.LENGTH + RecordLayout.VALUE_LENGTH_OFFSET);
                }
                Key key = Key.of(bytes("key"));
                List<Executable> reads = List.of(
                        () -> store.getBytes(bytes("key")),
                        () -> store.get(bytes("key")).close(),
                        () -> store.getAll(List.of(bytes("key")), (index, value) -> value.length()),
                        () -> store.forEach((found, value) -> value.length()),
                        () -> store.scan(0, 10, (found, value) -> value.length()),
                        () -> StoreTransfer.of(store).copyFrame(key, ByteBuffer.allocate(100), 100),
                        () -> StoreTransfer.of(store).copyFrame(key, ByteBuffer.allocate(100), Integer.MAX_VALUE));
                for (int read = 0; read < reads.size(); read++) {
                    CorruptionException damage =
                            assertThrows(CorruptionException.class, reads.get(read), length + ", read " + read);
                    assertEquals("0000000001.log", damage.file());
                    assertEquals(SegmentHeader.LENGTH, damage.offset());
                    String message = damage.getMessage();
                    assertTrue(message.contains("backup") || message.contains("header checksum"), message);
                }
            }
        }
    }
}
