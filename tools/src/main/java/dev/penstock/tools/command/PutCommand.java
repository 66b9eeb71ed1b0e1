package dev.penstock.tools.command;

import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.load.Entries;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.ByteText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock put}: a value from the command line, a file or standard input. */
@Command(
        name = "put",
        description = {
            "Store VALUE, the bytes of a file, or standard input up to its end.",
            "Creates the store if DIR is missing or empty. Forces the value to the device before it ends."
        },
        footer = {
            "  penstock put data greeting hello",
            "  penstock put data films/1.mkv --file 1.mkv",
            "  penstock put data session 42 --expires-in 30m"
        })
final class PutCommand extends StoreCommand {

    @Parameters(
            index = "1",
            paramLabel = "KEY",
            description = "The key; after -- if it or VALUE begins with a minus sign.")
    private String key;

    @Parameters(index = "2", arity = "0..1", paramLabel = "VALUE", description = "The value, byte for byte as typed.")
    private @Nullable String value;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Read the value from this file, pipe or device, up to its end.")
    private @Nullable Path file;

    @Option(names = "--json", description = "Print key, length, sequence and expiry of the stored value as JSON.")
    private boolean json;

    @Mixin
    private ExpiryOptions expiry;

    @Mixin
    private KeyOptions keys;

    @Spec
    private CommandSpec spec;

    @Override
    int run() throws IOException {
        if (value != null && file != null) {
            throw new ParameterException(spec.commandLine(), "give either VALUE or --file, not both");
        }
        byte[] bytes = keys.parse(key);
        WriteOptions options = expiry.writeOptions();
        if (value != null) {
            byte[] text = ByteText.bytes(value);
            return store(bytes, store -> store.put(bytes, text, options));
        }
        if (file == null) {
            return put(bytes, console().in(), options);
        }
        try (FileChannel source = Entries.openSource(file)) {
            return put(bytes, Channels.newInputStream(source), options);
        }
    }

    /** The beginning is read before the store is opened: a source that fails at once leaves no store behind. */
    private int put(byte[] key, InputStream in, WriteOptions options) throws IOException {
        byte[] head = in.readNBytes(Entries.STREAMED_FROM);
        if (head.length < Entries.STREAMED_FROM) {
            return store(key, store -> store.put(key, head, options));
        }
        return store(key, store -> {
            try (ValueWriter writer = store.putStream(key)) {
                writer.write(ByteBuffer.wrap(head));
                Entries.append(writer, Channels.newChannel(in));
                writer.commit(options);
            }
        });
    }

    private int store(byte[] key, Write write) throws IOException {
        try (Store store = openOrCreate()) {
            write.to(store);
            store.sync();
            if (json) {
                try (ValueView stored = store.get(key)) {
                    if (stored == null) {
                        throw new ToolException(
                                ExitCode.NEGATIVE, "the entry was stored, and has expired: '" + keys.print(key) + "'");
                    }
                    Json.entry(console(), key, stored, false);
                }
            }
        }
        return ExitCode.OK;
    }

    @FunctionalInterface
    private interface Write {
        void to(Store store) throws IOException;
    }
}
