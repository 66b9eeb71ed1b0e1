package dev.penstock.tools.command;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.repair.RepairReport;
import dev.penstock.store.repair.StoreRepair;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.repair.RepairLines;
import dev.penstock.tools.repair.RepairOutput;
import dev.penstock.tools.repair.RepairText;
import dev.penstock.tools.text.RawFileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock repair}: a new store of what is sound in a damaged one. */
@Command(
        name = "repair",
        description = {
            "Make a new store of what is sound in a damaged one. DIR is not changed; no server may have it open.",
            "Prints what is lost, and which keys are in doubt: a removal of them, or a newer value, may be among what "
                    + "is lost. The exit code is 1 if anything is lost."
        },
        footer = {"  penstock repair data --out data.repaired", "  penstock repair data --out data.repaired --strict"})
final class RepairCommand extends StoreCommand {

    @Option(
            names = "--out",
            required = true,
            paramLabel = "NEW",
            description = "The new store's directory: missing or empty.")
    private Path out;

    @Option(names = "--strict", description = "Leave out keys that are in doubt.")
    private boolean strict;

    @Option(names = "--json", description = "Print one JSON object a line: each loss, each key in doubt, a summary.")
    private boolean json;

    @Override
    int run() throws IOException {
        Path target = RawFileNames.checkedDirectory(out);
        Path parent = target.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new ToolException(
                    ExitCode.STORE, parent + ": no such directory; create the parent directory of the new store first");
        }
        RepairReport report;
        try (ProgressDisplay progress = new ProgressDisplay("repair", console())) {
            RepairOutput output = json ? new RepairLines(console(), progress) : new RepairText(console(), progress);
            report = StoreRepair.repair(directory(), target, strict, output);
            output.summary(report);
        } catch (CorruptionException nothingLeft) {
            throw new ToolException(ExitCode.STORE, directory() + ": " + nothingLeft.getMessage(), nothingLeft);
        }
        return report.isComplete() ? ExitCode.OK : ExitCode.NEGATIVE;
    }
}
