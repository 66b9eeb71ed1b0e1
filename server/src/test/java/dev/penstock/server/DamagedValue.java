package dev.penstock.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** Makes stores with a value that the device has changed. */
public final class DamagedValue {

    private DamagedValue() {}

    /** Stores a value of a length under "k" of which one byte is then another. */
    public static void store(Path directory, StoreOptions options, int length) throws IOException {
        try (Store store = Store.open(directory, options)) {
            store.put("k".getBytes(ISO_8859_1), "y".repeat(length).getBytes(ISO_8859_1));
        }
        String part = "y".repeat(900);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                int at = Files.readString(file, ISO_8859_1).indexOf(part);
                if (at >= 0) {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.write(ByteBuffer.wrap(new byte[] {'z'}), at + 450);
                    }
                    return;
                }
            }
        }
        throw new AssertionError("the value is in no file");
    }
}
