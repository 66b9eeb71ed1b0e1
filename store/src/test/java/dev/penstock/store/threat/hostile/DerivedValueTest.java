package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.Entry;
import dev.penstock.store.EntryWalk;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.ValueFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No value is made of a damaged one, whose checksum would match, where reads do not verify. */
class DerivedValueTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final byte[] KEY = bytes("key");
    private static final byte[] SOUND = bytes("sound");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {8, 40_000, 300_000})
    void computeAndMergeRefuseADamagedValue(int length) throws IOException {
        damage(length);
        try (Store store = Store.open(directory, OPTIONS)) {
            assertThrows(CorruptionException.class, () -> store.compute(KEY, value -> bytes("of " + value.length)));
            assertThrows(CorruptionException.class, () -> store.merge(KEY, SOUND, (value, other) -> other));
            assertEquals(length, store.getBytes(KEY).length, "the damaged value is still there, and reads return it");
            assertArrayEquals(bytes("x"), store.compute(SOUND, value -> bytes("x")));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 40_000, 300_000})
    void aViewVerifiesWhateverTheOptionsSay(int length) throws IOException {
        damage(length);
        for (boolean always : new boolean[] {false, true}) {
            try (Store store = Store.open(directory, OPTIONS.withVerifyOnRead(always));
                    ValueView view = new ValueView()) {
                if (!always) {
                    store.get(KEY, view);
                    CorruptionException damage = assertThrows(CorruptionException.class, view::verify);
                    assertEquals(length < 300_000 ? "0000000001.log" : "0000000001.value", damage.file());
                }
                store.get(SOUND, view);
                view.verify();
                view.verify();
                assertArrayEquals(SOUND, view.toByteArray());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 40_000, 300_000})
    void aValueOfAWalkIsVerified(int length) throws IOException {
        damage(length);
        try (Store store = Store.open(directory, OPTIONS);
                EntryWalk walk = store.entries()) {
            for (Entry entry : walk) {
                if (entry.key().length == KEY.length) {
                    assertThrows(CorruptionException.class, entry.value()::verify);
                } else {
                    entry.value().verify();
                }
            }
        }
    }

    /** That a view was to be verified ends with the value that it showed. */
    @ParameterizedTest
    @ValueSource(ints = {8, 300_000})
    void aViewThatShowsAnotherValueOwesNothing(int length) throws IOException {
        damage(length);
        try (Store store = Store.open(directory, OPTIONS);
                ValueView view = new ValueView()) {
            store.get(KEY, view);
            ValueFrame.requireVerification(view);
            assertTrue(ValueFrame.isVerificationDue(view));
            store.get(SOUND, view);
            assertFalse(ValueFrame.isVerificationDue(view));
        }
    }

    /** Stores two values, and flips a bit of the first. */
    private void damage(int length) throws IOException {
        byte[] value = random(length, 1);
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(KEY, value);
            store.put(SOUND, SOUND);
        }
        Path file = directory.resolve(length < 300_000 ? "0000000001.log" : "0000000001.value");
        int at = VerifiedFrameTest.indexOf(Files.readAllBytes(file), value);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (value[0] ^ 1)}), at);
        }
    }
}
