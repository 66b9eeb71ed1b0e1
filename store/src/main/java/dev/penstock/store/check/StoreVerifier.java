package dev.penstock.store.check;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.StoreException;
import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.recovery.LargeValueCheck;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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
            return new StoreVerifier(walk).run(listener);
        } catch (IOException e) {
            throw StoreException.of("reading " + directory, e);
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
                walk.replay.durablePosition(),
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

    /** Each segment but the last leads on to the next, unless compaction took that away. */
    private void checkSuccession() {
        List<Segment> log = walk.segments.logSegments();
        for (int i = 0; log.get(i) != tail(); i++) {
            Segment segment = log.get(i);
            StoreWalk.Tally tally = walk.tallies.get(segment);
            boolean missing = tally.rolled
                    && tally.successor != log.get(i + 1).number()
                    && !walk.replay.retired().contains(tally.successor);
            if (missing) {
                corrupt(
                        FileNames.log(tally.successor),
                        0,
                        "the file is missing; " + segment.name() + " leads on to it");
            } else if (!tally.rolled && !hasGap(segment)) {
                corrupt(segment.name(), segment.usedLength(), "the file is cut short");
            }
        }
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
                    "the checkpoint is missing or damaged: nothing says how far the log must reach, and a log that was cut"
                            + " short between two records looks whole"));
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
