package dev.penstock.tools.command;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.Store;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.Progress;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock compact}: frees the space of overwritten and removed records. */
@Command(
        name = "compact",
        description = {
            "Copy the live records of segments with dead ones, and delete those segments.",
            "No other process may have the store open for writing. A kill at any moment loses nothing."
        },
        footer = "  penstock compact data")
final class CompactCommand extends StoreCommand {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    int run() throws IOException {
        CompactionReport report;
        try (Store store = openExisting();
                Progress progress = new Progress("compact", console())) {
            report = store.compact(progress);
            store.sync();
        }
        if (json) {
            Json.line(console(), report);
        } else {
            console()
                    .line("%s -> %s: %s moved, %d dropped, %s retired"
                            .formatted(
                                    Size.of(report.bytesBefore()),
                                    Size.of(report.bytesAfter()),
                                    Size.count(report.recordsMoved(), "record", "records"),
                                    report.recordsDropped(),
                                    Size.count(report.segmentsRetired(), "segment", "segments")));
        }
        return ExitCode.OK;
    }
}
