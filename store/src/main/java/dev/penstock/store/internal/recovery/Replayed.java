package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The end of a recovery in a log that another store may append to: a follower continues from here.
 *
 * @param place the store's directory
 * @param identity the store's
 * @param factory opens the segments that follow
 * @param leastSequence no record at the tail counts whose sequence is lower: the machine has stopped, what lies there
 *     was lost, and an owner has not cut it off yet; 0 if nothing was
 * @param tail the segment that the log ended in
 * @param tailOffset end of the last record in it
 * @param successor number of the segment that the tail leads to, 0 if there is none
 * @param replay what was replayed
 * @param values opens large values that are referred to
 * @param unresolved keys whose large value was gone when it was to be opened, and the value's number
 */
public record Replayed(
        DiskDirectory place,
        Identity identity,
        SegmentFactory factory,
        long leastSequence,
        Segment tail,
        long tailOffset,
        long successor,
        Replay replay,
        ReferencedValues values,
        Map<ByteBuffer, Long> unresolved) {}
