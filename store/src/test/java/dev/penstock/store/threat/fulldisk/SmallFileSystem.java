package dev.penstock.store.threat.fulldisk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A real file system of a few megabytes, mounted for a test. Where that is not possible the test is skipped, and says
 * why.
 */
public final class SmallFileSystem implements AutoCloseable {

    /** What file systems there are. */
    public enum Kind {
        TMPFS,
        EXT4
    }

    public static final long SIZE = 32L << 20;

    public final Path root;
    private final Path image;

    private SmallFileSystem(Path root, Path image) {
        this.root = root;
        this.image = image;
    }

    /** @param place a directory that the mount point is made in */
    public static SmallFileSystem mount(Kind kind, Path place) throws IOException {
        return kind == Kind.TMPFS ? mountTmpfs(place, "size=" + SIZE) : mountExt4(place);
    }

    public static SmallFileSystem mountTmpfs(Path place, String options) throws IOException {
        Path root = Files.createTempDirectory(place, "tmpfs");
        runOrSkip("mount", "-t", "tmpfs", "-o", options, "tmpfs", root.toString());
        return new SmallFileSystem(root, null);
    }

    /** Mounts one where a directory is, to be taken away by {@link #unmount}. */
    public static SmallFileSystem mountTmpfsOver(Path directory) throws IOException {
        runOrSkip("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", directory.toString());
        return new SmallFileSystem(directory, null);
    }

    /** Has a directory seen at another place as well. */
    public static SmallFileSystem mountBind(Path directory, Path place) throws IOException {
        Path root = Files.createTempDirectory(place, "bind");
        runOrSkip("mount", "--bind", directory.toString(), root.toString());
        return new SmallFileSystem(root, null);
    }

    /** Has a directory seen with changes that go to another file system. */
    public static SmallFileSystem mountOverlay(Path lower, Path changes, Path place) throws IOException {
        Path root = Files.createTempDirectory(place, "overlay");
        Path upper = Files.createDirectory(changes.resolve("upper"));
        Path work = Files.createDirectory(changes.resolve("work"));
        runOrSkip(
                "mount",
                "-t",
                "overlay",
                "overlay",
                "-o",
                "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work,
                root.toString());
        return new SmallFileSystem(root, null);
    }

    private static SmallFileSystem mountExt4(Path place) throws IOException {
        Path image = Files.createTempFile(place, "ext4", ".image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
        }
        Path root = Files.createTempDirectory(place, "ext4");
        runOrSkip("mkfs.ext4", "-q", image.toString());
        runOrSkip("mount", "-o", "loop", image.toString(), root.toString());
        return new SmallFileSystem(root, image);
    }

    long usableSpace() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    /** A file of someone else that leaves so much room. */
    Path fillUpTo(long roomLeft) throws IOException {
        Path file = Files.createTempFile(root, "other", ".bin");
        ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long room = usableSpace() - roomLeft; room > 0; room = usableSpace() - roomLeft) {
                channel.write(zeros.clear().limit((int) Math.min(room, zeros.capacity())));
            }
        } catch (IOException full) {
            if (roomLeft > 0) {
                throw full;
            }
        }
        return file;
    }

    /** Unmounts an ext4 and mounts it again, as after a failure of its device. */
    public void remount() throws IOException {
        unmount();
        String problem = run("mount", "-o", "loop", image.toString(), root.toString());
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    public void unmount() throws IOException {
        String problem = run("umount", root.toString());
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    @Override
    public void close() throws IOException {
        unmount();
        Files.delete(root);
        if (image != null) {
            Files.delete(image);
        }
    }

    private static void runOrSkip(String... command) throws IOException {
        String problem = run(command);
        Assumptions.assumeTrue(problem.isEmpty(), () -> "no small file system to fill: " + problem);
    }

    /** Empty if all went well. */
    private static String run(String... command) throws IOException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(1, TimeUnit.MINUTES);
            return ended && process.exitValue() == 0 ? "" : String.join(" ", List.of(command)) + ": " + output;
        } catch (IOException notThere) {
            return notThere.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
