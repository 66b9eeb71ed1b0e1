package dev.penstock.store.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.format.ValueBytes;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.log.Claim;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.ScannedRecord;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which records compaction moves while others write, and what it makes of them. */
class RecordRelocatorTest {

    private static final int SEGMENT_SHIFT = 20;

    @TempDir
    Path path;

    private final Identity identity = new Identity(new UUID(3, 4), SEGMENT_SHIFT);
    private final SegmentSet segments = new SegmentSet(SEGMENT_SHIFT);
    private final List<Claim> claims = new ArrayList<>();
    private Segment segment;
    private KeyDirectory directory;
    private Log log;
    private RecordRelocator relocation;

    @BeforeEach
    void makeLog() throws IOException {
        FailureLatch failure = new FailureLatch();
        Reclaimer reclaimer = new Reclaimer(new AgentThread("never started"));
        SegmentFactory factory =
                new SegmentFactory(new SystemDisk().openDirectory(path), identity.storeId(), SEGMENT_SHIFT, reclaimer);
        segment = factory.create(0, 0);
        segments.add(segment);
        directory = new KeyDirectory(segments, identity.salt());
        log = new Log(segments, factory, identity.salt(), failure, segment, segment.usedLength(), 0, 0, () -> {});
        relocation = new RecordRelocator(directory, segments, log, failure, identity.salt());
    }

    @AfterEach
    void closeLog() {
        directory.close();
        segments.logSegments().forEach(Segment::close);
    }

    /** Were it taken for dead, its segment would go, and the directory would point at nothing. */
    @Test
    @Timeout(60)
    @SuppressWarnings("LockNotBeforeTry") // released where a writer would, in the middle
    void aRecordThatIsPublishedButNotYetInTheDirectoryIsNotTakenForDead() throws Exception {
        byte[] key = key("a");
        ReentrantLock lock = directory.lock(hash(key));
        lock.lock();
        Claim claim = publish(key, value(100));
        ScannedRecord record = scanAll().getFirst();
        CompletableFuture<Long> moved = CompletableFuture.supplyAsync(() -> move(List.of(record)));
        while (!lock.hasQueuedThreads() && !moved.isDone()) {
            Thread.onSpinWait();
        }
        directory.insert(hash(key), claim.position());
        lock.unlock();
        assertTrue(moved.get() > 0, "moved, since it is the current record of its key");
        assertEquals(claim.position() + claim.length(), find(key));
    }

    /**
     * Recovery finds the last sequence in the records: one that is in none of them would be given to another write
     * after a kill.
     */
    @Test
    void copiesTakeNoSequence() throws Exception {
        put("a", value(100));
        put("b", value(200));
        long last = log.lastSequence();

        assertTrue(move(scanAll()) > 0);

        assertEquals(last, log.lastSequence());
        assertEquals(
                last,
                scanAll().stream()
                        .mapToLong(record -> record.header().sequence())
                        .max()
                        .orElseThrow());
    }

    /** The copy would be younger in the log than what replaced the record. */
    @Test
    void aRecordThatIsReplacedBeforeItIsMovedStaysBehind() throws Exception {
        put("a", value(100));
        put("b", value(200));
        put("c", value(300));
        List<ScannedRecord> records = scanAll();
        records.forEach(relocation::add);
        assertEquals(3, relocation.count());

        long replaced = publish(key("b"), value(250)).position();
        directory.replace(hash(key("b")), claims.get(1).position(), replaced);
        long length = relocation.move();

        assertEquals(2, relocation.count());
        assertEquals(replaced, find(key("b")));
        assertEquals(claims.get(0).length() + claims.get(2).length(), length);
        assertValue(value(100), "a");
        assertValue(value(300), "c");
        assertSoundTo(segment.usedLength());
    }

    @Test
    void aTombstoneIsMovedOnlyWhileItsKeyIsNotThere() throws Exception {
        publish(RecordLayout.TOMBSTONE, key("a"), new byte[0]);
        publish(RecordLayout.TOMBSTONE, key("b"), new byte[0]);
        List<ScannedRecord> records = scanAll();
        records.forEach(relocation::add);
        assertEquals(2, relocation.count());
        put("b", value(10));
        assertTrue(relocation.move() > 0);
        assertEquals(1, relocation.count());
        assertEquals(0, find(key("a")));
        assertValue(value(10), "b");
        assertSoundTo(segment.usedLength());
    }

    /** Where they lie in a stretch depends on where the stretch lies. */
    @Test
    void alignedValuesAreMovedAmongShortOnes() throws Exception {
        int[] lengths = {
            1, RecordLayout.ALIGNED_VALUE_LENGTH, 3, RecordLayout.ALIGNED_VALUE_LENGTH + 4097, 0, 5000,
        };
        for (int length : lengths) {
            put("key of " + length, value(length));
        }
        List<ScannedRecord> records = scanAll();
        assertTrue(move(records) > 0);
        for (int i = 0; i < lengths.length; i++) {
            String key = "key of " + lengths[i];
            assertTrue(find(key(key)) > claims.get(i).position(), key);
            assertValue(value(lengths[i]), key);
        }
        assertSoundTo(segment.usedLength());
        assertEquals(2 * lengths.length, scanAll().size());
    }

    /** What follows it in the stretch looks published, and is not before the first is. */
    @Test
    void aStretchWhoseFirstRecordIsUnpublishedIsTheEndOfTheLog() throws Exception {
        put("a", value(100));
        put("b", value(100));
        move(scanAll());
        long stretch = claims.get(1).offset() + claims.get(1).length();
        int commitWord = RecordLayout.commitWord(segment.memory(), stretch);
        assertTrue(RecordLayout.isPublished(commitWord));
        assertFalse(RecordLayout.isPublished(RecordLayout.unpublished(commitWord)));

        RecordLayout.publish(segment.memory(), stretch, RecordLayout.unpublished(commitWord));
        RecordScanner records = scanner();
        while (records.next()) {
            assertTrue(records.offset() < stretch);
        }
        assertEquals(stretch, records.offset());
        assertEquals(RecordScanner.End.EMPTY, records.end());

        ByteBuffer kind = ByteBuffer.wrap(new byte[] {RecordLayout.kindByte(commitWord)});
        segment.file().write(kind, stretch + RecordLayout.KIND_OFFSET);
        assertEquals(commitWord, RecordLayout.commitWord(segment.memory(), stretch));
    }

    @Test
    void aDamagedValueIsNotMovedNorIsWhatCameWithIt() throws Exception {
        put("a", value(100));
        put("b", value(100));
        List<ScannedRecord> records = scanAll();
        long end = segment.usedLength();
        segment.memory().set(ValueLayout.JAVA_BYTE, records.get(1).valueOffset() + 50, (byte) -1);
        CorruptionException damage = assertThrows(CorruptionException.class, () -> move(records));
        assertEquals(records.get(1).offset(), damage.offset());
        assertEquals(end, segment.usedLength());
        assertEquals(claims.get(0).position(), find(key("a")));
    }

    // --- a log ---

    private static byte[] key(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] value(int length) {
        byte[] value = new byte[length];
        Arrays.fill(value, (byte) length);
        return value;
    }

    private long hash(byte[] key) {
        return directory.hash(key, 0, key.length);
    }

    private long find(byte[] key) {
        return directory.find(hash(key), key, 0, key.length);
    }

    private void put(String key, byte[] value) throws IOException {
        directory.insert(hash(key(key)), publish(key(key), value).position());
    }

    private Claim publish(byte[] key, byte[] value) throws IOException {
        return publish(RecordLayout.VALUE, key, value);
    }

    /** What a writer does before it points the directory at its record. */
    private Claim publish(int kind, byte[] key, byte[] value) throws IOException {
        Claim claim = new Claim();
        int commitWord = RecordLayout.commitWord(kind, key.length);
        log.claim(claim, commitWord, value.length);
        RecordHeader header = new RecordHeader();
        header.encode(
                commitWord,
                key,
                0,
                RecordLayout.NO_EXPIRY,
                claim.sequence(),
                value.length,
                new Checksum().of(value, 0, value.length),
                Checksum.salt(identity.salt(), claim.position()));
        if (kind == RecordLayout.VALUE) {
            ValueBytes bytes = new ValueBytes();
            bytes.set(value);
            header.storeWithValue(claim.segment().memory(), claim.offset(), bytes);
        } else {
            header.store(claim.segment().memory(), claim.offset());
        }
        log.publish(claim, commitWord);
        claims.add(claim);
        return claim;
    }

    private RecordScanner scanner() {
        return new RecordScanner(
                segment.memory(),
                segments.position(segment.number(), 0),
                identity.salt(),
                SegmentHeader.LENGTH,
                segment.usedLength());
    }

    private List<ScannedRecord> scanAll() {
        RecordScanner records = scanner();
        List<ScannedRecord> scanned = new ArrayList<>();
        for (ScannedRecord record = new ScannedRecord(); records.next(record); record = new ScannedRecord()) {
            record.hash(relocation.hash(record));
            scanned.add(record);
        }
        return scanned;
    }

    private long move(List<ScannedRecord> records) {
        try {
            relocation.begin();
            relocation.clear();
            records.stream().filter(relocation::isNeeded).forEach(relocation::add);
            return relocation.move();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertValue(byte[] expected, String key) {
        long offset = segments.offset(find(key(key)));
        long valueOffset =
                RecordLayout.valueOffset(offset, RecordLayout.commitWord(segment.memory(), offset), expected.length);
        assertArrayEquals(
                expected, segment.memory().asSlice(valueOffset, expected.length).toArray(ValueLayout.JAVA_BYTE), key);
    }

    private void assertSoundTo(long end) {
        RecordScanner records = scanner();
        while (records.next()) {
            assertTrue(records.isValueSound(), "value at offset " + records.offset());
        }
        assertEquals(RecordScanner.End.NONE, records.end(), records.problem());
        assertEquals(end, records.offset());
    }
}
