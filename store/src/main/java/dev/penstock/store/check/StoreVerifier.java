package dev.penstock.store.check;

import dev.penstock.store.PageLostException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.StoreException;
import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.recovery.LargeValueCheck;
import dev.penstock.store.internal.recovery.LogExtent;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * Reads every byte of a store that means something and compares it with its checksum. Changes nothing, takes no lock; a
 * store that is open for writing is verified as far as its log has come.
 */
public final class StoreVerifier {

    private final StoreWalk walk;
    private final List<Finding> findings = new ArrayList<>();

    private StoreVerifier(StoreWalk walk) {
        this.walk = walk;
    }

    /**
     * Verifies a store. Damage is reported, not thrown.
     *
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws dev.penstock.store.FormatVersionException if a newer version made it
     * @throws dev.penstock.store.CorruptionException if so much is gone that nothing can be walked
     */
    public static VerifyReport verify(Path directory, ProgressListener listener) {
        try (StoreWalk walk = StoreWalk.open(directory)) {
            VerifyReport report = new StoreVerifier(walk).run(listener);
            PageFaults.deliver();
            return report;
        } catch (IOException e) {
            throw StoreException.of("reading " + directory, e);
        } catch (InternalError e) {
            throw new PageLostException(directory.toString(), 0, "a page of one of its files could not be supplied", e);
        }
    }

    private VerifyReport run(ProgressListener listener) throws IOException {
        long bytes = walk.walk(true, listener);
        findings.addAll(walk.headerFindings);
        findings.addAll(walk.valueFindings);
        walk.gaps.forEach(this::judge);
        checkSuccession();
        checkReach();
        checkCheckpoint();
        bytes += checkLargeValues(bytes, listener);
        findings.sort(Comparator.comparing(Finding::file).thenComparingLong(Finding::offset));
        long records = walk.tallies.values().stream()
                .mapToLong(tally -> tally.recordCount)
                .sum();
        return new VerifyReport(walk.tallies.size() + walk.replay.references().size(), records, bytes, findings);
    }

    private void judge(StoreWalk.Gap gap) {
        // Segments beyond the tail were made ahead of it, and hold nothing yet.
        boolean last = gap.segment().number() >= tail().number();
        if (last && gap.atEnd() && !gap.damaged() && !isDurable(gap)) {
            return;
        }
        boolean torn = last && !isDurable(gap) && !(gap.damaged() && walk.sameBoot);
        findings.add(new Finding(
                torn ? Finding.Severity.NOTICE : Finding.Severity.CORRUPTION,
                gap.segment().name(),
                gap.offset(),
                gap.problem()
                        + (torn
                                ? "; above what was forced to the device, perhaps a torn tail"
                                : gap.atEnd()
                                        ? "; no sound record follows"
                                        : "; the next sound record is " + gap.length() + " bytes further on")));
    }

    private boolean isDurable(StoreWalk.Gap gap) {
        return walk.segments.position(gap.segment().number(), gap.offset()) < durablePosition();
    }

    private long durablePosition() {
        return Math.max(
                Math.max(
                        walk.replay.durablePosition(),
                        walk.headers.values().stream()
                                .mapToLong(SegmentHeader::durablePosition)
                                .max()
                                .orElse(0)),
                walk.checkpoint.map(Checkpoint::durablePosition).orElse(0L));
    }

    /** The segment that is appended to: the last with a record in it, or the one that it leads on to. */
    private Segment tail() {
        List<Segment> log = walk.segments.logSegments();
        int last = log.size() - 1;
        while (last > 0 && walk.tallies.get(log.get(last)).recordCount == 0) {
            last--;
        }
        boolean leadsOn = walk.tallies.get(log.get(last)).rolled && last + 1 < log.size();
        return log.get(leadsOn ? last + 1 : last);
    }

    /** The log has all segments from its first to its tail, unless compaction took one away, and each leads on to the next. */
    private void checkSuccession() throws IOException {
        Segment tail = tail();
        List<Segment> log = walk.segments.logSegments(0, tail.number());
        SegmentHeader header = walk.headers.get(tail.number());
        long first = header == null ? log.getFirst().number() : header.firstSegment();
        OptionalLong missing = LogExtent.missing(log, walk.replay.retired(), first);
        if (missing.isPresent()) {
            corrupt(
                    FileNames.log(missing.getAsLong()),
                    0,
                    "the file is missing or empty; the log goes from " + FileNames.log(first) + " to " + tail.name());
        }
        for (Segment segment : log) {
            if (segment != tail && !walk.tallies.get(segment).rolled && !hasGap(segment)) {
                corrupt(segment.name(), segment.usedLength(), "the file is cut short");
            }
        }
        checkTail(tail, header);
    }

    private void checkTail(Segment tail, SegmentHeader header) throws IOException {
        StoreWalk.Tally tally = walk.tallies.get(tail);
        if (tally.rolled) {
            String successor = FileNames.log(tally.successor);
            // The store may be open for writing, and its log longer by now.
            if (walk.isEmpty(tally.successor) || !walk.place.list().contains(successor)) {
                corrupt(successor, 0, "the file is missing or empty; " + tail.name() + " leads on to it");
            }
            return;
        }
        LogExtent extent = new LogExtent(walk.segments, walk.identity.salt());
        if (header != null && !extent.isClosedAt(tail, endOfRecords(tail))) {
            long least = extent.leastLength(tail, header.fileLength());
            if (tail.memory().byteSize() < least) {
                corrupt(
                        tail.name(),
                        tail.memory().byteSize(),
                        "the file is cut short: it had at least " + least + " bytes");
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
        Segment last = tail();
        long reach = walk.segments.position(last.number(), last.usedLength());
        if (reach < durablePosition() && !hasGap(last)) {
            corrupt(last.name(), last.usedLength(), "the file is cut short");
        }
    }

    private void checkCheckpoint() {
        if (walk.checkpoint.isEmpty()) {
            findings.add(new Finding(
                    Finding.Severity.NOTICE,
                    Checkpoint.FILE_NAME,
                    0,
                    "the checkpoint is missing or damaged: the next open takes longer, and a log that was put back to where it"
                            + " was closed before looks whole"));
        }
    }

    private long checkLargeValues(long doneBefore, ProgressListener listener) throws IOException {
        long total = walk.totalBytes();
        long bytes = 0;
        LargeValueCheck check = new LargeValueCheck(walk.place, walk.identity);
        for (var entry : walk.replay.references().entrySet()) {
            long number = entry.getKey();
            long position = entry.getValue();
            MemorySegment memory = walk.segments.segment(position).memory();
            long offset = walk.segments.offset(position);
            int keyLength = RecordLayout.keyLength(RecordLayout.commitWord(memory, offset));
            long valueLength = RecordLayout.valueLength(memory, offset);
            String problem = check.problem(number, keyLength, valueLength, true);
            if (!problem.isEmpty()) {
                corrupt(FileNames.largeValue(number), 0, problem);
            }
            bytes += valueLength;
            listener.progress(doneBefore + bytes, total);
        }
        for (long number : walk.largeNumbers) {
            if (!walk.replay.references().containsKey(number)) {
                findings.add(new Finding(
                        Finding.Severity.NOTICE,
                        FileNames.largeValue(number),
                        0,
                        "no record refers to this large value; the next open removes it"));
            }
        }
        return bytes;
    }

    private void corrupt(String file, long offset, String problem) {
        findings.add(new Finding(Finding.Severity.CORRUPTION, file, offset, problem));
    }
}
