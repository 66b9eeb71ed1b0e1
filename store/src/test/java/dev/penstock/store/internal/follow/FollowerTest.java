package dev.penstock.store.internal.follow;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Expiries;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Snapshot;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.engine.FollowerEngine;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A read-only store shows what the owner of its directory has written, however far it was behind. */
@Timeout(120)
class FollowerTest {

    private static final int LARGE_LENGTH = 400_000;

    @TempDir
    Path directory;

    private final AtomicLong now = new AtomicLong(1000);
    private final StoreOptions options =
            StoreOptions.defaults().withSegmentSize(1 << 20).withClock(() -> Instant.ofEpochMilli(now.get()));

    private Store openReader() {
        return Store.open(directory, options.withReadOnly(true).withVerifyOnRead(true));
    }

    /** In memory, whose file system has no layers. */
    @Test
    void aLookThatFindsNothingOpensNoFile(@TempDir(factory = MemoryBackedDirectory.class) Path inMemory) {
        AtomicLong openings = new AtomicLong();
        WatchedDisk disk = new WatchedDisk(new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) {}

            @Override
            public void beforeOpening(Path path) {
                openings.incrementAndGet();
            }
        });
        try (Store owner = Store.open(inMemory, options);
                Store reader = StoreAccess.open(disk, inMemory, options.withReadOnly(true), new ManualThreads())) {
            owner.put(bytes("key"), bytes("value"));
            reader.refresh();
            assertArrayEquals(bytes("value"), reader.getBytes(bytes("key")));
            long before = openings.get();
            for (int i = 0; i < 10; i++) {
                reader.refresh();
            }
            assertEquals(before, openings.get());
        }
    }

    @Test
    void everyKindOfWriteIsVisibleAfterRefresh() {
        try (Store owner = Store.open(directory, options);
                Store reader = openReader()) {
            owner.put(bytes("key"), bytes("value"));
            owner.put(bytes("removed"), bytes("value"));
            owner.put(bytes("expiring"), bytes("value"), Expiries.expiring(now.get() + 10));
            owner.put(bytes("large"), random(LARGE_LENGTH, 1));
            owner.write(new WriteBatch().put(bytes("one"), bytes("1")).put(bytes("two"), bytes("2")));
            owner.remove(bytes("removed"));
            reader.refresh();
            assertArrayEquals(bytes("value"), reader.getBytes(bytes("key")));
            assertNull(reader.getBytes(bytes("removed")));
            assertArrayEquals(bytes("value"), reader.getBytes(bytes("expiring")));
            assertArrayEquals(random(LARGE_LENGTH, 1), reader.getBytes(bytes("large")));
            assertArrayEquals(bytes("2"), reader.getBytes(bytes("two")));
            now.addAndGet(10);
            assertNull(reader.getBytes(bytes("expiring")));
            StoreAccess.sweepExpired(owner);
            Expiries.expire(owner, bytes("large"), now.get() + 1000);
            reader.refresh();
            assertSame(owner, reader);
            owner.clear();
            reader.refresh();
            assertEquals(0, reader.count());
            owner.put(bytes("key"), bytes("again"));
            reader.refresh();
            assertSame(owner, reader);
        }
    }

    @Test
    void aWriteBecomesVisibleWithoutBeingAskedFor() {
        try (Store owner = Store.open(directory, options);
                Store reader = openReader()) {
            owner.put(bytes("key"), bytes("value"));
            while (!reader.contains(bytes("key"))) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void refreshOfAWritableStoreDoesNothingAndOfAClosedOneThrows() {
        Store owner = Store.open(directory, options);
        owner.put(bytes("key"), bytes("value"));
        owner.refresh();
        assertArrayEquals(bytes("value"), owner.getBytes(bytes("key")));
        Store reader = openReader();
        reader.close();
        assertThrows(StoreClosedException.class, reader::refresh);
        owner.close();
        assertThrows(StoreClosedException.class, owner::refresh);
    }

    @Test
    void ownersMayComeAndGo() {
        Store.open(directory, options).close();
        try (Store reader = openReader()) {
            for (int round = 0; round < 10; round++) {
                try (Store owner = Store.open(directory, options)) {
                    for (int i = 0; i < 50 * round; i++) {
                        owner.put(bytes("key" + i), random(1000 + i, round));
                    }
                    owner.put(bytes("large" + round % 2), random(LARGE_LENGTH, round));
                    reader.refresh();
                    assertSame(owner, reader);
                }
                reader.refresh();
                assertArrayEquals(random(LARGE_LENGTH, round), reader.getBytes(bytes("large" + round % 2)));
            }
        }
    }

    @Test
    void aViewStaysReadableWhenItsSegmentIsCompactedAway() {
        try (Store owner = Store.open(directory, options)) {
            owner.put(bytes("key"), random(1000, 1));
            try (Store reader = openReader();
                    ValueView view = reader.get(bytes("key"))) {
                fillSegments(owner, 3, 1);
                owner.put(bytes("key"), random(1000, 2));
                fillSegments(owner, 3, 2);
                assertTrue(owner.compact(ProgressListener.NONE).segmentsRetired() > 0);
                reader.refresh();
                assertArrayEquals(random(1000, 1), view.toByteArray());
                assertSame(owner, reader);
                // What is retired there holds no space here either, once the view is closed.
                assertEquals(owner.liveBytes(), reader.liveBytes());
            }
        }
    }

    @Test
    void aFollowerThatCompactionOvertookStartsAgain() throws IOException {
        try (Store owner = Store.open(directory, options)) {
            for (int i = 0; i < 100; i++) {
                owner.put(bytes("stays" + i), random(1000, i), Expiries.expiring(now.get() + 1000));
                owner.put(bytes("goes" + i), random(1000, i));
            }
            owner.put(bytes("large"), random(LARGE_LENGTH, 1));
            try (Store reader = openReader()) {
                long before = StoreAccess.owner(owner).log.active().number();
                ((FollowerEngine) StoreAccess.engine(reader)).follower.standing(() -> {
                    fillSegments(owner, 3, 1);
                    for (int i = 0; i < 100; i++) {
                        owner.remove(bytes("goes" + i));
                    }
                    owner.put(bytes("large"), random(LARGE_LENGTH, 2));
                    fillSegments(owner, 3, 2);
                    owner.compact(ProgressListener.NONE);
                    return null;
                });
                assertFalse(Files.exists(directory.resolve(FileNames.log(before + 1))), "nothing was overtaken");
                reader.refresh();
                assertSame(owner, reader);
                owner.put(bytes("later"), bytes("value"));
                owner.remove(bytes("stays1"));
                fillSegments(owner, 2, 3);
                owner.compact(ProgressListener.NONE);
                reader.refresh();
                assertSame(owner, reader);
            }
        }
    }

    @Test
    void aLargeValueThatIsGoneBeforeItWasOpenedIsPassedOver() throws IOException {
        try (Store owner = Store.open(directory, options);
                Store reader = openReader()) {
            owner.put(bytes("large"), bytes("before"));
            owner.put(bytes("removed"), bytes("before"));
            reader.refresh();
            ((FollowerEngine) StoreAccess.engine(reader)).follower.standing(() -> {
                owner.put(bytes("large"), random(LARGE_LENGTH, 1));
                owner.put(bytes("removed"), random(LARGE_LENGTH, 1));
                owner.put(bytes("large"), random(LARGE_LENGTH, 2));
                owner.remove(bytes("removed"));
                owner.sync();
                while (largeFiles() > 1) {
                    Thread.onSpinWait();
                }
                return null;
            });
            reader.refresh();
            assertArrayEquals(random(LARGE_LENGTH, 2), reader.getBytes(bytes("large")));
            assertSame(owner, reader);
        }
    }

    @Test
    void aNumberThatWasGivenToAnotherValueShowsNoWrongByte() {
        Store.open(directory, options).close();
        try (Store reader = openReader()) {
            assertThrows(
                    Released.class,
                    () -> ((FollowerEngine) StoreAccess.engine(reader)).follower.standing(() -> {
                        for (int round = 0; round < 3; round++) {
                            try (Store owner = Store.open(directory, options)) {
                                owner.put(bytes("key" + round), random(LARGE_LENGTH, round));
                                if (round < 2) {
                                    owner.remove(bytes("key" + round));
                                }
                            }
                        }
                        throw new Released();
                    }));
            reader.refresh();
            assertEquals(1, reader.count());
            assertArrayEquals(random(LARGE_LENGTH, 2), reader.getBytes(bytes("key2")));
        }
    }

    @Test
    void aSnapshotOfAFollowerStaysWhatItWas() {
        try (Store owner = Store.open(directory, options);
                Store reader = openReader()) {
            owner.put(bytes("large"), random(LARGE_LENGTH, 1));
            fillSegments(owner, 2, 1);
            reader.refresh();
            Map<ByteBuffer, byte[]> model = entries(owner);
            try (Snapshot snapshot = reader.snapshot()) {
                owner.remove(bytes("large"));
                fillSegments(owner, 2, 2);
                owner.compact(ProgressListener.NONE);
                reader.refresh();
                Map<ByteBuffer, byte[]> seen = new HashMap<>();
                snapshot.forEach((key, value) -> seen.put(ByteBuffer.wrap(key), value.toByteArray()));
                assertEntries(model, seen);
                assertArrayEquals(random(LARGE_LENGTH, 1), snapshot.getBytes(bytes("large")));
            }
            assertSame(owner, reader);
        }
    }

    /** Hard links would bring over what lies after the length that the follower knows. */
    @Test
    void aBackupOfAFollowerThatCopiesItsFilesHoldsEverything(@TempDir Path target) throws IOException {
        WatchedDisk withoutLinks = new WatchedDisk((call, path) -> {
            if (call == WatchedDisk.Call.LINK) {
                throw new IOException("Invalid cross-device link");
            }
        });
        StoreOptions readOnly = options.withReadOnly(true);
        try (Store owner = Store.open(directory, options);
                Store reader = StoreAccess.open(withoutLinks, directory, readOnly, AgentThread::new)) {
            for (int round = 1; round <= 3; round++) {
                fillSegments(owner, 2, round);
                owner.put(bytes("large"), random(LARGE_LENGTH, round));
                reader.refresh();
                reader.backup(target, ProgressListener.NONE);
                try (Store backup = Store.open(target, readOnly)) {
                    assertSame(owner, backup);
                }
            }
        }
    }

    @Test
    void aFollowerKnowsHowFarEachSealedSegmentIsFilled() throws IOException {
        StoreOptions withoutCompaction = options.withCompactionRate(0);
        try (Store owner = Store.open(directory, withoutCompaction);
                Store reader = openReader()) {
            for (int round = 1; round <= 3; round++) {
                fillSegments(owner, 2, round);
                reader.refresh();
                assertTrue(comparedLengths(owner, reader) > 0);
                ((FollowerEngine) StoreAccess.engine(reader)).follower.standing(() -> {
                    fillSegments(owner, 3, 1);
                    owner.compact(ProgressListener.NONE);
                    return null;
                });
                reader.refresh();
                comparedLengths(owner, reader);
            }
        }
    }

    /** The owner may append to its last segment meanwhile. Returns how many segments were compared. */
    private static int comparedLengths(Store owner, Store reader) {
        Map<Long, Long> expected = StoreAccess.engine(owner).segments.logSegments().stream()
                .collect(Collectors.toMap(Segment::number, Segment::usedLength));
        List<Segment> sealed =
                new ArrayList<>(StoreAccess.engine(reader).segments.logSegments());
        sealed.removeLast();
        for (Segment segment : sealed) {
            assertEquals(expected.get(segment.number()), segment.usedLength(), segment.name());
        }
        return sealed.size();
    }

    /** Ends a turn on purpose. */
    private static final class Released extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private long largeFiles() {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(FileNames.LARGE_VALUE_SUFFIX))
                    .count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void fillSegments(Store store, int count, int seed) {
        for (int i = 0; i < count * 10; i++) {
            store.put(bytes("fill" + i % 7), random(100_000, seed * 100 + i));
        }
    }

    private static void assertSame(Store owner, Store reader) {
        assertEquals(owner.expiringCount(), reader.expiringCount());
        Map<ByteBuffer, byte[]> expected = entries(owner);
        assertEntries(expected, entries(reader));
        assertEquals(owner.count(), reader.count());
        for (Map.Entry<ByteBuffer, byte[]> entry : expected.entrySet()) {
            assertArrayEquals(entry.getValue(), reader.getBytes(entry.getKey().array()));
        }
        List<byte[]> keys = expected.keySet().stream().map(ByteBuffer::array).toList();
        reader.getAll(
                keys,
                (index, value) ->
                        assertArrayEquals(expected.get(ByteBuffer.wrap(keys.get(index))), value.toByteArray()));
    }

    private static Map<ByteBuffer, byte[]> entries(Store store) {
        Map<ByteBuffer, byte[]> entries = new HashMap<>();
        store.forEach((key, value) -> entries.put(ByteBuffer.wrap(key), value.toByteArray()));
        return entries;
    }

    private static void assertEntries(Map<ByteBuffer, byte[]> expected, Map<ByteBuffer, byte[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((key, value) -> assertArrayEquals(value, actual.get(key)));
    }
}
