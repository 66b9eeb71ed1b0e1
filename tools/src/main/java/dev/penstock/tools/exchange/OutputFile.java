package dev.penstock.tools.exchange;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that gets its name when it is complete and on the device: until then it is called {@code NAME.partial}. A pipe
 * or a device is written as it is. One thread.
 */
public final class OutputFile implements AutoCloseable {

    private static final int BUFFER_LENGTH = 1 << 20;

    private final Path file;
    /** The file without its name; the file itself if it is no regular one. */
    private final Path written;

    private final FileChannel channel;
    private final OutputStream content;

    private OutputFile(Path file, Path written, FileChannel channel, OutputStream content) {
        this.file = file;
        this.written = written;
        this.channel = channel;
        this.content = content;
    }

    /**
     * Begins a file.
     *
     * @throws FileAlreadyExistsException if there is one of that name
     */
    public static OutputFile create(Path file) throws IOException {
        boolean special = Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
        if (!special && Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Path written = special ? file : Path.of(file + ".partial");
        FileChannel channel = special
                ? FileChannel.open(file, StandardOpenOption.WRITE)
                : FileChannel.open(
                        written,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING);
        return new OutputFile(
                file, written, channel, new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_LENGTH));
    }

    /** Where the content goes; closing it closes the file. */
    public OutputStream content() {
        return content;
    }

    /** Gives the complete file its name. */
    public void finish() throws IOException {
        content.flush();
        if (!written.equals(file)) {
            channel.force(true);
            channel.close();
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Removes a file that is not complete. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!written.equals(file)) {
            Files.deleteIfExists(written);
        }
    }
}
