package dev.penstock.store.internal.io;

import dev.penstock.store.StoreLockedException;
import dev.penstock.store.internal.format.FileNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The exclusive right to write to a store's directory, held by one {@code Store} of one process at a time, and its
 * holders' notes about the page cache.
 */
public final class DirectoryLock implements AutoCloseable {

    private final DiskDirectory directory;
    private final DiskLock lock;
    private final boolean sameBoot;

    private DirectoryLock(DiskDirectory directory, DiskLock lock, boolean sameBoot) {
        this.directory = directory;
        this.lock = lock;
        this.sameBoot = sameBoot;
    }

    /**
     * Whether the page cache has lost nothing since a holder said {@link #recovered}: the machine has run without a
     * break, and the file system was mounted all the time. If so, everything stored since reached the page cache and is
     * intact: what looks damaged is damage, not the trace of a power cut.
     */
    public boolean isSameBoot() {
        return sameBoot;
    }

    /**
     * Whatever a power cut left is cut off. Said earlier, a process that died in between would leave the trace of a
     * power cut to one that takes it for damage, or for sound.
     *
     * <p>The note is forced, also one of a process that died before it could do so. It replaces the mark of a backup:
     * if that came back in a power cut, the next backup would delete what was stored since.
     */
    public void recovered() throws IOException {
        if (!sameBoot) {
            lock.content(uptime(directory));
        }
        lock.force();
    }

    /**
     * Whether the directory is where it was, and locked.
     *
     * @throws DirectoryLostException if not: nothing may be written any more
     */
    public void checkPlace() throws IOException {
        directory.checkPlace();
        lock.checkPlace();
    }

    /** @throws StoreLockedException if someone else has it */
    public static DirectoryLock acquire(DiskDirectory directory) throws IOException {
        DiskLock lock = directory.lock(FileNames.LOCK);
        boolean kept = false;
        try {
            DirectoryLock held = new DirectoryLock(directory, lock, isKept(directory, lock.content()));
            kept = true;
            return held;
        } finally {
            if (!kept) {
                lock.close();
            }
        }
    }

    /** Like {@link #isSameBoot}, but without taking the lock. */
    public static boolean isOfThisBoot(DiskDirectory directory) throws IOException {
        return isKept(directory, directory.lockContent(FileNames.LOCK));
    }

    private static boolean isKept(DiskDirectory directory, byte[] noted) {
        byte[] now = uptime(directory);
        return now.length > 0 && java.util.Arrays.equals(now, noted);
    }

    private static byte[] uptime(DiskDirectory directory) {
        return directory.uptime().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
