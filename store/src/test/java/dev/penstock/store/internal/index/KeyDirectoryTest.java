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
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    private static final Identity IDENTITY = new Identity(new UUID(1, 2), SEGMENT_SHIFT);

    @TempDir
    Path path;

    private SegmentSet segments;
    private KeyDirectory directory;
    private Writer writer;

    @BeforeEach
    void open() throws IOException {
        FailureLatch failure = new FailureLatch();
        segments = new SegmentSet(SEGMENT_SHIFT);
        SegmentFactory factory = new SegmentFactory(
                new SystemDisk().openDirectory(path),
                IDENTITY.storeId(),
                SEGMENT_SHIFT,
                new Reclaimer(new AgentThread("never started")));
        Segment first = factory.create(0, 0);
        segments.add(first);
        directory = new KeyDirectory(segments, IDENTITY.salt());
        Log log = new Log(segments, factory, IDENTITY.salt(), failure, first, first.usedLength(), 0, 0, () -> {});
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
                IDENTITY.salt());
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

    /** Between any two pages of the copy, writers add, replace and remove keys, and the stripe grows. */
    @Test
    void aCopyOfAStripeIsOfTheMomentWhenItBeganWhateverIsWrittenMeanwhile() throws IOException {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("KeyDirectoryTest: -Dpenstock.seed=" + seed);
        Random random = new Random(seed);
        byte[] key = new byte[Long.BYTES];
        int[] next = new int[1];
        for (; next[0] < 340_000; next[0]++) { // then the next bucket to split is half-way to the last one
            put(key, next[0]);
        }
        try (StripeImage image = new StripeImage();
                KeyDirectory copy = new KeyDirectory(segments, IDENTITY.salt())) {
            for (int stripe = 0; stripe < KeyDirectory.STRIPE_COUNT; stripe += 7) {
                int number = stripe;
                Map<Integer, Long> expected = new HashMap<>();
                directory.copyStripe(stripe, image, () -> addAll(number, next[0], expected), 1, () -> {
                    for (int i = 0; i < 20; i++) {
                        change(random, number, next);
                    }
                });
                copy.takeStripe(stripe, image);
                Map<Integer, Long> found = new HashMap<>();
                for (int i = 0; i < next[0]; i++) {
                    if (stripe(key, i) == number && find(copy, key, i) != 0) {
                        found.put(i, find(copy, key, i));
                    }
                }
                assertEquals(expected, found, "stripe " + stripe);
            }
        }
    }

    @Test
    void aCopyOfAStripeKeepsWhatIsClearedMeanwhile() throws IOException {
        byte[] key = new byte[Long.BYTES];
        int keyCount = 50_000;
        for (int i = 0; i < keyCount; i++) {
            put(key, i);
        }
        Map<Integer, Long> expected = new HashMap<>();
        try (StripeImage image = new StripeImage();
                KeyDirectory copy = new KeyDirectory(segments, IDENTITY.salt())) {
            directory.copyStripe(3, image, () -> {
                addAll(3, keyCount, expected);
                directory.exclusively(directory::clear);
            });
            copy.takeStripe(3, image);
            assertEquals(0, directory.count());
            assertEquals(expected.size(), copy.count());
            for (Map.Entry<Integer, Long> each : expected.entrySet()) {
                assertEquals(each.getValue(), find(copy, key, each.getKey()));
            }
        }
    }

    /** Changes a key of a stripe, or adds one to it. */
    private void change(Random random, int stripe, int[] next) {
        byte[] key = new byte[Long.BYTES];
        try {
            if (random.nextInt(3) == 0) {
                do {
                    put(key, next[0]++);
                } while (stripe(key, next[0] - 1) != stripe);
                return;
            }
            int number;
            do {
                number = random.nextInt(next[0]);
            } while (stripe(key, number) != stripe);
            if (random.nextBoolean()) {
                put(key, number);
            } else {
                writer.remove(key, 0, key.length, Precondition.NONE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void addAll(int stripe, int keyCount, Map<Integer, Long> positions) {
        byte[] key = new byte[Long.BYTES];
        for (int i = 0; i < keyCount; i++) {
            if (stripe(key, i) == stripe && find(key, i) != 0) {
                positions.put(i, find(key, i));
            }
        }
    }

    private int stripe(byte[] key, long number) {
        ByteBuffer.wrap(key).putLong(0, number);
        return KeyDirectory.stripe(directory.hash(key, 0, key.length));
    }

    private void put(byte[] key, long number) throws IOException {
        ByteBuffer.wrap(key).putLong(0, number);
        writer.put(key, 0, key.length, key, null, RecordLayout.NO_EXPIRY, Precondition.NONE);
    }

    private long find(byte[] key, long number) {
        return find(directory, key, number);
    }

    private static long find(KeyDirectory in, byte[] key, long number) {
        ByteBuffer.wrap(key).putLong(0, number);
        return in.find(in.hash(key, 0, key.length), key, 0, key.length);
    }
}
