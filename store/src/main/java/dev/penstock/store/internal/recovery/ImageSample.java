package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.List;

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
final class ImageSample implements KeyDirectory.SampleVisitor {

    private static final int PAGES_PER_STRIPE = 16;

    private enum Found {
        THE_KEY,
        ANOTHER,
        NOTHING_SOUND
    }

    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final long salt;
    /** A hash table of the numbers of segments, at most half full; 0 where there is none. */
    private final long[] numbers;
    /** For the segment of each number the highest position. */
    private final long[] highest;
    /** The highest position but one. */
    private final long[] second;

    private boolean pointsElsewhere;

    /**
     * @param directory as the image filled it
     * @param salt the store's
     */
    ImageSample(SegmentSet segments, KeyDirectory directory, long salt) {
        this.segments = segments;
        this.directory = directory;
        this.salt = salt;
        List<Segment> log = segments.logSegments();
        int capacity = Integer.highestOneBit(log.size()) << 2;
        numbers = new long[capacity];
        highest = new long[capacity];
        second = new long[capacity];
        for (Segment segment : log) {
            numbers[entry(segment.number())] = segment.number();
        }
    }

    /** Where a number is in the table, or would be. */
    private int entry(long number) {
        int mask = numbers.length - 1;
        int entry = (int) number & mask;
        while (numbers[entry] != number && numbers[entry] != 0) {
            entry = entry + 1 & mask;
        }
        return entry;
    }

    boolean isOfThisLog() {
        directory.samplePositions(PAGES_PER_STRIPE, this);
        boolean agrees = !pointsElsewhere;
        for (int entry = 0; agrees && entry < numbers.length; entry++) {
            agrees = agree(highest[entry], second[entry]);
        }
        return agrees;
    }

    @Override
    public void visit(long[] positions, int count) {
        for (int i = 0; i < count; i++) {
            long position = positions[i];
            int entry = entry(segments.number(position));
            if (position > highest[entry]) {
                second[entry] = highest[entry];
                highest[entry] = position;
                pointsElsewhere |= numbers[entry] == 0;
            } else if (position > second[entry]) {
                second[entry] = position;
            }
        }
    }

    private boolean agree(long... positions) {
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
