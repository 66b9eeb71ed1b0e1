package dev.penstock.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.transfer.StoreTransfer;
import dev.penstock.store.transfer.ValueFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the public API promises, one promise a test. */
public class StoreTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);

    @TempDir
    Path directory;

    @Test
    void aValuePutIsTheValueGot() {
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), bytes("value"));
            try (ValueView view = store.get(bytes("key"))) {
                assertEquals(5, view.length());
                assertArrayEquals(bytes("value"), view.segment().toArray(ValueLayout.JAVA_BYTE));
            }
            assertNull(store.get(bytes("other")));
            assertEquals(1, store.count());
        }
    }

    @Test
    void emptyKeysAndEmptyValuesAreKeysAndValues() {
        try (Store store = Store.open(directory)) {
            store.put(new byte[0], bytes("of the empty key"));
            store.put(bytes("empty"), new byte[0]);
            assertArrayEquals(bytes("of the empty key"), store.getBytes(new byte[0]));
            assertArrayEquals(new byte[0], store.getBytes(bytes("empty")));
        }
        try (Store store = Store.open(directory)) {
            assertArrayEquals(bytes("of the empty key"), store.getBytes(new byte[0]));
            assertArrayEquals(new byte[0], store.getBytes(bytes("empty")));
        }
    }

    @Test
    void theLongestKeyIsAKeyAndALongerOneIsRefused() {
        byte[] key = random(Store.MAX_KEY_LENGTH, 1);
        try (Store store = Store.open(directory)) {
            store.put(key, bytes("value"));
            assertArrayEquals(bytes("value"), store.getBytes(key));
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> store.put(new byte[key.length + 1], bytes("value")));
            assertTrue(refused.getMessage().contains("65537"), refused.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 32_767, 32_768, 65_536, 262_143, 262_144, 1_048_576, 5_000_000})
    void valuesOfAnyLengthSurviveAReopen(int length) {
        byte[] value = random(length, length);
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("key"), value);
            assertArrayEquals(value, store.getBytes(bytes("key")));
        }
        try (Store store = Store.open(directory)) {
            assertArrayEquals(value, store.getBytes(bytes("key")));
            assertEquals(1, store.count());
        }
    }

    @Test
    void conditionalWritesLookBeforeTheyWrite() {
        try (Store store = Store.open(directory)) {
            assertFalse(
                    store.put(bytes("key"), bytes("no"), WriteOptions.defaults().ifPresent()));
            assertTrue(store.putIfAbsent(bytes("key"), bytes("first")));
            assertFalse(store.putIfAbsent(bytes("key"), bytes("second")));
            assertArrayEquals(bytes("first"), store.getBytes(bytes("key")));
            assertTrue(store.put(
                    bytes("key"), bytes("third"), WriteOptions.defaults().ifPresent()));
            assertArrayEquals(bytes("third"), store.getBytes(bytes("key")));
            assertTrue(store.remove(bytes("key")));
            assertFalse(store.remove(bytes("key")));
            assertFalse(store.contains(bytes("key")));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 300_000})
    void comparingWritesCompareWithWhatIsThere(int length) {
        byte[] first = random(length, 1);
        byte[] second = random(length, 2);
        try (Store store = Store.open(directory, SMALL)) {
            assertFalse(store.put(bytes("key"), second, WriteOptions.defaults().ifValue(first)), "absent");
            assertFalse(store.put(bytes("key"), first, WriteOptions.defaults().ifVersion(7)), "absent");
            assertTrue(store.put(bytes("key"), first, WriteOptions.defaults().ifVersion(0)));
            assertFalse(store.put(bytes("key"), second, WriteOptions.defaults().ifVersion(0)), "present");
            assertFalse(store.put(bytes("key"), first, WriteOptions.defaults().ifValue(second)));
            long version = version(store);
            assertTrue(store.put(bytes("key"), second, WriteOptions.defaults().ifValue(first)));
            assertFalse(store.put(bytes("key"), first, WriteOptions.defaults().ifVersion(version)), "an older version");
            assertTrue(store.put(bytes("key"), first, WriteOptions.defaults().ifVersion(version(store))));
            assertFalse(store.remove(bytes("key"), WriteOptions.defaults().ifValue(second)));
            assertTrue(store.remove(bytes("key"), WriteOptions.defaults().ifValue(first)));
            assertFalse(store.remove(bytes("key"), WriteOptions.defaults().ifValue(first)));
        }
    }

    private static long version(Store store) {
        try (ValueView view = store.get(bytes("key"))) {
            return view.version();
        }
    }

    @Test
    void aVersionOutlivesCompactionAndReopening() {
        long version;
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("dead"), random(200_000, 1));
            store.put(bytes("key"), bytes("value"));
            store.remove(bytes("dead"));
            version = version(store);
            assertTrue(store.compact(ProgressListener.NONE).recordsMoved() > 0);
            assertEquals(version, version(store));
        }
        try (Store store = Store.open(directory)) {
            assertEquals(version, version(store));
            assertTrue(store.put(
                    bytes("key"), bytes("next"), WriteOptions.defaults().ifVersion(version)));
            assertTrue(version(store) > version);
        }
    }

    @Test
    void computationsByManyThreadsLoseNone() throws InterruptedException {
        int threads = 4;
        int increments = 2_000;
        try (Store store = Store.open(directory)) {
            Thread[] running = new Thread[threads];
            for (int i = 0; i < threads; i++) {
                running[i] = Thread.startVirtualThread(() -> {
                    for (int n = 0; n < increments; n++) {
                        store.compute(bytes("counter"), StoreTest::increment);
                        store.merge(bytes("sum"), new byte[Integer.BYTES], (current, zero) -> increment(current));
                    }
                });
            }
            for (Thread thread : running) {
                thread.join();
            }
            assertEquals(
                    threads * increments,
                    ByteBuffer.wrap(store.getBytes(bytes("counter"))).getInt());
            assertEquals(
                    threads * increments - 1,
                    ByteBuffer.wrap(store.getBytes(bytes("sum"))).getInt());
            assertNull(store.compute(bytes("counter"), current -> null));
            assertFalse(store.contains(bytes("counter")));
        }
    }

    @Test
    void aFunctionMayChangeTheArraysThatItGets() {
        byte[] key = bytes("key");
        byte[] added = {10};
        try (Store store = Store.open(directory)) {
            store.put(key, new byte[] {1});
            assertArrayEquals(new byte[] {2}, store.compute(key, current -> {
                current[0]++;
                return current;
            }));
            assertArrayEquals(new byte[] {2}, store.getBytes(key));
            assertArrayEquals(new byte[] {12}, store.merge(key, added, (current, more) -> {
                current[0] += more[0];
                return current;
            }));
            assertArrayEquals(new byte[] {12}, store.getBytes(key));
            boolean[] overtaken = new boolean[1];
            store.merge(key, added, (current, more) -> {
                if (!overtaken[0]) {
                    overtaken[0] = true;
                    store.put(key, new byte[] {20});
                }
                more[0] += current[0];
                return more;
            });
            assertArrayEquals(new byte[] {30}, store.getBytes(key), "what the first call added counts no more");
            assertArrayEquals(new byte[] {10}, added);
        }
    }

    private static byte[] increment(byte[] current) {
        int value = current == null ? 0 : ByteBuffer.wrap(current).getInt();
        return ByteBuffer.allocate(Integer.BYTES).putInt(0, value + 1).array();
    }

    @Test
    void keysAndValuesMayBeBuffersAndSegmentsOnAndOffTheHeap() {
        ByteBuffer direct = ByteBuffer.allocateDirect(16)
                .put(bytes("-direct-"))
                .flip()
                .position(1)
                .limit(7);
        ByteBuffer heap = ByteBuffer.wrap(bytes("-heap-"), 1, 4).slice();
        try (Store store = Store.open(directory);
                Arena arena = Arena.ofConfined()) {
            MemorySegment nativeKey = arena.allocateFrom("native");
            WriteOptions options = WriteOptions.defaults();
            store.put(Key.of(direct), heap, options);
            store.put(Key.of(heap), direct, options);
            store.put(Key.of(nativeKey), nativeKey, options);
            assertEquals(1, direct.position(), "the position is left alone");
            assertArrayEquals(bytes("heap"), store.getBytes(bytes("direct")));
            assertArrayEquals(bytes("direct"), store.getBytes(bytes("heap")));
            assertArrayEquals(bytes("native\0"), store.getBytes(bytes("native\0")));
            for (Key key : List.of(Key.of(direct), Key.of(heap), Key.of(nativeKey))) {
                assertTrue(store.contains(key) && store.remove(key) && !store.contains(key));
            }
            assertEquals(0, store.count());
        }
    }

    /** The key is a part of a longer array, and stands for no other bytes of it. */
    @Test
    void aKeyCarriesPartOfAnArrayToEveryRead() {
        Key key = Key.of(bytes("-key-"), 1, 3);
        try (Store store = Store.open(directory)) {
            assertNull(store.getBytes(key));
            assertTrue(store.put(key, bytes("value"), WriteOptions.defaults().ifAbsent()));
            assertFalse(store.put(key, bytes("other"), WriteOptions.defaults().ifAbsent()));
            assertArrayEquals(bytes("value"), store.getBytes(key));
            assertArrayEquals(bytes("value"), store.getBytes(bytes("key")));
            try (Snapshot snapshot = store.snapshot()) {
                assertArrayEquals(bytes("new"), store.compute(key, current -> bytes("new")));
                assertArrayEquals(bytes("old"), store.merge(key, bytes("old"), (current, old) -> old));
                assertArrayEquals(bytes("old"), store.getBytes(bytes("key")));
                assertNull(store.compute(key, current -> null));
                assertNull(store.getBytes(key));
                assertArrayEquals(bytes("first"), store.merge(key, bytes("first"), (current, first) -> null));
                assertTrue(store.remove(key));
                try (ValueView view = snapshot.get(key)) {
                    assertArrayEquals(bytes("value"), view.toByteArray());
                }
                assertArrayEquals(bytes("value"), snapshot.getBytes(key));
                key.set(bytes("absent"));
                assertNull(snapshot.get(key));
                assertNull(snapshot.getBytes(key));
            }
        }
    }

    @Test
    void aViewShowsItsOwnVersionWhateverIsWrittenLater() {
        try (Store store = Store.open(directory, SMALL)) {
            byte[] old = random(300_000, 1);
            store.put(bytes("key"), old);
            try (ValueView view = store.get(bytes("key"))) {
                store.put(bytes("key"), random(300_000, 2));
                store.remove(bytes("key"));
                assertArrayEquals(old, view.toByteArray());
            }
        }
    }

    @Test
    void aClosedViewRefuses() {
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), bytes("value"));
            ValueView view = store.get(bytes("key"));
            view.close();
            view.close();
            assertThrows(StoreClosedException.class, view::segment);
            assertThrows(StoreClosedException.class, view::toByteArray);
        }
    }

    @Test
    void aClosedStoreRefusesAndSoDoItsViews() {
        Store store = Store.open(directory);
        store.put(bytes("key"), bytes("value"));
        ValueView view = store.get(bytes("key"));
        MemorySegment segment = view.segment();
        store.close();
        store.close();
        assertThrows(StoreClosedException.class, () -> store.get(bytes("key")));
        assertThrows(StoreClosedException.class, () -> store.put(bytes("key"), bytes("value")));
        assertThrows(StoreClosedException.class, store::count);
        assertThrows(StoreClosedException.class, view::toByteArray);
        assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
        view.close();
    }

    @Test
    void theFrameIsTheValueAsABulkString() throws IOException {
        try (Store store = Store.open(directory, SMALL)) {
            for (int length : new int[] {0, 5, 99, 100, 40_000, 400_000}) {
                byte[] value = random(length, length);
                byte[] key = bytes("key" + length);
                store.put(key, value);
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                expected.write(bytes("$" + length + "\r\n"));
                expected.write(value);
                expected.write(bytes("\r\n"));
                ByteBuffer cheap = ByteBuffer.allocateDirect(100_000).position(1);
                assertEquals(expected.size(), StoreTransfer.of(store).copyFrame(Key.of(key), cheap, 50_000));
                assertEquals(expected.size() <= 50_000 ? 1 + expected.size() : 1, cheap.position());
                for (int i = 1; i < cheap.position(); i++) {
                    assertEquals(expected.toByteArray()[i - 1], cheap.get(i));
                }
                try (ValueView view = store.get(key)) {
                    ByteBuffer copied = ByteBuffer.allocate((int) ValueFrame.lengthOf(view));
                    assertEquals(ValueFrame.lengthOf(view), ValueFrame.copy(view, 0, copied));
                    assertArrayEquals(expected.toByteArray(), copied.array());
                    ByteArrayOutputStream written = new ByteArrayOutputStream();
                    ValueFrame.of(view).transferTo(Channels.newChannel(written), 0, ValueFrame.lengthOf(view));
                    assertArrayEquals(expected.toByteArray(), written.toByteArray());
                    ByteArrayOutputStream part = new ByteArrayOutputStream();
                    view.writeTo(Channels.newChannel(part), length / 2, length);
                    assertArrayEquals(Arrays.copyOfRange(value, length / 2, length), part.toByteArray());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 700_000})
    void aStreamedValueIsSeenWhenItIsCommitted(int length) throws IOException {
        byte[] value = random(length, length);
        try (Store store = Store.open(directory, SMALL)) {
            try (ValueWriter writer = store.putStream(bytes("key"), length)) {
                int half = writer.write(ByteBuffer.wrap(value, 0, length / 2));
                assertNull(store.get(bytes("key")));
                writer.readFrom(
                        Channels.newChannel(new java.io.ByteArrayInputStream(value, half, length - half)), length);
                while (writer.remaining() > 0) {
                    writer.write(ByteBuffer.wrap(value, (int) (length - writer.remaining()), (int) writer.remaining()));
                }
                writer.commit();
            }
            assertArrayEquals(value, store.getBytes(bytes("key")));
            try (ValueWriter writer = store.putStream(bytes("key"), length)) {
                writer.write(ByteBuffer.wrap(value));
                assertFalse(writer.commit(WriteOptions.defaults().ifAbsent()));
            }
            long version;
            try (ValueView view = store.get(bytes("key"))) {
                version = view.version();
            }
            for (long expected : new long[] {0, version + 1, version}) {
                try (ValueWriter writer = store.putStream(bytes("key"), length)) {
                    writer.write(ByteBuffer.wrap(value));
                    assertEquals(
                            expected == version,
                            writer.commit(WriteOptions.defaults().ifVersion(expected)));
                }
            }
        }
        try (Store store = Store.open(directory)) {
            assertArrayEquals(value, store.getBytes(bytes("key")));
        }
    }

    @Test
    void overwrittenAndRemovedLargeValuesGiveTheirRoomBackExceptUnderAView() throws Exception {
        byte[] first = random(3_000_000, 1);
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("viewed"), first);
            store.put(bytes("removed"), random(2_000_000, 2));
            store.put(bytes("overwritten"), random(2_000_000, 3));
            ValueView view = store.get(bytes("viewed"));
            store.remove(bytes("removed"));
            store.put(bytes("overwritten"), bytes("small"));
            store.put(bytes("viewed"), random(1_000_000, 4));
            // Nothing else is written, nothing synced: the room comes back by itself.
            awaitLargeValues(1);
            assertArrayEquals(first, view.toByteArray());
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            view.writeTo(Channels.newChannel(sent));
            assertArrayEquals(first, sent.toByteArray());
            view.close();
            assertThrows(StoreClosedException.class, view::toByteArray);
            assertArrayEquals(random(1_000_000, 4), store.getBytes(bytes("viewed")));
        }
    }

    private void awaitLargeValues(int count) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (long found = -1; found != count; ) {
            try (Stream<Path> files = Files.list(directory)) {
                found = files.filter(file -> file.toString().endsWith(".value")).count();
            }
            assertTrue(System.nanoTime() < deadline, found + " files of large values");
            Thread.onSpinWait();
        }
    }

    @Test
    void aStreamClosedWithoutCommitLeavesNothing() throws IOException {
        try (Store store = Store.open(directory, SMALL)) {
            long before = store.fileBytes();
            try (ValueWriter writer = store.putStream(bytes("key"), 5_000_000)) {
                writer.write(ByteBuffer.wrap(random(1000, 1)));
                assertThrows(IllegalStateException.class, writer::commit);
            }
            assertNull(store.get(bytes("key")));
            assertEquals(before, store.fileBytes());
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".value")));
        }
    }

    @Test
    void aScanVisitsEveryEntry() {
        try (Store store = Store.open(directory, SMALL)) {
            Set<String> expected = new HashSet<>();
            for (int i = 0; i < 20_000; i++) {
                store.put(bytes("key" + i), bytes("value" + i));
                expected.add("key" + i + "=value" + i);
            }
            Set<String> seen = new HashSet<>();
            long cursor = 0;
            do {
                cursor = store.scan(cursor, 10, (key, value) -> seen.add(text(key) + "=" + text(value.toByteArray())));
            } while (cursor != 0);
            assertEquals(expected, seen);
        }
    }

    @Test
    void clearForgetsEverythingForGood() {
        try (Store store = Store.open(directory, SMALL)) {
            for (int i = 0; i < 5_000; i++) {
                store.put(bytes("key" + i), random(i, i));
            }
            store.put(bytes("large"), random(500_000, 1));
            store.clear();
            assertEquals(0, store.count());
            assertNull(store.get(bytes("key17")));
            assertEquals(0, store.liveBytes());
            store.put(bytes("after"), bytes("clear"));
        }
        try (Store store = Store.open(directory)) {
            assertEquals(1, store.count());
            assertArrayEquals(bytes("clear"), store.getBytes(bytes("after")));
        }
    }

    @Test
    void compactionKeepsWhatIsCurrentAndGivesTheRestBack() {
        try (Store store = Store.open(directory, SMALL)) {
            for (int i = 0; i < 20_000; i++) {
                store.put(bytes("key" + i), random(200, i));
            }
            for (int i = 0; i < 20_000; i++) {
                if (i % 10 != 0) {
                    store.remove(bytes("key" + i));
                }
            }
            long live = store.liveBytes();
            CompactionReport report = store.compact(ProgressListener.NONE);
            assertEquals(2_000, report.recordsMoved());
            assertEquals(live, store.liveBytes());
            assertTrue(report.bytesAfter() < live * 1.1, report + " for " + live + " live bytes");
            checkTenths(store);
        }
        try (Store store = Store.open(directory)) {
            checkTenths(store);
        }
    }

    private static void checkTenths(Store store) {
        assertEquals(2_000, store.count());
        for (int i = 0; i < 20_000; i++) {
            byte[] expected = i % 10 == 0 ? random(200, i) : null;
            assertArrayEquals(expected, store.getBytes(bytes("key" + i)));
        }
    }

    @Test
    void aLogThatEndsJustBehindARollIsSound() {
        for (int open = 0; open < 3; open++) {
            try (Store store = Store.open(directory, SMALL)) {
                store.put(bytes("key"), bytes("value"));
                store.compact(ProgressListener.NONE);
                assertEquals(
                        List.of(),
                        StoreVerifier.verify(directory, ProgressListener.NONE).findings());
            }
            Store.open(directory).close();
            assertEquals(
                    List.of(),
                    StoreVerifier.verify(directory, ProgressListener.NONE).findings());
        }
    }

    public static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    public static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
