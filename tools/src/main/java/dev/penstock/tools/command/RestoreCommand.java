package dev.penstock.tools.command;

import dev.penstock.store.BackupReport;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.RawFileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock restore}: a store from a backup. */
@Command(
        name = "restore",
        description = {
            "Create a store in DIR from the backup in BACKUP, and verify it. Does not change the backup.",
            "DIR must be missing or empty; it may be a mount point. Nothing is overwritten: move a damaged store"
                    + " away first. The exit code is 1 if the backup is damaged."
        },
        footer = {"  mv data data.damaged", "  penstock restore data /mnt/backup/data"})
final class RestoreCommand extends StoreCommand {

    @Parameters(index = "1", paramLabel = "BACKUP", description = "The backup's directory.")
    private Path backup;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    int run() throws IOException {
        if (!Files.exists(backup)) {
            throw new ToolException(
                    ExitCode.STORE,
                    backup + ": no such directory to restore from; first comes the store to make, then the backup");
        }
        BackupReport report;
        StoreOptions reading =
                StoreOptions.defaults().withCreateIfMissing(false).withReadOnly(true);
        try (Store store = Store.open(RawFileNames.checkedDirectory(backup), reading);
                ProgressDisplay progress = new ProgressDisplay("restore", console())) {
            report = store.copyTo(directory(), progress);
        } catch (CorruptionException | NotAStoreException e) {
            throw about(backup, e);
        }
        VerifyReport verified;
        try (ProgressDisplay progress = new ProgressDisplay("verify", console())) {
            verified = StoreVerifier.verify(directory(), progress);
        }
        if (json) {
            Json.line(console(), verified);
        } else {
            console().line(BackupCommand.describe(report) + (verified.isSound() ? ", sound" : ", DAMAGED"));
        }
        return verified.isSound() ? ExitCode.OK : ExitCode.NEGATIVE;
    }
}
