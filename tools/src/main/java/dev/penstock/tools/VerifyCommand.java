package dev.penstock.tools;

import dev.penstock.store.check.Finding;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock verify}: whether a store's files hold what was written to them. */
@Command(
        name = "verify",
        description = {
            "Read every byte of the store and compare all checksums. Only reads.",
            "Prints one line for each finding, with file and offset. The exit code is 1 if stored data is damaged; "
                    + "a notice (such as a torn tail, which the next open mends) leaves it at 0."
        })
final class VerifyCommand extends StoreCommand {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        VerifyReport report;
        try (Progress progress = new Progress("verify", console())) {
            report = StoreVerifier.verify(directory(), progress);
        }
        if (json) {
            Json.line(console(), report);
        } else {
            print(report);
        }
        return report.isSound() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private void print(VerifyReport report) throws IOException {
        for (Finding finding : report.findings()) {
            console()
                    .line("%s: %s at offset %d: %s"
                            .formatted(
                                    finding.severity().name().toLowerCase(Locale.ROOT),
                                    finding.file(),
                                    finding.offset(),
                                    finding.problem()));
        }
        console()
                .line("%s: %d records in %d segments, %s read, %d findings"
                        .formatted(
                                report.isSound() ? "sound" : "DAMAGED",
                                report.recordCount(),
                                report.segmentCount(),
                                Size.of(report.bytesRead()),
                                report.findings().size()));
    }
}
