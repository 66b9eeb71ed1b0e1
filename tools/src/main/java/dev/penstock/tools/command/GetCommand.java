package dev.penstock.tools.command;

import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock get}: a value's bytes, as they are, to standard output. */
@Command(
        name = "get",
        description = "Write the value of a key to standard output, byte for byte. Works beside a running server.",
        footer = {"  penstock get data greeting", "  penstock get data films/1.mkv > 1.mkv"})
final class GetCommand extends StoreCommand {

    @Parameters(index = "1", paramLabel = "KEY", description = "The key; after -- if it begins with a minus sign.")
    private String key;

    @Mixin
    private KeyOptions keys;

    @Option(names = "--json", description = "Print key, length and sequence as JSON instead of the value.")
    private boolean json;

    @Override
    int run() throws IOException {
        byte[] bytes = keys.parse(key);
        try (Store store = openToRead(true);
                ValueView value = store.get(bytes)) {
            if (value == null) {
                throw new ToolException(ExitCode.NEGATIVE, "no such key: '" + keys.print(bytes) + "'");
            }
            if (json) {
                Json.entry(console(), bytes, value, false);
            } else {
                console().write(out -> writeWhole(value, out));
            }
        }
        return ExitCode.OK;
    }

    private static void writeWhole(ValueView value, WritableByteChannel target) throws IOException {
        long written = 0;
        while (written < value.length()) {
            written += value.writeTo(target, written, value.length() - written);
        }
    }
}
