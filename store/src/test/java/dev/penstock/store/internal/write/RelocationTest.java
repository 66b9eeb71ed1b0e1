package dev.penstock.store.internal.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.HeaderImage;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Failure;
import dev.penstock.store.internal.io.PosixDisk;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.segment.Claim;
import dev.penstock.store.internal.segment.Log;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.ScannedRecord;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What compaction does with a record whose writer is not done yet. */
class RelocationTest {

    private static final int SEGMENT_SHIFT = 20;

    @TempDir
    Path path;

    /** Were it taken for dead, its segment would go, and the directory would point at nothing. */
    @Test
    @Timeout(60)
    @SuppressWarnings("LockNotBeforeTry") // released where a writer would, in the middle
    void aRecordThatIsPublishedButNotYetInTheDirectoryIsNotTakenForDead() throws Exception {
        Identity identity = new Identity(new UUID(3, 4), SEGMENT_SHIFT);
        Failure failure = new Failure();
        Reclaimer reclaimer = new Reclaimer(new Background("never started"));
        SegmentSet segments = new SegmentSet(SEGMENT_SHIFT);
        SegmentFactory factory =
                new SegmentFactory(new PosixDisk(), path, identity.storeId(), SEGMENT_SHIFT, reclaimer);
        Segment segment = factory.create();
        segments.add(segment);
        byte[] key = {1, 2, 3};
        try (KeyDirectory directory = new KeyDirectory(segments, identity.salt())) {
            Log log =
                    new Log(segments, factory, identity.salt(), failure, segment, segment.usedLength(), 0, 0, () -> {});
            long hash = directory.hash(key, 0, key.length);
            ReentrantLock lock = directory.lock(hash);
            lock.lock();
            Claim claim = publish(log, key, identity.salt());
            RecordScanner records = new RecordScanner(
                    segment.memory(),
                    segments.position(segment.number(), 0),
                    identity.salt(),
                    claim.offset(),
                    segment.usedLength());
            ScannedRecord record = new ScannedRecord();
            assertTrue(records.next(record));
            Relocation relocation = new Relocation(directory, segments, log, failure, identity.salt());
            CompletableFuture<Long> moved = CompletableFuture.supplyAsync(() -> move(relocation, record));
            while (!lock.hasQueuedThreads() && !moved.isDone()) {
                Thread.onSpinWait();
            }
            directory.insert(hash, claim.position());
            lock.unlock();
            assertTrue(moved.get() > 0, "moved, since it is the current record of its key");
            assertEquals(claim.position() + claim.length(), directory.find(hash, key, 0, key.length));
        } finally {
            segments.logSegments().forEach(Segment::close);
        }
    }

    /** What a writer does before it points the directory at its record. */
    private static Claim publish(Log log, byte[] key, long salt) throws IOException {
        Claim claim = new Claim();
        int commitWord = RecordLayout.commitWord(RecordLayout.VALUE, key.length);
        log.claim(claim, commitWord, 0);
        HeaderImage header = new HeaderImage();
        header.encode(
                commitWord,
                key,
                0,
                RecordLayout.NO_EXPIRY,
                claim.sequence(),
                0,
                0,
                Checksum.salt(salt, claim.position()));
        header.storeWithValue(claim.segment().memory(), claim.offset(), MemorySegment.ofArray(new byte[0]));
        log.publish(claim, commitWord);
        return claim;
    }

    private static long move(Relocation relocation, ScannedRecord record) {
        try {
            return relocation.moveIfCurrent(record, relocation.hash(record));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
