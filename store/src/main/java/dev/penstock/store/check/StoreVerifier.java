package dev.penstock.store.check;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.recovery.LargeValueCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Verifies a store: reads every byte in use and compares it with its checksum. Changes nothing and takes no lock. A
 * store that is open for writing is verified up to the current end of its log.
 */
public final class StoreVerifier {

    private final StoreWalk walk;
    private final int threadCount;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> structure = new ArrayList<>();
    /** What is wrong with large values, by number. */
    private final Map<Long, String> largeValueProblems = new TreeMap<>();

    private StoreVerifier(StoreWalk walk, int threadCount) {
        this.walk = walk;
        this.threadCount = threadCount;
    }

    /**
     * Verifies a store. Damage is reported, not thrown.
     *
     * @param directory the directory of the store
     * @param listener called on this thread as the verification progresses
     * @return what was read, and all damage
     * @throws dev.penstock.store.NotAStoreException if the directory holds no store
     * @throws dev.penstock.store.FormatVersionException if a newer version made it
     * @throws dev.penstock.store.CorruptionException if too much is missing to walk the files
     */
    public static VerifyReport verify(Path directory, ProgressListener listener) {
        return verify(new SystemDisk(), directory, listener, ParallelChecks.usualThreadCount());
    }

    /** @param threadCount how many threads read values; with 1 only the caller's thread touches the disk */
    static VerifyReport verify(Disk disk, Path directory, ProgressListener listener, int threadCount) {
        return StoreErrors.ofFiles(directory).call("reading " + directory, () -> {
            try (StoreWalk walk = StoreWalk.open(disk, directory)) {
                VerifyReport report = new StoreVerifier(walk, threadCount).run(disk, directory, listener);
                PageFaults.deliver(); // before the files are closed
                return report;
            }
        });
    }

    private VerifyReport run(Disk disk, Path directory, ProgressListener listener) throws IOException {
        long bytes = walk.walk(threadCount, listener);
        structure.addAll(LogStructure.findings(walk));
        walk.unsoundValues.forEach(value -> found(
                FindingCode.VALUE_DAMAGED,
                value.segment().name(),
                value.offset(),
                "the value of a record does not match its checksum"));
        walk.gaps.forEach(this::report);
        reportEnd();
        checkCheckpoint();
        bytes += checkLargeValues(bytes, listener);
        lookAgain(disk, directory);
        findings.addAll(structure);
        findings.sort(Comparator.comparing(Finding::file).thenComparingLong(Finding::offset));
        long records = walk.tallies.values().stream()
                .mapToLong(tally -> tally.recordCount)
                .sum();
        return new VerifyReport(walk.tallies.size(), walk.replay.references().size(), records, bytes, findings);
    }

    private void report(StoreWalk.Gap gap) {
        found(
                FindingCode.RECORDS_DAMAGED,
                gap.segment().name(),
                gap.offset(),
                gap.problem()
                        + (gap.atEnd()
                                ? "; no sound record follows"
                                : "; the next sound record is " + gap.length() + " bytes further on"));
    }

    private void reportEnd() {
        StoreWalk.LogEnd end = walk.end();
        if (end != null && end.isTorn()) {
            found(
                    FindingCode.TORN_TAIL,
                    end.segment().name(),
                    end.offset(),
                    end.problem()
                            + "; what lies behind was not forced to the device, and is cut off when the store"
                            + " is opened after a crash");
        }
    }

    private void checkCheckpoint() {
        if (walk.files.checkpoint.isEmpty()) {
            found(
                    FindingCode.CHECKPOINT_UNUSABLE,
                    CheckpointHeader.FILE_NAME,
                    0,
                    "the checkpoint is missing or damaged: the next open takes longer, and a log that was put back to"
                            + " where it was closed before looks whole");
        }
    }

    private long checkLargeValues(long doneBefore, ProgressListener listener) throws IOException {
        long total = walk.files.totalBytes();
        long bytes = 0;
        LargeValueCheck check = new LargeValueCheck(walk.files.place, walk.files.identity);
        Set<Long> numbers = walk.replay.references().keySet();
        try (ParallelChecks<Long, String> problems = new ParallelChecks<>(
                numbers, (number, read) -> problemOfLargeValue(check, number, read), threadCount)) {
            for (long number : numbers) {
                Runnable report = () -> CallersCode.report(listener, doneBefore + problems.readBytes(), total);
                String problem = problems.next(report);
                report.run();
                if (!problem.isEmpty()) {
                    largeValueProblems.put(number, problem);
                }
                bytes += walk.files.fileLength(FileNames.largeValue(number));
            }
        }
        CallersCode.report(listener, doneBefore + bytes, total);
        for (long number : walk.files.largeNumbers) {
            if (!walk.replay.references().containsKey(number)) {
                found(
                        FindingCode.VALUE_FILE_UNREFERENCED,
                        FileNames.largeValue(number),
                        0,
                        "no record refers to this large value; the next open removes it");
            }
        }
        return bytes;
    }

    private String problemOfLargeValue(LargeValueCheck check, long number, LongConsumer read) throws IOException {
        long position = Objects.requireNonNull(walk.replay.references().get(number));
        return check.problemWithValue(check.reference(walk.files.segments, position, number), read);
    }

    /**
     * An owner may have made and removed files since the log was walked. If it replaced a large value, the record that
     * replaces it came first: a log that is walked now does not refer to the value any more. If it removed a segment, a
     * log that is walked now does not lead to it.
     */
    private void lookAgain(Disk disk, Path directory) throws IOException {
        boolean isSound = structure.stream().noneMatch(StoreVerifier::isCorruption);
        if (isSound && largeValueProblems.isEmpty()) {
            return;
        }
        try (StoreWalk now = StoreWalk.open(disk, directory)) {
            now.walk(0, ProgressListener.NONE);
            largeValueProblems.keySet().retainAll(now.replay.references().keySet());
            List<Finding> found = LogStructure.findings(now);
            structure.removeIf(finding -> isCorruption(finding) && !isAmong(found, finding));
        }
        largeValueProblems.forEach(
                (number, problem) -> found(FindingCode.VALUE_FILE_DAMAGED, FileNames.largeValue(number), 0, problem));
    }

    private static boolean isCorruption(Finding finding) {
        return finding.severity() == Finding.Severity.CORRUPTION;
    }

    /** The log may have grown meanwhile, so that the same problem is put in other words. */
    private static boolean isAmong(List<Finding> findings, Finding finding) {
        return findings.stream()
                .anyMatch(each -> each.code() == finding.code() && each.file().equals(finding.file()));
    }

    private void found(FindingCode code, String file, long offset, String problem) {
        findings.add(new Finding(code, file, offset, problem));
    }
}
