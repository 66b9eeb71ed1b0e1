package dev.penstock.store.repair;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * Large values whose references are lost. The file of a large value has its key, so it can be salvaged alone, without
 * the expiry, which was in the reference.
 *
 * <p>A file without a reference may also be one that was replaced or removed, or an upload that was cut short: its file
 * is deleted by the next open. So a file counts only if a part of the log is lost, and no sound record of its key, or
 * one that removes all keys, is newer.
 *
 * <p>One thread.
 */
final class OrphanedValues {

    /**
     * A large value without a reference.
     *
     * @param checksum plain checksum of the value
     * @param certain whether the checkpoint says that it was current
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Orphan(String file, byte[] key, long sequence, long length, int checksum, boolean certain) {}

    private final DamagedFiles files;
    private final KeyDirectory directory;
    private final SegmentWalk walk;
    private final @Nullable Evidence evidence;
    private final long doubt;
    private final Map<ByteBuffer, Orphan> orphans = new HashMap<>();

    OrphanedValues(
            DamagedFiles files, KeyDirectory directory, SegmentWalk walk, @Nullable Evidence evidence, long doubt) {
        this.files = files;
        this.directory = directory;
        this.walk = walk;
        this.evidence = evidence;
        this.doubt = doubt;
    }

    /** @param referenced numbers of the values that sound records refer to, current or not */
    void find(LongHashSet referenced) throws IOException {
        if (doubt == 0) {
            return;
        }
        for (long number : files.valueNumbers) {
            if (!referenced.contains(number)) {
                Orphan orphan = read(number);
                if (orphan != null) {
                    orphans.merge(
                            ByteBuffer.wrap(orphan.key()),
                            orphan,
                            (one, other) -> one.sequence() > other.sequence() ? one : other);
                }
            }
        }
        if (!orphans.isEmpty()) {
            for (Segment segment : files.segments.logSegments()) {
                walk.walk(segment, new Superseding());
            }
        }
    }

    Collection<Orphan> found() {
        return orphans.values();
    }

    private @Nullable Orphan read(long number) {
        String name = FileNames.largeValue(number);
        try (DiskFile file = files.place.open(name, false)) {
            byte[] head = new byte[SegmentHeader.LENGTH];
            file.read(ByteBuffer.wrap(head), 0);
            byte[] record = new byte[RecordLayout.KEY_OFFSET + RecordLayout.MAX_KEY_LENGTH];
            int length = file.read(ByteBuffer.wrap(record), SegmentHeader.LENGTH);
            if (!SegmentHeader.ofLargeValue(files.identity.storeId(), number).matches(head)
                    || length < RecordLayout.BARE_LENGTH) {
                return null;
            }
            int commitWord =
                    ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).getInt(RecordLayout.COMMIT_WORD_OFFSET);
            if (!RecordLayout.isPossible(commitWord)
                    || RecordLayout.kind(commitWord) != RecordLayout.LARGE_VALUE
                    || RecordLayout.headerLength(commitWord) > length) {
                return null;
            }
            RecordHeader header = new RecordHeader();
            header.load(MemorySegment.ofArray(record), 0, commitWord);
            int salt = Checksum.salt(files.identity.salt(), Checksum.placeOfValue(number));
            boolean sound = header.isSound(salt)
                    && header.valueLength() >= 0
                    && header.valueLength() <= RecordLayout.MAX_VALUE_LENGTH
                    && file.size() >= LargeSegment.fileLength(header.keyLength(), header.valueLength());
            return sound ? orphan(name, number, header, salt) : null;
        } catch (IOException unreadable) {
            return null;
        }
    }

    private @Nullable Orphan orphan(String name, long number, RecordHeader header, int salt) {
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        boolean wasCurrent = evidence != null && evidence.hadReferenceTo(hash, number);
        if (evidence != null && !wasCurrent && evidence.knownUpTo(hash) >= doubt) {
            return null;
        }
        boolean certain = evidence != null && wasCurrent && evidence.knownUpTo(hash) >= doubt;
        byte[] key = Arrays.copyOfRange(
                header.bytes(), RecordLayout.KEY_OFFSET, RecordLayout.KEY_OFFSET + header.keyLength());
        return new Orphan(name, key, header.sequence(), header.valueLength(), header.valueChecksum() ^ salt, certain);
    }

    /** Takes away what newer records supersede. */
    private final class Superseding implements SegmentWalk.Visitor {

        @Override
        public void record(Segment segment, RecordScanner record) {
            RecordHeader header = record.header();
            switch (header.kind()) {
                case RecordLayout.VALUE, RecordLayout.TOMBSTONE, RecordLayout.REFERENCE -> {
                    ByteBuffer key = ByteBuffer.wrap(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
                    Orphan orphan = orphans.get(key);
                    if (orphan != null && header.sequence() > orphan.sequence()) {
                        orphans.remove(key);
                    }
                }
                case RecordLayout.CLEAR -> orphans.values().removeIf(orphan -> header.sequence() > orphan.sequence());
                default -> {
                    // Says nothing about keys.
                }
            }
        }

        @Override
        public void gap(Segment segment, SegmentWalk.Gap gap) {}
    }
}
