package dev.penstock.store.internal.io;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The number of an open file or directory. Calls on it act on the file that was opened, whatever happened to its name.
 *
 * <p>Thread-safe: closing waits for the calls under way, since a number that is closed in the middle of a call may be
 * another file's by the next.
 *
 * <p>A caller {@linkplain #use uses} the number in a try statement, and passes no lambda: opening a store makes many of
 * these calls, and each lambda of a new JVM takes as long as hundreds of them.
 */
final class Descriptor implements Closeable {

    /** The right to use the number, which stays that of the file until this is closed. */
    final class Use implements AutoCloseable {

        int number() {
            return number;
        }

        /** A path that leads to the very file, even when its name is gone. */
        Path path() {
            return Path.of(Descriptor.path(number));
        }

        /** The same for calls that take this. */
        File file() {
            return new File(Descriptor.path(number));
        }

        @Override
        public void close() {
            lock.readLock().unlock();
        }
    }

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Use use = new Use();
    private final int number;
    private boolean closed;

    Descriptor(int number) {
        this.number = number;
    }

    /**
     * Opens a file or a directory, if need be once more when files that nobody uses have been closed.
     *
     * @param directory number of the open directory that the name is in
     * @param action for the exception, as in "opening"
     * @param path of the file, for the exception
     * @throws OutOfDescriptorsException if closing files did not help
     */
    static Descriptor open(int directory, byte[] name, int flags, String action, Path path) throws IOException {
        int number = Posix.open(directory, name, flags);
        if (ErrorNumber.isOutOfDescriptors(number) && OpenFiles.ofProcess().closeIdle()) {
            number = Posix.open(directory, name, flags);
        }
        if (number < 0) {
            throw ErrorNumber.exception(number, action, path);
        }
        return new Descriptor(number);
    }

    /** Returns the number to be used for a call, and closed after it. */
    Use use() throws ClosedChannelException {
        lock.readLock().lock();
        if (closed) {
            lock.readLock().unlock();
            throw new ClosedChannelException();
        }
        return use;
    }

    /** What is known about the file. */
    FileStatus status() throws IOException {
        try (Use file = use()) {
            FileStatus status = Posix.status(file.number());
            if (status == null) {
                throw new IOException("the file of descriptor " + number + " cannot be looked at");
            }
            return status;
        }
    }

    /** The path of whatever has a number now. */
    static String path(int number) {
        return "/proc/self/fd/" + number;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                Posix.close(number);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
