package dev.penstock.store.check;

import java.util.List;

/**
 * The result of {@link StoreVerifier#verify}.
 *
 * @param segmentCount segments of the log that were read
 * @param largeValueCount large values that were read, each a file of its own
 * @param recordCount records of the log, those of the log itself included, whose checksums were compared
 * @param bytesRead bytes read
 * @param findings everything that is wrong, in file order; empty for a sound store
 */
public record VerifyReport(
        int segmentCount, int largeValueCount, long recordCount, long bytesRead, List<Finding> findings) {

    public VerifyReport {
        findings = List.copyOf(findings);
    }

    /** Whether no stored data is damaged or missing. */
    public boolean isSound() {
        return findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.CORRUPTION);
    }
}
