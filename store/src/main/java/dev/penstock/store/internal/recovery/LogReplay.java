package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Replays the log from one position to another or to its end, and records where and why it ends. One thread. */
final class LogReplay {

    static final long NO_LIMIT = Long.MAX_VALUE;

    private final SegmentSet segments;
    private final Replay replay;
    private final long salt;
    private final TreeMap<Long, Long> missingSuccessors = new TreeMap<>();
    private @Nullable Segment tail;
    private long tailOffset;
    private RecordScanner.End end = RecordScanner.End.NONE;
    private String problem = "";

    LogReplay(SegmentSet segments, Replay replay, long salt) {
        this.segments = segments;
        this.replay = replay;
        this.salt = salt;
    }

    /** Replays the records of an interval of positions. */
    void run(long from, long limit) {
        missingSuccessors.clear();
        List<Segment> log = segments.logSegments();
        for (int i = 0; i < log.size(); i++) {
            Segment segment = log.get(i);
            if (segment.number() < segments.number(from)) {
                continue;
            }
            boolean last = i == log.size() - 1;
            boolean rolled =
                    run(segment, from, limit, last ? NO_LIMIT : log.get(i + 1).number());
            if (!rolled || last) {
                return;
            }
        }
    }

    /** Whether the segment ends by leading on to the next one. */
    private boolean run(Segment segment, long first, long limit, long nextNumber) {
        long base = segments.position(segment.number(), 0);
        long until = Math.clamp(limit - base, 0, segment.memory().byteSize());
        long from = Math.max(first - base, SegmentHeader.LENGTH);
        RecordScanner records = new RecordScanner(segment.memory(), base, salt, from, until).readingAhead();
        boolean rolled = false;
        while (!rolled && records.next()) {
            replay.apply(segment, records);
            if (records.header().kind() == RecordLayout.ROLL) {
                rolled = true;
                long successor = records.header().valueLength();
                if (successor != nextNumber) {
                    missingSuccessors.put(segment.number(), successor);
                }
            }
        }
        tail = segment;
        tailOffset = records.offset() + (rolled ? records.length() : 0);
        end = rolled ? RecordScanner.End.NONE : records.end();
        problem = records.problem();
        segment.usedLength(tailOffset);
        return rolled;
    }

    /** The record at the end of the log turned out to be damaged. */
    void endIsDamaged(String by) {
        end = RecordScanner.End.DAMAGED;
        problem = by;
    }

    /** The segment that the log ends in. */
    Segment tail() {
        Segment replayed = tail;
        if (replayed == null) {
            throw new IllegalStateException("the log was not replayed");
        }
        return replayed;
    }

    /** The end of its last record. */
    long tailOffset() {
        return tailOffset;
    }

    long tailPosition() {
        return segments.position(tail().number(), tailOffset);
    }

    /** Why the log ends there. */
    RecordScanner.End end() {
        return end;
    }

    String problem() {
        return problem;
    }

    /**
     * Number of the segment that the log leads to from its tail, which is not there; 0 if the tail leads nowhere.
     */
    long successor() {
        return missingSuccessors.getOrDefault(tail().number(), 0L);
    }

    /** Segments that lead to one that is not there: their numbers, and that of the missing one. */
    Map<Long, Long> missingSuccessors() {
        return missingSuccessors;
    }
}
