package dev.penstock.store.internal.io;

import java.io.Closeable;
import java.io.IOException;

/**
 * The lock on a directory. It ends with {@link #close}, or with the process, a killed one included.
 *
 * <p>Thread-safe.
 */
public interface DiskLock extends Closeable {

    /** What the file of the lock contains. */
    byte[] content() throws IOException;

    /** Replaces what the file of the lock contains. */
    void content(byte[] content) throws IOException;

    /** Makes what the file of the lock contains durable, and not its name. */
    void force() throws IOException;

    /**
     * Whether the name of the lock still leads to the file that is locked.
     *
     * @throws DirectoryLostException if it was removed or replaced
     */
    void checkPlace() throws IOException;

    @Override
    void close() throws IOException;
}
