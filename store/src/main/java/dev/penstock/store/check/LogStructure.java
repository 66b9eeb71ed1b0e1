package dev.penstock.store.check;

import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.recovery.LogExtent;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Whether the log of a walk has all its files, each as long as it must be.
 *
 * <p>The files were listed, read and looked for at different times. Beside an owner that makes and removes files, a
 * file can therefore seem to be missing that has come and gone meanwhile: only what a second walk finds too is true.
 *
 * <p>One thread, after {@link StoreWalk#walk}.
 */
final class LogStructure {

    private static final String CUT_SHORT = "the file is cut short";

    private final StoreWalk walk;
    private final List<Finding> findings = new ArrayList<>();

    private LogStructure(StoreWalk walk) {
        this.walk = walk;
    }

    /** Returns what is wrong with the files of a log. */
    static List<Finding> findings(StoreWalk walk) throws IOException {
        LogStructure structure = new LogStructure(walk);
        structure.findings.addAll(walk.files.headerFindings);
        structure.checkSuccession();
        structure.checkReach();
        return structure.findings;
    }

    /**
     * The log has all segments from its first to its tail, unless compaction took one away, and each leads to the
     * next.
     */
    private void checkSuccession() throws IOException {
        Segment tail = walk.tail();
        List<Segment> log = walk.files.segments.logSegments(0, tail.number());
        long first = LogExtent.begin(walk.files.headers, tail.number())
                .orElse(log.getFirst().number());
        OptionalLong missing = LogExtent.missing(log, walk.replay.retired(), first);
        if (missing.isPresent()) {
            found(
                    FindingCode.SEGMENT_MISSING,
                    FileNames.log(missing.getAsLong()),
                    0,
                    "the file is missing or empty; the log goes from " + FileNames.log(first) + " to " + tail.name());
        }
        for (Segment segment : log) {
            if (segment != tail && !walk.tally(segment).rolled && !hasGap(segment)) {
                found(FindingCode.SEGMENT_CUT_SHORT, segment.name(), segment.usedLength(), CUT_SHORT);
            }
        }
        checkTail(tail);
    }

    private void checkTail(Segment tail) throws IOException {
        StoreWalk.Tally tally = walk.tally(tail);
        if (tally.rolled) {
            String successor = FileNames.log(tally.successor);
            // The store may be open for writing, and its log longer by now.
            if (walk.files.isEmpty(tally.successor) || !walk.files.place.list().contains(successor)) {
                found(
                        FindingCode.SEGMENT_MISSING,
                        successor,
                        0,
                        "the file is missing or empty; " + tail.name() + " leads to it");
            }
            return;
        }
        LogExtent extent = new LogExtent(walk.files.segments, walk.files.identity.salt());
        // The record that closes the log may lie behind a gap, at the end of the file.
        boolean isClosed = extent.isClosedAt(tail, endOfRecords(tail))
                || extent.isClosedAt(tail, tail.memory().byteSize());
        SegmentHeader header = walk.files.headers.get(tail.number());
        if (header != null && !isClosed) {
            long least = extent.leastLength(tail, header.fileLength());
            if (tail.memory().byteSize() < least) {
                found(
                        FindingCode.SEGMENT_CUT_SHORT,
                        tail.name(),
                        tail.memory().byteSize(),
                        CUT_SHORT + ": it had at least " + least + " bytes");
            }
        }
    }

    /** Where the first gap of the tail begins, or its last record ends. */
    private long endOfRecords(Segment tail) {
        return walk.gaps.stream()
                .filter(gap -> gap.segment() == tail)
                .mapToLong(StoreWalk.Gap::offset)
                .min()
                .orElse(tail.usedLength());
    }

    private boolean hasGap(Segment segment) {
        return walk.gaps.stream().anyMatch(gap -> gap.segment() == segment);
    }

    private void checkReach() {
        Segment last = walk.tail();
        long reach = walk.files.segments.position(last.number(), last.usedLength());
        if (reach < walk.durablePosition() && !hasGap(last)) {
            found(FindingCode.SEGMENT_CUT_SHORT, last.name(), last.usedLength(), CUT_SHORT);
        }
    }

    private void found(FindingCode code, String file, long offset, String problem) {
        findings.add(new Finding(code, file, offset, problem));
    }
}
