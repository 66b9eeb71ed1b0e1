package dev.penstock.store.internal.io;

import dev.penstock.store.StoreLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The right to write to a store's directory, held by one {@code Store} of one process at a time.
 *
 * <p>POSIX drops a process's locks on a file as soon as it closes any descriptor of that file; so the lock has a file of
 * its own, which is opened once, after a registry inside the process has seen that no one else here holds it. The lock
 * dies with the process, a killed one included.
 */
public final class DirectoryLock implements AutoCloseable {

    private static final Set<Path> HELD_HERE = new HashSet<>();
    private static final int BOOT_ID_MAX_LENGTH = 64;

    private final Path realPath;
    private final FileChannel channel;
    private final boolean sameBoot;

    private DirectoryLock(Path realPath, FileChannel channel, boolean sameBoot) {
        this.realPath = realPath;
        this.channel = channel;
        this.sameBoot = sameBoot;
    }

    /**
     * Whether the machine has run without a break since a holder said {@link #recovered}. If so, everything stored since
     * reached the page cache and is intact: what looks damaged is damage, not the trace of a power cut.
     */
    public boolean isSameBoot() {
        return sameBoot;
    }

    /**
     * Whatever a power cut left is cut off. Said earlier, a process that died in between would leave the trace of a power
     * cut to one that takes it for damage, or for sound.
     */
    public void recovered() throws IOException {
        if (!sameBoot) {
            // Over what is there: a full disk might not give back the block that a shorter file had given up.
            byte[] bootId = bootId();
            channel.write(ByteBuffer.wrap(bootId), 0);
            channel.truncate(bootId.length);
        }
    }

    /**
     * @param lockFile the file to lock; made if it is missing
     * @throws StoreLockedException if someone else has it
     */
    public static DirectoryLock acquire(Path lockFile) throws IOException {
        Path realPath = lockFile.getParent().toRealPath().resolve(lockFile.getFileName());
        synchronized (HELD_HERE) {
            if (!HELD_HERE.add(realPath)) {
                throw new StoreLockedException(lockFile.getParent() + " is already open in this process");
            }
        }
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = open(realPath);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new StoreLockedException(
                        lockFile.getParent() + " is in use by another process; only one may write to it");
            }
            DirectoryLock held = new DirectoryLock(realPath, channel, holdsBootId(channel));
            locked = true;
            return held;
        } catch (OverlappingFileLockException e) {
            throw new StoreLockedException(lockFile.getParent() + " is already open in this process");
        } finally {
            if (!locked) {
                release(realPath, channel);
            }
        }
    }

    /** The same question for who does not take the lock. */
    public static boolean isOfThisBoot(Path lockFile) throws IOException {
        if (!Files.isRegularFile(lockFile, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return holdsBootId(channel);
        }
    }

    private static boolean holdsBootId(FileChannel channel) throws IOException {
        byte[] current = bootId();
        return current.length > 0 && Arrays.equals(current, content(channel));
    }

    private static byte[] content(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(BOOT_ID_MAX_LENGTH);
        while (content.hasRemaining() && channel.read(content, content.position()) > 0) {
            // until the file ends
        }
        return Arrays.copyOf(content.array(), content.position());
    }

    private static byte[] bootId() {
        try {
            return Files.readAllBytes(Path.of("/proc/sys/kernel/random/boot_id"));
        } catch (IOException unknown) {
            return new byte[0];
        }
    }

    private static FileChannel open(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            try {
                new PosixDisk().create(path).close();
            } catch (FileAlreadyExistsException raced) {
                // Someone else made it just now: that one is as good.
            }
        }
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(path + " is not a regular file");
        }
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    private static void release(Path realPath, FileChannel channel) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            synchronized (HELD_HERE) {
                HELD_HERE.remove(realPath);
            }
        }
    }

    @Override
    public void close() throws IOException {
        release(realPath, channel);
    }
}
