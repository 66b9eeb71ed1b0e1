package dev.penstock.store.internal.io;

import dev.penstock.store.StoreLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The directories that this process has locked, and the content of their lock files.
 *
 * <p>A POSIX record lock belongs to the process, and ends as soon as the process closes any descriptor of the file.
 * This process therefore never opens the file of a lock that it holds, but reads the content from this table. The table
 * is kept in the system properties, by the file key of the directory, so that a copy of this class in another class
 * loader sees it.
 *
 * <p>Thread-safe.
 */
final class LocksHere {

    /** Longest content of a lock's file that is read. */
    static final int MAX_CONTENT_LENGTH = 256;

    private static final String PREFIX = "dev.penstock.store.locked.";

    /** The same object in every class loader, as each literal is. */
    private static final Object MONITOR = PREFIX;

    private LocksHere() {}

    /**
     * Notes that this process is about to lock a directory.
     *
     * @throws StoreLockedException if it has locked it
     */
    static void claim(String key, Path directory) {
        synchronized (MONITOR) {
            if (System.getProperties().putIfAbsent(PREFIX + key, "") != null) {
                throw new StoreLockedException(directory + " is already open in this process");
            }
        }
    }

    /** Notes what the file of a lock that is held here contains. */
    static void note(String key, byte[] content) {
        System.setProperty(PREFIX + key, new String(content, StandardCharsets.ISO_8859_1));
    }

    static void release(String key) {
        System.clearProperty(PREFIX + key);
    }

    /** What the file of a lock contains; empty if there is none. It is opened only if nobody here holds the lock. */
    static byte[] content(DiskDirectory directory, String key, String name) throws IOException {
        synchronized (MONITOR) {
            String held = System.getProperty(PREFIX + key);
            if (held != null) {
                return held.getBytes(StandardCharsets.ISO_8859_1);
            }
            try (DiskFile file = directory.open(name, false)) {
                return content(file);
            } catch (NoSuchFileException none) {
                return new byte[0];
            }
        }
    }

    static byte[] content(DiskFile file) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(MAX_CONTENT_LENGTH);
        return Arrays.copyOf(content.array(), file.read(content, 0));
    }

    /** Over what is there: a full disk might not release the block that a shorter file had given up. */
    static void content(DiskFile file, byte[] content) throws IOException {
        file.write(ByteBuffer.wrap(content), 0);
        file.truncate(content.length);
    }
}
