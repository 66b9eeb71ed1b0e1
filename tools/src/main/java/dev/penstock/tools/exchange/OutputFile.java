package dev.penstock.tools.exchange;

import dev.penstock.tools.text.RawFileNames;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/**
 * A file that gets its name when it is complete and on the device: until then it is called {@code NAME.partial}. It
 * replaces no file, and only its owner can read it, as for the files of a store. A pipe or a device is written as it
 * is. One thread.
 */
public final class OutputFile implements AutoCloseable {

    private static final int BUFFER_LENGTH = 1 << 20;
    private static final FileAttribute<Set<PosixFilePermission>> MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;
    /** The file without its name; the file itself if it is no regular one. */
    private final Path written;

    private final FileChannel channel;
    private final OutputStream content;
    private boolean finished;

    private OutputFile(Path file, Path written, FileChannel channel) {
        this.file = file;
        this.written = written;
        this.channel = channel;
        this.content = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_LENGTH);
    }

    /**
     * Begins a file.
     *
     * @throws NoSuchFileException if its directory is not there
     * @throws AccessDeniedException if no file can be made in that
     * @throws FileAlreadyExistsException if there is one of that name, or {@code NAME.partial} is there: another
     *     process writes it, or was killed when it did
     */
    public static OutputFile create(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
            return new OutputFile(file, file, FileChannel.open(file, StandardOpenOption.WRITE));
        }
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Path written = RawFileNames.path(RawFileNames.text(file.toAbsolutePath()) + ".partial");
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try {
            return new OutputFile(file, written, FileChannel.open(written, options, MODE));
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(String.valueOf(written.getParent()));
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(file.toString());
        }
    }

    /** Where the content goes; closing it closes the file. */
    public OutputStream content() {
        return content;
    }

    /**
     * Gives the complete file its name.
     *
     * @throws FileAlreadyExistsException if another file got that name meanwhile
     */
    public void finish() throws IOException {
        content.flush();
        if (!written.equals(file)) {
            channel.force(true);
            rename();
            forceDirectory();
        }
        finished = true;
    }

    /** A move would replace a file that was made meanwhile. */
    private void rename() throws IOException {
        try {
            Files.createLink(file, written);
            Files.delete(written);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            // Not every file system has links; the JDK looks first whether there is a file.
            Files.move(written, file);
        }
    }

    private void forceDirectory() throws IOException {
        try (FileChannel directory = FileChannel.open(Objects.requireNonNull(written.getParent()))) {
            directory.force(true);
        }
    }

    /** Removes a file that is not complete. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!finished && !written.equals(file)) {
            Files.deleteIfExists(written);
        }
    }
}
