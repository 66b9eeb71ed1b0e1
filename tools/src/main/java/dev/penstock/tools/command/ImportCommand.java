package dev.penstock.tools.command;

import dev.penstock.store.Store;
import dev.penstock.tools.client.RefusedException;
import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.console.Failures;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.exchange.DamagedInputException;
import dev.penstock.tools.exchange.EntryFormat;
import dev.penstock.tools.exchange.ImportReport;
import dev.penstock.tools.exchange.InputFile;
import dev.penstock.tools.exchange.RedisImport;
import dev.penstock.tools.exchange.RedisSource;
import dev.penstock.tools.exchange.RedisUrl;
import dev.penstock.tools.exchange.ResumePoint;
import dev.penstock.tools.lmdb.LmdbSource;
import dev.penstock.tools.load.EntrySource;
import dev.penstock.tools.load.LoadReport;
import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Loader;
import dev.penstock.tools.load.NewStore;
import dev.penstock.tools.load.Omissions;
import dev.penstock.tools.load.SkippedFile;
import dev.penstock.tools.load.StartedImport;
import dev.penstock.tools.parser.LowerCaseNames;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.KeyText;
import dev.penstock.tools.text.RawFileNames;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock import}: entries of a file that another program wrote, or of a Redis server, into a store. */
@Command(
        name = "import",
        description = {
            "Store the entries of SOURCE. Creates the store if DIR is missing or empty, and removes it again if the "
                    + "import fails. Forces everything to the device before it ends.",
            "",
            "The format is that of the name (.jsonl, .csv, .rdb), or what the first bytes look like. What gzip or zstd"
                    + " compressed is decompressed.",
            "",
            "redis://HOST:PORT or redis://HOST:PORT/DB is a running server: values and expiries are read while it"
                    + " serves others. If the import is interrupted, the same command goes on where it stopped.",
            "",
            "A directory with a file data.mdb is an LMDB environment.",
            "",
            "A store has strings. Lists, hashes and other types of Redis are counted, named and left out, and the exit"
                    + " code is 1. An entry that has already expired removes its key.",
            ""
        },
        footer = {
            "  penstock import data dump.rdb",
            "  penstock import data redis://127.0.0.1:6379",
            "  penstock import data entries.csv.gz --dry-run",
            "  zstdcat entries.jsonl.zst | penstock import data -"
        })
final class ImportCommand extends StoreCommand {

    /** So many keys of what is left out are named on standard error, for each reason. */
    private static final int NAMED_COUNT = 10;

    @Parameters(
            index = "1",
            paramLabel = "SOURCE",
            description = "A file, redis://HOST:PORT, an LMDB " + "environment, or - for standard input.")
    private String source;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            converter = LowerCaseNames.Format.class,
            completionCandidates = LowerCaseNames.Formats.class,
            description = "jsonl, csv or rdb, whatever SOURCE is called.")
    private @Nullable EntryFormat format;

    @Option(
            names = "--db",
            paramLabel = "NAME",
            description = "The database to take: of Redis a number, 0 if neither this nor SOURCE names one; of LMDB a"
                    + " name, the main one if not given.")
    private @Nullable String database;

    @Option(
            names = "--keep-going",
            description = "Skip entries that cannot be stored, report them and continue; the exit code is then 1.")
    private boolean keepGoing;

    @Option(
            names = "--skipped",
            paramLabel = "FILE",
            description = "Write what is left out to FILE: what it is and its key, a line for each.")
    private @Nullable Path skippedFile;

    @Option(names = "--dry-run", description = "Read everything and store nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin
    private ConnectionOptions connection;

    /** Set first. */
    @SuppressWarnings("NullAway.Init")
    private StartedImport started;

    /** An import that failed and can be taken up again. */
    private boolean resumable;

    @Override
    int run() throws IOException {
        requireParent();
        started = new StartedImport(directory(), sourceName(), console(), !dryRun);
        ImportReport report;
        try (SkippedFile names = skippedFile == null ? null : new SkippedFile(skippedFile)) {
            report = load(new Omissions((reason, key, count) -> omitted(reason, key, count, names)), names);
        } catch (IOException | RuntimeException | Error e) {
            if (resumable) {
                console()
                        .complain("the same command goes on where this import stopped, by the file "
                                + ResumePoint.file(directory()));
            } else {
                started.giveUp(e);
            }
            throw e;
        }
        started.end();
        print(report);
        return report.rejected() == 0 && report.skipped().isEmpty() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    /** What the mark calls the source. */
    private String sourceName() {
        if (source.equals("-")) {
            return "standard input";
        }
        if (RedisUrl.isUrl(source)) {
            return source;
        }
        return KeyText.escape(
                RawFileNames.bytes(RawFileNames.path(source).toAbsolutePath().normalize()));
    }

    private Store opened() {
        Store store = openOrCreate();
        started.opened();
        // An import from a server has a mark of its own, by which it goes on.
        if (!RedisUrl.isUrl(source)) {
            started.mark(store);
        }
        return store;
    }

    private ImportReport load(Omissions omissions, @Nullable SkippedFile names) throws IOException {
        try (LoadTarget target = dryRun ? LoadTarget.dry() : new LoadTarget(this::opened)) {
            try {
                ImportReport loaded = load(omissions, target);
                if (names != null) {
                    names.flush();
                }
                return loaded;
            } catch (IOException | RuntimeException | Error e) {
                if (!resumable) {
                    started.withdraw(e);
                }
                throw e;
            }
        }
    }

    private ImportReport load(Omissions omissions, LoadTarget target) throws IOException {
        boolean server = RedisUrl.isUrl(source);
        try (ProgressDisplay progress =
                server ? ProgressDisplay.ofKeys("import", console()) : new ProgressDisplay("import", console())) {
            Loader loader = new Loader(target, null, progress, console(), keepGoing);
            if (server) {
                loadServer(loader, target, omissions, progress);
            } else if (source.equals("-")) {
                load(loader, target, omissions, "standard input", console().in(), -1, progress);
            } else {
                Path file = file();
                if (isLmdb()) {
                    loadLmdb(loader, target, omissions, file, progress);
                } else {
                    loadFile(loader, target, omissions, file, progress);
                }
            }
            LoadReport loaded = loader.finish();
            return new ImportReport(
                    loaded.entries(),
                    loaded.bytes(),
                    loaded.expired(),
                    omissions.counts(),
                    loaded.rejected(),
                    loaded.seconds());
        }
    }

    private boolean isLmdb() throws IOException {
        return format == null && !source.equals("-") && LmdbSource.isEnvironment(RawFileNames.path(source));
    }

    private void loadLmdb(Loader loader, LoadTarget target, Omissions omissions, Path file, ProgressDisplay progress)
            throws IOException {
        try (LmdbSource entries = LmdbSource.open(file, database, target, omissions)) {
            loader.load(source, entries, () -> progress.progress(entries.count(), entries.total()));
        }
    }

    private void loadFile(Loader loader, LoadTarget target, Omissions omissions, Path file, ProgressDisplay progress)
            throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            long length = Files.isRegularFile(file) ? Files.size(file) : -1;
            load(loader, target, omissions, file.toString(), in, length, progress);
        }
    }

    private void loadServer(Loader loader, LoadTarget target, Omissions omissions, ProgressDisplay progress)
            throws IOException {
        RedisUrl url = url();
        long chosen = number(Math.max(url.database(), 0));
        ServerAccess access = connection.access(url.address(), connection.isTls() || url.isSecure());
        try (RedisSource entries = RedisSource.open(access, chosen, target, omissions, InstantSource.system())) {
            Loader.Step step = () -> progress.progress(entries.seenCount(), entries.keyCount());
            if (dryRun) {
                loader.load(source, entries, step);
                return;
            }
            ResumePoint point = new ResumePoint(directory(), url.withDatabase(chosen), entries.runId());
            RedisImport running = new RedisImport(entries, target, point);
            if (running.resume()) {
                console().complain("going on where an earlier import from this server stopped");
            }
            try {
                running.run(loader, source, step);
            } catch (IOException | RuntimeException e) {
                resumable = running.isResumable();
                throw e;
            }
        } catch (RefusedException e) {
            throw new IOException(url.address() + ": the server refused: " + e.getMessage(), e);
        }
    }

    /** The number of a Redis database. */
    private long number(long usual) {
        if (database == null) {
            return usual;
        }
        if (!database.matches("[0-9]{1,9}")) {
            throw new ToolException(
                    ExitCode.USAGE, "--db needs the number of a Redis database, " + "not '" + database + "'");
        }
        return Long.parseLong(database);
    }

    private RedisUrl url() {
        try {
            return RedisUrl.parse(source);
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private Path file() throws IOException {
        Path file = RawFileNames.path(source);
        RawFileNames.requireReadable(file);
        if (NewStore.isStore(file)) {
            throw new ToolException(
                    ExitCode.USAGE, file + " is a store; 'penstock backup' and 'penstock restore' copy one");
        }
        if (Files.isDirectory(file) && !LmdbSource.isEnvironment(file)) {
            throw new ToolException(ExitCode.USAGE, file + " is a folder; 'penstock load' stores the files of one");
        }
        return file;
    }

    private void load(
            Loader loader,
            LoadTarget target,
            Omissions omissions,
            String name,
            InputStream in,
            long length,
            ProgressDisplay progress)
            throws IOException {
        try (InputFile input = new InputFile(in);
                EntrySource entries = formatOf(name, input).reader(input.content(), target, number(0), omissions)) {
            loader.load(name, entries, () -> progress.progress(input.bytesRead(), length));
        } catch (DamagedInputException e) {
            throw new ToolException(ExitCode.NEGATIVE, name + ", " + e.getMessage(), e);
        } catch (FileSystemException e) {
            throw e; // it names a file
        } catch (IOException e) {
            throw new IOException(name + ": " + Failures.describe(e), e);
        }
    }

    private EntryFormat formatOf(String name, InputFile input) throws IOException {
        if (format != null) {
            return format;
        }
        EntryFormat named = EntryFormat.ofName(source);
        if (named != null) {
            return named;
        }
        EntryFormat seen = EntryFormat.ofContent(input.beginning());
        if (seen != null) {
            return seen;
        }
        throw new ToolException(
                ExitCode.USAGE,
                "neither the name nor the first bytes of " + name
                        + " say what is in it; --format does, with jsonl, csv or rdb");
    }

    private void omitted(String reason, byte @Nullable [] key, long count, @Nullable SkippedFile names)
            throws IOException {
        String name = key == null ? "" : KeyText.escape(key);
        if (count <= NAMED_COUNT) {
            console().complain("skipped " + reason + (key == null ? "" : " '" + name + "'"));
        } else if (count == NAMED_COUNT + 1) {
            console()
                    .complain("skipped more than " + NAMED_COUNT + " times: " + reason
                            + (names == null ? "; --skipped FILE lists all of them" : ""));
        }
        if (names != null) {
            names.add(reason, name);
        }
    }

    private void print(ImportReport report) throws IOException {
        if (json) {
            Json.line(console(), report);
            return;
        }
        console()
                .line("%s%s, %s in %.1f s (%s/s); %d expired, %d rejected, %s"
                        .formatted(
                                dryRun ? "would import " : "imported ",
                                Size.count(report.entries(), "entry", "entries"),
                                Size.of(report.bytes()),
                                report.seconds(),
                                Size.of(Math.round(report.bytes() / report.seconds())),
                                report.expired(),
                                report.rejected(),
                                skipped(report.skipped())));
    }

    private static String skipped(Map<String, Long> counts) {
        if (counts.isEmpty()) {
            return "0 skipped";
        }
        long total = counts.values().stream().mapToLong(Long::longValue).sum();
        return total + " skipped: "
                + counts.entrySet().stream()
                        .map(each -> each.getKey() + " (" + each.getValue() + ")")
                        .collect(Collectors.joining(", "));
    }
}
