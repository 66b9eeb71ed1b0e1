package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The segments of large values before a record of the log refers to them. Thread-safe. */
final class LargeValues {

    /** A value of this length gets a separate segment; less if segments are smaller than usual. */
    private static final long LARGE_VALUE_LENGTH = 1L << 20;

    private final SegmentSet segments;
    private final SegmentFactory factory;
    private final GroupCommit groupCommit;
    private final long salt;
    private final long smallestLength;
    /** Values that nothing refers to yet. The thread that removes one from this set decides its fate. */
    private final Set<LargeSegment> unreferenced = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    LargeValues(SegmentSet segments, SegmentFactory factory, GroupCommit groupCommit, long salt) {
        this.segments = segments;
        this.factory = factory;
        this.groupCommit = groupCommit;
        this.salt = salt;
        this.smallestLength = Math.min(LARGE_VALUE_LENGTH, segments.segmentSize() / 4);
    }

    /** Whether a value of this length gets a separate segment. */
    boolean isLarge(long valueLength) {
        return valueLength >= smallestLength;
    }

    /** The shortest value that gets a separate segment. */
    long smallestLength() {
        return smallestLength;
    }

    LargeSegment create(int keyLength, long valueLength) throws IOException {
        return create(() -> factory.createLarge(keyLength, valueLength));
    }

    LargeSegment createGrowing(int keyLength) throws IOException {
        return create(() -> factory.createGrowing(keyLength));
    }

    private interface Creation {

        LargeSegment create() throws IOException;
    }

    private LargeSegment create(Creation creation) throws IOException {
        groupCommit.relieve();
        try {
            return noted(creation.create());
        } catch (OutOfDescriptorsException e) {
            // Those that were forced need none any more.
            if (!groupCommit.forceUnforced()) {
                throw e;
            }
            return noted(creation.create());
        }
    }

    private LargeSegment noted(LargeSegment large) throws IOException {
        unreferenced.add(large);
        if (closed && unreferenced.remove(large)) {
            // Its file is removed when the store is opened next.
            large.close();
            throw new ClosedChannelException();
        }
        return large;
    }

    /** Completes a segment whose value is all in it; the log may refer to it afterwards. */
    void complete(LargeSegment large, byte[] key, long sequence, int valueChecksum, RecordHeader header)
            throws IOException {
        int recordSalt = Checksum.salt(salt, Checksum.placeOfValue(large.number()));
        header.encode(
                large.commitWord(),
                key,
                0,
                RecordLayout.NO_EXPIRY,
                sequence,
                large.valueLength(),
                valueChecksum,
                recordSalt);
        writeAround(large, header);
        large.recordSequence(sequence);
        large.filled();
        unreferenced.remove(large);
        segments.add(large);
        groupCommit.add(large);
    }

    /** Writes what is in front of the value and behind it. */
    private static void writeAround(LargeSegment large, RecordHeader header) throws IOException {
        large.file().write(header.front(large.valueOffset() - SegmentHeader.LENGTH), SegmentHeader.LENGTH);
        large.file().write(RecordLayout.frameSuffix(), large.valueOffset() + large.valueLength());
    }

    /** Throws away a segment, unless it is {@linkplain LargeSegment#isCommitted committed}. */
    void abandon(LargeSegment large) throws IOException {
        boolean here = unreferenced.remove(large);
        if (large.isCommitted() || closed && !here) {
            // Once the store is closed, its name may be another's.
            return;
        }
        segments.remove(large);
        large.retire();
        factory.delete(large.name());
    }

    /**
     * Closes all values that nothing refers to yet: threads that still write to one get an exception. No other write is
     * under way.
     *
     * @param delete whether to remove the files too; if not, the next open does
     */
    void close(boolean delete) throws IOException {
        closed = true;
        for (LargeSegment large : List.copyOf(unreferenced)) {
            if (unreferenced.remove(large)) {
                try {
                    if (delete) {
                        factory.delete(large.name());
                    }
                } finally {
                    large.close();
                }
            }
        }
    }
}
