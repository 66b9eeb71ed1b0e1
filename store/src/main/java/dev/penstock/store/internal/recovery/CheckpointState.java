package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.index.KeyDirectory;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongArrayList;

/**
 * What a checkpoint knows beside the memory of the key directory.
 *
 * @param segments all segments of the log
 * @param references the large values that are current
 */
public record CheckpointState(List<SegmentState> segments, List<ReferenceState> references) {

    /**
     * A segment of the log: its number, the end of its last record, how many of its bytes are current, and before when
     * nothing in it expires.
     */
    public record SegmentState(long number, long usedLength, long liveBytes, long earliestExpiry) {}

    /** A current large value: the number of its segment and the position of the record that refers to it. */
    public record ReferenceState(long number, long position) {}

    public CheckpointState {
        segments = List.copyOf(segments);
        references = List.copyOf(references);
    }

    LongArrayList encode(KeyDirectory keys) {
        LongArrayList table = new LongArrayList();
        table.addLong(segments.size());
        for (SegmentState segment : segments) {
            table.addLong(segment.number());
            table.addLong(segment.usedLength());
            table.addLong(segment.liveBytes());
            table.addLong(segment.earliestExpiry());
        }
        table.addLong(references.size());
        for (ReferenceState reference : references) {
            table.addLong(reference.number());
            table.addLong(reference.position());
        }
        keys.save().forEachLong(table::addLong);
        return table;
    }

    /** Reads a table that {@link #encode} made, and gives the key directory the shape that it had. */
    static CheckpointState decode(LongArrayList table, KeyDirectory keys) {
        int at = 0;
        List<SegmentState> segments = new ArrayList<>();
        for (long left = table.getLong(at++); left > 0; left--) {
            segments.add(new SegmentState(
                    table.getLong(at), table.getLong(at + 1), table.getLong(at + 2), table.getLong(at + 3)));
            at += 4;
        }
        List<ReferenceState> references = new ArrayList<>();
        for (long left = table.getLong(at++); left > 0; left--) {
            references.add(new ReferenceState(table.getLong(at), table.getLong(at + 1)));
            at += 2;
        }
        keys.restore(table, at);
        return new CheckpointState(segments, references);
    }
}
