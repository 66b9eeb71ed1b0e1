package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Checks whether a checkpoint's image belongs to the log beside it. A diverged copy of the store has the same store id
 * and the same segment numbers, and its image would hide keys of this log silently.
 *
 * <p>In each segment that the image points into, the last records of a sample of the keys are compared: two copies have
 * their beginning in common and differ at the end. A sound record of another key is proof. A record that is not sound
 * may be damage, which the lookup that meets it reports; two such records count as proof.
 *
 * <p>It reads one or two records per segment. One thread.
 */
final class ImageSample {

    private static final int BUCKETS_PER_STRIPE = 1 << 10;

    private enum Found {
        THE_KEY,
        ANOTHER,
        NOTHING_SOUND
    }

    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final long salt;
    /** For each segment the highest position, and the next one. */
    private final Long2ObjectHashMap<long[]> highest = new Long2ObjectHashMap<>();

    /**
     * @param directory as the image filled it
     * @param salt the store's
     */
    ImageSample(SegmentSet segments, KeyDirectory directory, long salt) {
        this.segments = segments;
        this.directory = directory;
        this.salt = salt;
    }

    boolean isOfThisLog() {
        directory.samplePositions(BUCKETS_PER_STRIPE, this::note);
        return highest.values().stream().allMatch(this::agree);
    }

    private void note(long position) {
        long number = segments.number(position);
        long[] two = highest.get(number);
        if (two == null) {
            two = new long[2];
            highest.put(number, two);
        }
        if (position > two[0]) {
            two[1] = two[0];
            two[0] = position;
        } else if (position > two[1]) {
            two[1] = position;
        }
    }

    private boolean agree(long[] positions) {
        int unsound = 0;
        for (long position : positions) {
            Found found = position == 0 ? Found.THE_KEY : find(position);
            if (found == Found.ANOTHER) {
                return false;
            }
            unsound += found == Found.NOTHING_SOUND ? 1 : 0;
        }
        return unsound < positions.length;
    }

    private Found find(long position) {
        Segment segment = segments.segment(position);
        if (segment == null) {
            return Found.ANOTHER;
        }
        RecordScanner record = new RecordScanner(
                segment.memory(),
                segments.position(segment.number(), 0),
                salt,
                segments.offset(position),
                segment.memory().byteSize());
        try {
            if (!record.next()) {
                return Found.NOTHING_SOUND;
            }
        } catch (InternalError pageLost) {
            return Found.NOTHING_SOUND;
        }
        RecordHeader header = record.header();
        if (header.kind() != RecordLayout.VALUE && header.kind() != RecordLayout.REFERENCE) {
            return Found.ANOTHER;
        }
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        return directory.find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength()) == position
                ? Found.THE_KEY
                : Found.ANOTHER;
    }
}
