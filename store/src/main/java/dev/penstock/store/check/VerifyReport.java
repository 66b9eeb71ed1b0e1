package dev.penstock.store.check;

import java.util.List;

/**
 * The result of {@link StoreVerifier#verify}.
 *
 * @param segmentCount number of segments of the log that were read
 * @param largeValueCount number of large values that were read, each in a separate file
 * @param recordCount number of records in the log whose checksums were compared, including those that the log uses
 *     itself
 * @param bytesRead bytes read
 * @param findings all findings, in the order of the files; empty for a sound store
 */
public record VerifyReport(
        int segmentCount, int largeValueCount, long recordCount, long bytesRead, List<Finding> findings) {

    /** Copies the list. */
    public VerifyReport {
        findings = List.copyOf(findings);
    }

    /** {@return whether no stored data is damaged or missing} */
    public boolean isSound() {
        return findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.CORRUPTION);
    }
}
