package dev.penstock.store.internal.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.write.DeferredDeletion;
import dev.penstock.store.internal.write.Precondition;
import dev.penstock.store.internal.write.Writer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Growth of the key directory: it loses nothing, needs no more memory than promised, and readers never miss. */
class KeyDirectoryTest {

    private static final int SEGMENT_SHIFT = 26;

    @TempDir
    Path path;

    private SegmentSet segments;
    private KeyDirectory directory;
    private Writer writer;

    @BeforeEach
    void open() throws IOException {
        Identity identity = new Identity(new UUID(1, 2), SEGMENT_SHIFT);
        FailureLatch failure = new FailureLatch();
        segments = new SegmentSet(SEGMENT_SHIFT);
        SegmentFactory factory = new SegmentFactory(
                new SystemDisk().openDirectory(path),
                identity.storeId(),
                SEGMENT_SHIFT,
                new Reclaimer(new AgentThread("never started")));
        Segment first = factory.create(0, 0);
        segments.add(first);
        directory = new KeyDirectory(segments, identity.salt());
        Log log = new Log(segments, factory, identity.salt(), failure, first, first.usedLength(), 0, 0, () -> {});
        GroupCommit groupCommit = new GroupCommit(segments, factory, log, failure);
        DeferredDeletion deletion = new DeferredDeletion(groupCommit, factory, failure, () -> {});
        writer = new Writer(
                directory,
                segments,
                factory,
                log,
                groupCommit,
                deletion,
                failure,
                new Expiry(segments, InstantSource.system(), ExpiryMark.NONE),
                () -> {},
                identity.salt());
    }

    @AfterEach
    void close() {
        directory.close();
        segments.logSegments().forEach(Segment::close);
    }

    @Test
    void aMillionKeysAreFoundWhileAnotherThreadGrowsTheTable() throws Exception {
        int keys = 1_000_000;
        AtomicLong added = new AtomicLong();
        List<String> missed = new ArrayList<>();
        Thread reader = new Thread(() -> {
            byte[] key = new byte[Long.BYTES];
            long state = 88_172_645_463_325_252L;
            while (added.get() < keys && missed.isEmpty()) {
                long bound = added.get();
                if (bound == 0) {
                    Thread.onSpinWait();
                    continue;
                }
                state ^= state << 13;
                state ^= state >>> 7;
                state ^= state << 17;
                long candidate = Long.remainderUnsigned(state, bound);
                if (find(key, candidate) == 0) {
                    missed.add("key " + candidate + " of " + bound);
                }
            }
        });
        reader.start();
        byte[] key = new byte[Long.BYTES];
        for (int i = 0; i < keys; i++) {
            put(key, i);
            added.set(i + 1);
        }
        reader.join();
        assertEquals(List.of(), missed);
        assertEquals(keys, directory.count());
        double bytesPerKey = (double) directory.bytes() / keys;
        assertTrue(bytesPerKey <= 14, bytesPerKey + " bytes a key");
    }

    @Test
    void theTableNeedsAtMostFourteenBytesAKeyAtAnySize() throws IOException {
        byte[] key = new byte[Long.BYTES];
        for (int i = 0; i < 400_000; i++) {
            put(key, i);
            if (i > 50_000 && i % 10_000 == 0) {
                double bytesPerKey = (double) directory.bytes() / (i + 1);
                assertTrue(bytesPerKey <= 14, bytesPerKey + " bytes a key at " + i + " keys");
            }
        }
    }

    @Test
    void aScanDuringGrowthReturnsEveryKeyThatWasThereFromTheStart() throws IOException {
        byte[] key = new byte[Long.BYTES];
        for (int i = 0; i < 30_000; i++) {
            put(key, i);
        }
        LongHashSet expected = new LongHashSet();
        for (int i = 0; i < 30_000; i++) {
            expected.add(find(key, i));
        }
        LongArrayList positions = new LongArrayList();
        long cursor = 0;
        int next = 30_000;
        do {
            cursor = directory.scan(cursor, positions, found -> found.forEachLong(expected::remove));
            for (int i = 0; i < 20; i++) {
                put(key, next++);
            }
        } while (cursor != 0);
        assertTrue(expected.isEmpty(), expected.size() + " keys were not returned");
    }

    @Test
    void removedKeysAreGoneAndTheOthersStay() throws IOException {
        byte[] key = new byte[Long.BYTES];
        for (int i = 0; i < 100_000; i++) {
            put(key, i);
        }
        for (int i = 0; i < 100_000; i += 3) {
            ByteBuffer.wrap(key).putLong(0, i);
            assertTrue(writer.remove(key, 0, key.length, Precondition.NONE));
        }
        for (int i = 0; i < 100_000; i++) {
            assertEquals(i % 3 == 0, find(key, i) == 0, "key " + i);
        }
    }

    private void put(byte[] key, long number) throws IOException {
        ByteBuffer.wrap(key).putLong(0, number);
        writer.put(key, 0, key.length, key, null, RecordLayout.NO_EXPIRY, Precondition.NONE);
    }

    private long find(byte[] key, long number) {
        ByteBuffer.wrap(key).putLong(0, number);
        return directory.find(directory.hash(key, 0, key.length), key, 0, key.length);
    }
}
