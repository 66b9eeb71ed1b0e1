package dev.penstock.tools.load;

import dev.penstock.store.Store;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * From files into the store: small values by way of the heap, the others straight into a file of the store. How long a
 * value is says nothing but the end of its source: the length that the system gives for a file is wrong for pipes,
 * devices, {@code /proc} and files that others write to.
 */
public final class Entries {

    /** A longer value is never on the heap as a whole. */
    public static final int STREAMED_FROM = 1 << 20;

    private static final int READ_LENGTH = 8 << 20;

    private Entries() {}

    public static FileChannel openSource(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file + ": is a directory");
        }
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    /** Puts all that a channel gives up to its end, however long that is; returns how many bytes it was. */
    static long put(Store store, byte[] key, ReadableByteChannel source, WriteOptions options) throws IOException {
        try (ValueWriter writer = store.putStream(key)) {
            long length = append(writer, source);
            writer.commit(options);
            return length;
        }
    }

    /** Writes all that a channel gives up to its end; returns how many bytes it was. */
    public static long append(ValueWriter writer, ReadableByteChannel source) throws IOException {
        long length = 0;
        int count = writer.readFrom(source, READ_LENGTH);
        while (count > 0) {
            length += count;
            count = writer.readFrom(source, READ_LENGTH);
        }
        if (count == 0) {
            throw new IOException(
                    "the value is longer than " + Store.MAX_VALUE_LENGTH + " bytes, the longest possible");
        }
        return length;
    }
}
