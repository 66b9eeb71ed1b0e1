package dev.penstock.store.internal.follow;

import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.recovery.Recovery;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import org.agrona.collections.LongArrayList;

/**
 * The current state of a store's files, built beside a live state that compaction has overtaken.
 *
 * <p>The new state is applied to the live one while its readers continue: first all segments and values are added, then
 * each key gets its new place, then removed keys are dropped, and finally the segments and values that nothing refers
 * to. At every moment a key points at its older or its newer record. If another value has reused a number meanwhile,
 * the sequence shows it.
 *
 * <p>One thread.
 */
final class StateRebuild implements AutoCloseable {

    private final SegmentSet segments;
    private final KeyDirectory directory;

    @SuppressWarnings("NullAway.Init") // what is handed out has one
    private LogFollower follower;

    private boolean handedOver;

    private StateRebuild(SegmentSet segments, KeyDirectory directory) {
        this.segments = segments;
        this.directory = directory;
    }

    static StateRebuild of(Recovery recovery) throws IOException {
        Identity identity = recovery.replayed().identity();
        SegmentSet segments = new SegmentSet(identity.segmentShift());
        StateRebuild rebuilt = new StateRebuild(segments, new KeyDirectory(segments, identity.salt()));
        boolean complete = false;
        try {
            Recovery again = recovery.again(segments, rebuilt.directory);
            again.run();
            rebuilt.follower = LogFollower.of(again, segments, rebuilt.directory);
            rebuilt.follower.begin();
            complete = true;
            return rebuilt;
        } finally {
            if (!complete) {
                rebuilt.close();
            }
        }
    }

    /** Follows on from this state. */
    LogFollower follower() {
        return follower;
    }

    /** Applies this state to a live store, which then holds these segments and values instead of its own. */
    void bring(SegmentSet liveSegments, KeyDirectory live) {
        live.exclusively(() -> {
            handedOver = true;
            for (Segment segment : segments.logSegments()) {
                Segment before = liveSegments.segment(segments.position(segment.number(), 0));
                liveSegments.add(segment);
                if (before != null) {
                    before.retire();
                }
            }
            for (LargeSegment large : segments.largeSegments()) {
                LargeSegment before = liveSegments.large(large.number());
                liveSegments.add(large);
                if (before != null) {
                    before.retire();
                }
            }
            visit(directory, position -> place(live, position));
            visit(live, position -> removeIfGone(liveSegments, live, position));
            live.copyExpiring(directory);
            live.mark(directory.mark());
            letGo(liveSegments);
        });
    }

    private interface PositionConsumer {

        void accept(long position);
    }

    private static void visit(KeyDirectory keys, PositionConsumer consumer) {
        LongArrayList found = new LongArrayList();
        long cursor = 0;
        do {
            cursor = keys.scan(cursor, found, positions -> {
                for (int i = 0; i < positions.size(); i++) {
                    consumer.accept(positions.getLong(i));
                }
            });
        } while (cursor != 0);
    }

    private void place(KeyDirectory live, long position) {
        byte[] key = segments.requireSegment(position).key(segments.offset(position));
        long hash = live.hash(key, 0, key.length);
        long current = live.find(hash, key, 0, key.length);
        if (current == 0) {
            live.insert(hash, position);
        } else if (current != position) {
            live.replace(hash, current, position);
        }
    }

    private void removeIfGone(SegmentSet liveSegments, KeyDirectory live, long position) {
        byte[] key = liveSegments.requireSegment(position).key(liveSegments.offset(position));
        long hash = live.hash(key, 0, key.length);
        if (directory.find(hash, key, 0, key.length) == 0) {
            live.remove(hash, position);
        }
    }

    private void letGo(SegmentSet liveSegments) {
        for (Segment segment : liveSegments.logSegments()) {
            if (segments.segment(segments.position(segment.number(), 0)) == null) {
                liveSegments.remove(segment);
                segment.retire();
            }
        }
        for (LargeSegment large : liveSegments.largeSegments()) {
            if (segments.large(large.number()) == null && liveSegments.remove(large)) {
                large.retire();
            }
        }
    }

    @Override
    public void close() {
        directory.close();
        if (!handedOver) {
            segments.logSegments().forEach(Segment::close);
            segments.largeSegments().forEach(LargeSegment::close);
        }
    }
}
