package dev.penstock.tools.command;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.Store;
import dev.penstock.store.StoreStats;
import dev.penstock.store.check.CompactionForecast;
import dev.penstock.store.check.InspectOptions;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock compact}: frees the space of overwritten and removed records. */
@Command(
        name = "compact",
        description = {
            "Copy the live records of segments with dead ones, and delete those segments.",
            "No other process may have the store open for writing. A kill at any moment loses nothing."
        },
        footer = {"  penstock compact data --dry-run", "  penstock compact data"})
final class CompactCommand extends StoreCommand {

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--dry-run",
            description = "Change nothing: print what a compaction would copy and free. Works beside a server.")
    private boolean dryRun;

    /** Bytes of the log that the compaction has worked through. */
    private long workedBytes;

    @Override
    int run() throws IOException {
        return dryRun ? forecast() : compact();
    }

    private int forecast() throws IOException {
        CompactionForecast forecast;
        try (ProgressDisplay progress = new ProgressDisplay("compact --dry-run", console())) {
            forecast = StoreInspector.details(
                            directory(), new InspectOptions(0, new byte[0], 0), Clock.systemUTC(), progress)
                    .compaction();
        }
        if (json) {
            Json.line(console(), forecast);
        } else {
            row("", "before", "after");
            row("log", Size.of(forecast.bytesBefore()), Size.of(forecast.bytesAfter()));
            console()
                    .line("would copy %s from %s and free %s"
                            .formatted(
                                    Size.of(forecast.copiedBytes()),
                                    Size.count(forecast.segmentCount(), "segment", "segments"),
                                    Size.of(forecast.bytesBefore() - forecast.bytesAfter())));
        }
        return ExitCode.OK;
    }

    private int compact() throws IOException {
        CompactionReport report;
        StoreStats before;
        StoreStats after;
        long start = System.nanoTime();
        try (Store store = openExisting();
                ProgressDisplay progress = new ProgressDisplay("compact", console())) {
            before = store.stats();
            report = store.compact((doneBytes, totalBytes) -> {
                workedBytes = doneBytes;
                progress.progress(doneBytes, totalBytes);
            });
            store.sync();
            after = store.stats();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (json) {
            Json.line(console(), report);
        } else {
            print(report, before, after, seconds);
        }
        return ExitCode.OK;
    }

    private void print(CompactionReport report, StoreStats before, StoreStats after, double seconds)
            throws IOException {
        row("", "before", "after");
        row("files", Size.of(before.fileBytes()), Size.of(after.fileBytes()));
        row("live", Size.of(before.liveBytes()), Size.of(after.liveBytes()));
        row("dead", Size.of(before.deadBytes()), Size.of(after.deadBytes()));
        row("segments", before.segments().size(), after.segments().size());
        console()
                .line("%s moved, %d dropped, %s retired, %s freed in %.1f s, %s of the log per second"
                        .formatted(
                                Size.count(report.recordsMoved(), "record", "records"),
                                report.recordsDropped(),
                                Size.count(report.segmentsRetired(), "segment", "segments"),
                                Size.of(Math.max(0, report.bytesBefore() - report.bytesAfter())),
                                seconds,
                                Size.of((long) (workedBytes / seconds))));
    }

    private void row(String name, Object before, Object after) throws IOException {
        console().line("%-10s  %12s  %12s".formatted(name, before, after));
    }
}
