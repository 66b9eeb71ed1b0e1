package dev.penstock.tools.command;

import dev.penstock.store.Entry;
import dev.penstock.store.EntryWalk;
import dev.penstock.store.Store;
import dev.penstock.store.StoreStats;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.exchange.Compression;
import dev.penstock.tools.exchange.CountingOutput;
import dev.penstock.tools.exchange.EntryFormat;
import dev.penstock.tools.exchange.EntryWriter;
import dev.penstock.tools.exchange.ExportReport;
import dev.penstock.tools.exchange.OutputFile;
import dev.penstock.tools.parser.LowerCaseNames;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock export}: all entries of a store into a file that other programs read. */
@Command(
        name = "export",
        description = {
            "Write all entries, as of one moment, to FILE. Works beside a running server.",
            "The name of FILE says what it will be: .jsonl for JSON Lines, .csv for comma-separated values, .rdb for "
                    + "a file that redis-server loads; each also with .gz or .zst behind it. FILE must not exist, and"
                    + " gets its name when it is complete.",
            "Keys, values and expiries are kept; 'penstock import' brings them back."
        },
        footer = {
            "  penstock export data entries.jsonl.zst",
            "  penstock export data dump.rdb",
            "  penstock export data - --format csv | head"
        })
final class ExportCommand extends StoreCommand {

    @Parameters(index = "1", paramLabel = "FILE", description = "The file to write, or - for standard output.")
    private Path file;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            converter = LowerCaseNames.Format.class,
            completionCandidates = LowerCaseNames.Formats.class,
            description = "jsonl, csv or rdb, whatever FILE is called.")
    private @Nullable EntryFormat format;

    @Option(
            names = "--compress",
            paramLabel = "NAME",
            converter = LowerCaseNames.Packing.class,
            completionCandidates = LowerCaseNames.Packings.class,
            description = "none, gzip or zstd, whatever FILE is called.")
    private @Nullable Compression compression;

    @Option(names = "--dry-run", description = "Read everything and write nothing: print how long FILE would be.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    int run() throws IOException {
        boolean standardOutput = file.toString().equals("-");
        EntryFormat chosen = format != null ? format : EntryFormat.ofName(file.toString());
        if (chosen == null) {
            throw new ToolException(
                    ExitCode.USAGE,
                    (standardOutput ? "standard output has no name" : "the name of " + file + " does not say")
                            + (standardOutput ? " that says" : "")
                            + " in which format to write; --format does, with jsonl, csv or rdb");
        }
        Compression packed = compression != null ? compression : Compression.ofName(file.toString());
        long startNanos = System.nanoTime();
        try (Store store = openToRead(true);
                ProgressDisplay progress = new ProgressDisplay("export", console())) {
            Export export = new Export(store, chosen, packed, progress);
            if (dryRun) {
                export.write(OutputStream.nullOutputStream());
            } else if (standardOutput) {
                export.write(console().out());
            } else {
                write(export);
            }
            ExportReport report = export.report((System.nanoTime() - startNanos) / 1e9);
            print(report, standardOutput && !dryRun);
        }
        return ExitCode.OK;
    }

    private void write(Export export) throws IOException {
        try (OutputFile out = OutputFile.create(file)) {
            export.write(out.content());
            out.finish();
        } catch (FileAlreadyExistsException e) {
            throw new ToolException(ExitCode.IO, e.getFile() + " exists; remove it first, or name another file", e);
        } catch (FileSystemException e) {
            throw e; // it names the file
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private void print(ExportReport report, boolean toStandardError) throws IOException {
        String line = "%s%s, %s, as %s in %.1f s (%s/s)"
                .formatted(
                        dryRun ? "would export " : "exported ",
                        Size.count(report.entries(), "entry", "entries"),
                        Size.of(report.bytes()),
                        Size.of(report.fileBytes()),
                        report.seconds(),
                        Size.of(Math.round(report.bytes() / report.seconds())));
        if (toStandardError) {
            console().flush();
            console().err().println(json ? Json.MAPPER.writeValueAsString(report) : line);
        } else if (json) {
            Json.line(console(), report);
        } else {
            console().line(line);
        }
    }

    /** One walk along the entries. */
    private static final class Export {
        private final Store store;
        private final EntryFormat format;
        private final Compression compression;
        private final ProgressDisplay progress;
        private long entries;
        private long bytes;
        private long fileBytes;

        Export(Store store, EntryFormat format, Compression compression, ProgressDisplay progress) {
            this.store = store;
            this.format = format;
            this.compression = compression;
            this.progress = progress;
        }

        void write(OutputStream target) throws IOException {
            CountingOutput counted = new CountingOutput(target);
            StoreStats stats = store.stats();
            long totalBytes = stats.liveBytes() + stats.largeValueBytes();
            try (EntryWalk walk = store.entries();
                    OutputStream out = compression.compress(counted)) {
                try {
                    EntryWriter writer = format.writer(out, stats.keyCount(), stats.expiringCount());
                    for (Entry entry : walk) {
                        writer.write(entry.key(), entry.value());
                        entries++;
                        bytes += entry.value().length();
                        progress.progress(bytes, totalBytes);
                    }
                    writer.finish();
                } catch (IOException | RuntimeException | Error e) {
                    // A reader of standard output must not find compressed data that look complete.
                    counted.cut();
                    throw e;
                }
            }
            fileBytes = counted.count();
        }

        ExportReport report(double seconds) {
            return new ExportReport(entries, bytes, fileBytes, seconds);
        }
    }
}
