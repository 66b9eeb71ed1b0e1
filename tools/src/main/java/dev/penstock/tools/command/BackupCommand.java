package dev.penstock.tools.command;

import dev.penstock.store.BackupReport;
import dev.penstock.store.Store;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.RawFileNames;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock backup}: a store as of one moment, in another directory. */
@Command(
        name = "backup",
        description = {
            "Write the store of this moment to another directory. Works beside a running server.",
            "Files that no longer change are shared by hard links on one file system, and otherwise copied once: a"
                    + " second backup to the same directory copies only what is new.",
            "TARGET is locked meanwhile, and may be a mount point. The backup is opened before it takes the place of"
                    + " an older one; one that fails or is killed leaves the older one."
        },
        footer = "  penstock backup data /mnt/backup/data")
final class BackupCommand extends StoreCommand {

    @Parameters(
            index = "1",
            paramLabel = "TARGET",
            description = "The backup's directory: missing, empty, or an older backup of the same store.")
    private Path target;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    int run() throws IOException {
        if (Files.exists(target) && Files.exists(directory()) && Files.isSameFile(target, directory())) {
            throw new ToolException(ExitCode.STORE, target + " is the store itself; give another directory");
        }
        BackupReport report;
        try (Store store = openToRead(false);
                ProgressDisplay progress = new ProgressDisplay("backup", console())) {
            report = store.backup(RawFileNames.checkedDirectory(target), progress);
        }
        if (json) {
            Json.line(console(), report);
        } else {
            console().line(describe(report));
        }
        return ExitCode.OK;
    }

    static String describe(BackupReport report) {
        return "%s in %s, %s copied"
                .formatted(
                        Size.of(report.bytes()),
                        Size.count(report.fileCount(), "file", "files"),
                        Size.of(report.copiedBytes()));
    }
}
