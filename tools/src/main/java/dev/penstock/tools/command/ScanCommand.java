package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.server.resp.Glob;
import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.text.ByteText;
import dev.penstock.tools.text.EscapedValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock scan}: one line for each key. */
@Command(
        name = "scan",
        description = {
            "Print the keys, one per line, in no order. Works beside a running server.",
            "Bytes that are not printable text are escaped: \\\\ \\n \\r \\t, and \\xHH for any other byte. "
                    + "'scan --json --values' prints what 'load' takes."
        },
        footer = {
            "  penstock scan data --prefix films/",
            "  penstock scan data --match 'user:*' --limit 10",
            "  penstock scan data --json --values > entries.jsonl"
        })
final class ScanCommand extends StoreCommand {

    private static final int ENTRIES_A_STEP = 1000;

    @Option(names = "--match", paramLabel = "GLOB", description = "Only keys that match, as in Redis: * ? [a-z] \\.")
    private @Nullable String match;

    @Option(names = "--prefix", paramLabel = "KEY", description = "Only keys that start so.")
    private @Nullable String prefix;

    @Option(names = "--limit", paramLabel = "N", description = "At most this many.")
    private @Nullable Long limit;

    @Option(names = "--values", description = "Also print the values, after a tab, escaped like the keys.")
    private boolean values;

    @Option(names = "--json", description = "One JSON object per line: key, length, sequence, expiry.")
    private boolean json;

    @Mixin
    private KeyOptions keys;

    @Spec
    private CommandSpec spec;

    private long printed;

    @Override
    int run() throws IOException {
        if (limit != null && limit < 0) {
            throw new ParameterException(spec.commandLine(), "--limit must be 0 or more, not " + limit);
        }
        byte[] start = prefix == null ? new byte[0] : keys.parse(prefix);
        Glob pattern = match == null ? null : new Glob(ByteText.bytes(match), false);
        long most = limit == null ? Long.MAX_VALUE : limit;
        try (Store store = openToRead(values)) {
            long cursor = 0;
            do {
                cursor = store.scan(cursor, ENTRIES_A_STEP, (key, value) -> {
                    if (printed < most && startsWith(key, start) && (pattern == null || pattern.matches(key))) {
                        print(key, value);
                        printed++;
                    }
                });
            } while (cursor != 0 && printed < most);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return ExitCode.OK;
    }

    private static boolean startsWith(byte[] key, byte[] start) {
        return key.length >= start.length && Arrays.equals(key, 0, start.length, start, 0, start.length);
    }

    private void print(byte[] key, ValueView value) {
        try {
            if (json) {
                Json.entry(console(), key, value, values);
            } else if (values) {
                console().out().write((keys.print(key) + '\t').getBytes(UTF_8));
                new EscapedValue(value).writeTo(console().out());
                console().line("");
            } else {
                console().line(keys.print(key));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
