package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names in a directory that is kept open, by a {@link SecureDirectoryStream}, wherever its path leads later. */
final class OpenNames implements PortableNames {

    private static final Path SELF = Path.of(".");

    private final Path path;
    private final SecureDirectoryStream<Path> stream;
    private final FileAttribute<?>[] fileMode;

    private OpenNames(Path path, SecureDirectoryStream<Path> stream) {
        this.path = path;
        this.stream = stream;
        this.fileMode = FileModes.ofFile(path);
    }

    /** Opens the directory that a path leads to; null where the system keeps no directory open. */
    @SuppressWarnings("StreamResourceLeak") // closed with the names
    static @Nullable OpenNames open(Path path) throws IOException {
        DirectoryStream<Path> opened = OpenFiles.opening("opening", path, () -> Files.newDirectoryStream(path));
        if (opened instanceof SecureDirectoryStream<Path> stream) {
            return new OpenNames(path, stream);
        }
        opened.close();
        return null;
    }

    @Override
    public boolean arePosix() {
        return true;
    }

    @Override
    public Object key() throws IOException {
        Object key = stream.getFileAttributeView(BasicFileAttributeView.class)
                .readAttributes()
                .fileKey();
        return key != null ? key : path.toRealPath();
    }

    @Override
    public BasicFileAttributes attributes(String name) throws IOException {
        return stream.getFileAttributeView(Path.of(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    @Override
    public List<String> list() throws IOException {
        return PortableNames.namesIn(OpenFiles.opening("listing", path, () -> stream.newDirectoryStream(SELF)));
    }

    @Override
    public FileChannel open(String name, Set<? extends OpenOption> options) throws IOException {
        return (FileChannel) stream.newByteChannel(Path.of(name), options, fileMode);
    }

    @Override
    public void move(String from, String to) throws IOException {
        stream.move(Path.of(from), stream, Path.of(to));
    }

    @Override
    public void deleteFile(String name) throws IOException {
        stream.deleteFile(Path.of(name));
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        stream.deleteDirectory(Path.of(name));
    }

    @Override
    public PortableNames directory(String name) throws IOException {
        DirectoryStream<Path> inner = stream.newDirectoryStream(Path.of(name), LinkOption.NOFOLLOW_LINKS);
        return new OpenNames(path.resolve(name), (SecureDirectoryStream<Path>) inner);
    }

    @Override
    public void force() throws IOException {
        Uninterrupted.run(() -> {
            try (FileChannel channel = OpenFiles.opening("fsync of", path, () ->
                    (FileChannel) stream.newByteChannel(SELF, Set.of(StandardOpenOption.READ)))) {
                channel.force(true);
            }
        });
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
