package dev.penstock.tools.command;

import dev.penstock.store.Store;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock del}. */
@Command(
        name = "del",
        description = "Remove keys, and print how many existed. The exit code is 1 if a key did not exist.",
        footer = {"  penstock del data greeting", "  penstock del data -- -1"})
final class DelCommand extends StoreCommand {

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "KEY",
            description = "The keys; after -- if one begins with a minus sign.")
    private List<String> keyTexts;

    @Option(names = "--json", description = "Print as JSON how many keys were removed and how many were absent.")
    private boolean json;

    @Mixin
    private KeyOptions keys;

    /** What {@code --json} prints. */
    record DeletionReport(int removed, int absent) {}

    @Override
    int run() throws IOException {
        List<byte[]> wanted = keyTexts.stream().map(keys::parse).toList();
        int removed = 0;
        try (Store store = openExisting()) {
            for (byte[] key : wanted) {
                if (store.remove(key)) {
                    removed++;
                }
            }
            store.sync();
        }
        if (json) {
            Json.line(console(), new DeletionReport(removed, wanted.size() - removed));
        } else {
            console().line(Integer.toString(removed));
        }
        return removed == wanted.size() ? ExitCode.OK : ExitCode.NEGATIVE;
    }
}
