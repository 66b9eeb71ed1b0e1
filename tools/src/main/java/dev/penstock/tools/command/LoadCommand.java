package dev.penstock.tools.command;

import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.load.AckLog;
import dev.penstock.tools.load.LoadReport;
import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Loader;
import dev.penstock.tools.load.NewStore;
import dev.penstock.tools.load.Tree;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.RawFileNames;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock load}: a folder tree or JSON Lines into a store. */
@Command(
        name = "load",
        description = {
            "Store the entries of SOURCE. Creates the store if DIR is missing or empty. "
                    + "Forces everything to the device before it ends.",
            "",
            "If SOURCE is a folder, each file becomes an entry: the key is its path from there with /, the value its"
                    + " bytes. A symbolic link to a file inside the folder is stored as that file; other links, pipes,"
                    + " devices and names that are not UTF-8 are skipped, named and counted, and the exit code is 1.",
            "",
            "Anything else is JSON Lines: {\"key\": \"...\", \"value\": \"...\"}, with \"key64\" and \"value64\" in"
                    + " base64 for bytes that are not text, and \"expires\" in milliseconds since 1970. An entry that"
                    + " has already expired removes its key. 'scan --json --values' prints this form.",
            ""
        },
        footer = {"  penstock load data photos", "  penstock scan old --json --values | penstock load new -"})
final class LoadCommand extends StoreCommand {

    @Parameters(
            index = "1",
            paramLabel = "SOURCE",
            description = "A folder, a file of JSON Lines, or - for standard input.")
    private Path source;

    @Option(
            names = "--keep-going",
            description = "Skip entries that cannot be stored, report them and continue; the exit code is then 1.")
    private boolean keepGoing;

    @Option(
            names = "--ack-log",
            paramLabel = "FILE",
            description = "Append each key to FILE after its value is stored, one per line, as 'scan' prints it.")
    private @Nullable Path ackLog;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    int run() throws IOException {
        boolean standardInput = source.toString().equals("-");
        if (!standardInput) {
            RawFileNames.requireReadable(source);
        }
        if (!standardInput && Files.isDirectory(source)) {
            refuseStores();
        }
        LoadReport report;
        requireParent();
        try (LoadTarget target = new LoadTarget(this::openOrCreate);
                AckLog acks = ackLog == null ? null : new AckLog(ackLog);
                ProgressDisplay progress = new ProgressDisplay("load", console())) {
            Loader loader = new Loader(target, acks, progress, console(), keepGoing);
            if (standardInput) {
                loader.loadLines("standard input", console().in(), -1);
            } else if (Files.isDirectory(source)) {
                loader.loadTree(Tree.walk(source));
            } else {
                try (InputStream in = Files.newInputStream(source)) {
                    loader.loadLines(source.toString(), in, Files.isRegularFile(source) ? Files.size(source) : -1);
                }
            }
            report = loader.finish();
        }
        print(report);
        return report.skipped() + report.rejected() == 0 ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    /** A store's own files are no entries: not those of the one that is loaded into, nor another's. */
    private void refuseStores() throws IOException {
        if (NewStore.isStore(source)) {
            throw new ToolException(
                    ExitCode.USAGE,
                    source + " is a store itself, by its file STORE; 'penstock scan " + source
                            + " --json --values' prints what 'load' takes");
        }
        Path target = Files.exists(directory())
                ? directory().toRealPath()
                : directory().toAbsolutePath().normalize();
        if (target.startsWith(source.toRealPath())) {
            throw new ToolException(ExitCode.USAGE, "the store " + directory() + " lies in the source " + source);
        }
    }

    private void print(LoadReport report) throws IOException {
        if (json) {
            Json.line(console(), report);
            return;
        }
        console()
                .line("%s, %s in %.1f s (%s/s); %d expired, %d skipped, %d rejected"
                        .formatted(
                                Size.count(report.entries(), "entry", "entries"),
                                Size.of(report.bytes()),
                                report.seconds(),
                                Size.of(Math.round(report.bytes() / report.seconds())),
                                report.expired(),
                                report.skipped(),
                                report.rejected()));
    }
}
