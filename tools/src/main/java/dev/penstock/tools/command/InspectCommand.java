package dev.penstock.tools.command;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.check.SegmentSummary;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreSummary;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.Progress;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock inspect}: what is in a store's files. */
@Command(
        name = "inspect",
        description = {
            "Show what is in the store's files: keys, live and dead bytes, segments. Changes nothing.",
            "If the store is too damaged to open, inspect shows what it can read and exits with 1. "
                    + "To look for damage, use 'verify'."
        },
        footer = "  penstock inspect data")
final class InspectCommand extends StoreCommand {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    int run() throws IOException {
        StoreSummary summary;
        try (Progress progress = new Progress("inspect", console())) {
            summary = StoreInspector.inspect(directory(), progress);
        }
        if (json) {
            Json.line(console(), summary);
        } else {
            print(summary);
        }
        return isOpenable() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    /** What is shown leaves out what is damaged, and must not be taken for the whole. */
    private boolean isOpenable() {
        try {
            openToRead(false).close();
            return true;
        } catch (CorruptionException e) {
            console().complain(ToolException.damaged(directory(), e).getMessage());
            return false;
        }
    }

    private void print(StoreSummary summary) throws IOException {
        field("store", summary.storeId());
        field("format version", summary.formatVersion());
        field("keys", summary.keyCount());
        field("last sequence", summary.lastSequence());
        field("live", Size.of(summary.liveBytes()));
        field("dead", Size.of(summary.deadBytes()));
        field("files", Size.of(summary.totalBytes()));
        field("segment size", Size.of(summary.segmentSize()));
        if (summary.segments().isEmpty()) {
            return;
        }
        int width = summary.segments().stream()
                .mapToInt(segment -> segment.file().length())
                .max()
                .getAsInt();
        String row = "%-" + width + "s  %-11s  %10s  %10s  %10s  %10s  %10s";
        console().line("");
        console().line(row.formatted("segment", "kind", "file", "used", "live", "records", "tombstones"));
        for (SegmentSummary segment : summary.segments()) {
            console()
                    .line(row.formatted(
                            segment.file(),
                            segment.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                            Size.of(segment.fileBytes()),
                            Size.of(segment.usedBytes()),
                            Size.of(segment.liveBytes()),
                            segment.recordCount(),
                            segment.tombstoneCount()));
        }
        console().line("");
        console().line("Records include dead ones, and notes of the log itself, which count as dead.");
        console().line("The active segment takes the next record, also when the store is closed.");
    }

    private void field(String name, Object value) throws IOException {
        console().line("%-15s %s".formatted(name, value));
    }
}
