package dev.penstock.tools.command;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.check.Finding;
import dev.penstock.store.check.FindingCode;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock verify}: whether a store's files hold what was written to them. */
@Command(
        name = "verify",
        description = {
            "Read every byte of the store and compare all checksums. Changes nothing.",
            "Prints one line for each finding, with file, offset and a code that docs/reference/findings.md explains.",
            "The exit code is 1 if stored data is damaged; "
                    + "a notice (such as a torn tail, which the next open repairs) leaves it at 0."
        },
        footer = "  penstock verify data")
final class VerifyCommand extends StoreCommand {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    int run() throws IOException {
        VerifyReport report;
        try (ProgressDisplay progress = new ProgressDisplay("verify", console())) {
            report = StoreVerifier.verify(directory(), progress);
        } catch (CorruptionException e) {
            report = nothingToWalk(e);
        }
        if (json) {
            Json.line(console(), report);
        } else {
            print(report);
        }
        return report.isSound() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    /** The damage is too large for the verifier to continue; that is its result. */
    private static VerifyReport nothingToWalk(CorruptionException damage) {
        String place = damage.file() + " at offset " + damage.offset() + ": ";
        String problem = String.valueOf(damage.getMessage()).substring(place.length());
        return new VerifyReport(
                0,
                0,
                0,
                0,
                List.of(new Finding(FindingCode.NOTHING_READABLE, damage.file(), damage.offset(), problem)));
    }

    private void print(VerifyReport report) throws IOException {
        for (Finding finding : report.findings()) {
            console()
                    .line("%s: %s at offset %d: %s [%s]"
                            .formatted(
                                    finding.severity().name().toLowerCase(Locale.ROOT),
                                    finding.file(),
                                    finding.offset(),
                                    finding.problem(),
                                    finding.code()));
        }
        console()
                .line("%s: %s in %s, %s, %s read, %s"
                        .formatted(
                                report.isSound() ? "sound" : "DAMAGED",
                                Size.count(report.recordCount(), "record", "records"),
                                Size.count(report.segmentCount(), "segment", "segments"),
                                Size.count(report.largeValueCount(), "large value", "large values"),
                                Size.of(report.bytesRead()),
                                Size.count(report.findings().size(), "finding", "findings")));
        if (!report.isSound()) {
            console()
                    .line("To salvage what is sound into a new store: penstock repair %s --out NEW"
                            .formatted(directory()));
        }
    }
}
