package dev.penstock.tools;

import dev.penstock.store.Store;
import dev.penstock.store.ValueWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** From files into the store: small ones by way of the heap, the others straight into the mapping. */
final class Entries {

    /** From this length on a value never is on the heap whole. */
    static final int STREAMED_FROM = 1 << 20;

    private static final int READ_LENGTH = 8 << 20;

    private Entries() {}

    static FileChannel openSource(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file + ": is a directory");
        }
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    /** Puts what the file holds now; returns how many bytes that was. */
    static long put(Store store, byte[] key, FileChannel source, Path file) throws IOException {
        long length = source.size();
        if (length < STREAMED_FROM) {
            store.put(key, read(source, (int) length, file));
            return length;
        }
        try (ValueWriter writer = store.putStream(key, length)) {
            while (writer.remaining() > 0) {
                if (writer.readFrom(source, READ_LENGTH) < 0) {
                    throw shrank(file);
                }
            }
            writer.commit();
        }
        return length;
    }

    /** Copies a head that was read already and the rest of a stream into a file, and rewinds it. */
    static FileChannel spool(Path file, byte[] head, InputStream rest) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(head);
            rest.transferTo(out);
        }
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    private static byte[] read(FileChannel source, int length, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (source.read(bytes) < 0) {
                throw shrank(file);
            }
        }
        return bytes.array();
    }

    private static FileSystemException shrank(Path file) {
        return new FileSystemException(file + ": became shorter while it was read");
    }
}
