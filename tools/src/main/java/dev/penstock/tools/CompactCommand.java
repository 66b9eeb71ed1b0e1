package dev.penstock.tools;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.Store;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock compact}: gives back the room of what was overwritten and removed. */
@Command(
        name = "compact",
        description = {
            "Write the live records anew and free the files that held dead ones.",
            "The store must not be in use. Killed at any moment, nothing is lost."
        })
final class CompactCommand extends StoreCommand {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
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
                    .line("%s -> %s: %d records moved, %d dropped, %d segments retired"
                            .formatted(
                                    Size.of(report.bytesBefore()),
                                    Size.of(report.bytesAfter()),
                                    report.recordsMoved(),
                                    report.recordsDropped(),
                                    report.segmentsRetired()));
        }
        return ExitCode.OK;
    }
}
