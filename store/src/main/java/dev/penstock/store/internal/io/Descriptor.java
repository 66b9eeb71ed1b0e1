package dev.penstock.store.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntToLongFunction;

/**
 * The number of an open file or directory. Calls on it act on the file that was opened, whatever happened to its name.
 *
 * <p>Thread-safe: closing waits for the calls under way, since a number that is closed in the middle of a call may be
 * another file's by the next.
 */
final class Descriptor implements Closeable {

    /** A call that Java makes, with the path of the open file. */
    interface PathCall<T> {

        T on(Path path) throws IOException;
    }

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final int number;
    private boolean closed;

    Descriptor(int number) {
        this.number = number;
    }

    /** What a system call on the number returns. */
    long call(IntToLongFunction call) throws ClosedChannelException {
        lock.readLock().lock();
        try {
            checkOpen();
            return call.applyAsLong(number);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** What is known about the file. */
    FileStatus status() throws IOException {
        lock.readLock().lock();
        try {
            checkOpen();
            FileStatus status = Posix.status(number);
            if (status == null) {
                throw new IOException("the file of descriptor " + number + " cannot be looked at");
            }
            return status;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Has Java do something with the very file, by a path that leads to it even when its name is gone. */
    <T> T byPath(PathCall<T> call) throws IOException {
        lock.readLock().lock();
        try {
            checkOpen();
            return call.on(Path.of(path(number)));
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The path of whatever has a number now. */
    static String path(int number) {
        return "/proc/self/fd/" + number;
    }

    private void checkOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
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
