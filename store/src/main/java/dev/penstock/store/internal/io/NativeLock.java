package dev.penstock.store.internal.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.StoreLockedException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A lock that belongs to an open description of a file, and not to the process: nothing that is opened and closed
 * elsewhere in the process ends it, no child process inherits it, and it excludes a second class loader of the process
 * as well as other processes, those that know record locks only included.
 *
 * <p>The directory itself is locked too. So it stays locked against others of this kind even if another process removes
 * the file.
 */
final class NativeLock implements DiskLock {

    private static final int EACCES = 13;
    private static final int MAX_ATTEMPTS = 100;

    private final NativeDirectory directory;
    private final Descriptor directoryDescriptor;
    private final String key;
    private final Descriptor descriptor;
    private final DiskFile file;
    private final FileStatus locked;
    /** Of the locked file, by {@link Posix#path}. Made once, as each force looks it up. */
    private final MemorySegment name;

    @GuardedBy("this")
    private boolean closed;

    private NativeLock(
            NativeDirectory directory, Descriptor directoryDescriptor, String key, String name, Descriptor descriptor)
            throws IOException {
        this.directory = directory;
        this.directoryDescriptor = directoryDescriptor;
        this.key = key;
        this.descriptor = descriptor;
        this.file = new NativeFile(directory.path().resolve(name), descriptor);
        this.locked = descriptor.status();
        this.name = Posix.path(Arena.ofAuto(), name);
    }

    static NativeLock acquire(NativeDirectory directory, Descriptor directoryDescriptor, String key, String name)
            throws IOException {
        LocksHere.claim(key, directory.path());
        NativeLock held = null;
        try {
            for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
                NativeLock lock = new NativeLock(
                        directory, directoryDescriptor, key, name, open(directory, directoryDescriptor, name));
                boolean taken = false;
                try {
                    lock.take();
                    // Another process may have removed or replaced the file since it was opened.
                    taken = lock.isInPlace();
                } finally {
                    if (!taken) {
                        lock.release();
                    }
                }
                if (taken) {
                    LocksHere.note(key, lock.content());
                    held = lock;
                    return lock;
                }
            }
            throw new IOException(directory.path().resolve(name) + " is replaced repeatedly by another process");
        } finally {
            if (held == null) {
                LocksHere.release(key);
            }
        }
    }

    private static Descriptor open(NativeDirectory directory, Descriptor directoryDescriptor, String name)
            throws IOException {
        Path path = directory.path().resolve(name);
        int flags = Posix.O_RDWR | Posix.O_CREAT | Posix.O_NOFOLLOW | Posix.O_NONBLOCK;
        Descriptor descriptor;
        try (Descriptor.Use parent = directoryDescriptor.use()) {
            descriptor = Descriptor.open(parent.number(), Posix.bytes(name), flags, "opening", path);
        }
        if (!descriptor.status().isRegularFile()) {
            descriptor.close();
            throw new IOException(path + " is not a regular file");
        }
        return descriptor;
    }

    private void take() throws IOException {
        try (Descriptor.Use locking = descriptor.use()) {
            refuse(Posix.lock(locking.number()));
        }
        long result;
        try (Descriptor.Use parent = directoryDescriptor.use()) {
            result = Posix.lockDirectory(parent.number());
        }
        // Some file systems know no locks on directories: the one on the file is enough.
        if (result == -ErrorNumber.EAGAIN) {
            refuse(result);
        }
    }

    private void refuse(long result) throws IOException {
        if (result == -ErrorNumber.EAGAIN || result == -EACCES) {
            throw new StoreLockedException(
                    directory.path() + " is in use by another process; only one may write to it");
        }
        if (result < 0) {
            throw ErrorNumber.exception(result, "locking", file.path());
        }
    }

    @Override
    public byte[] content() throws IOException {
        return LocksHere.content(file);
    }

    @Override
    public void content(byte[] content) throws IOException {
        LocksHere.content(file, content);
        LocksHere.note(key, content);
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    /** Whether the name in the directory still is that of the locked file. */
    private boolean isInPlace() throws IOException {
        try (Descriptor.Use parent = directoryDescriptor.use()) {
            return locked.isSameFile(Posix.statusOfName(parent.number(), name));
        }
    }

    @Override
    public void checkPlace() throws IOException {
        if (!isInPlace()) {
            throw new DirectoryLostException(file.path()
                    + " was removed or replaced while this process held it; another process may write to the"
                    + " directory by now");
        }
    }

    private void release() throws IOException {
        try (Descriptor.Use parent = directoryDescriptor.use()) {
            Posix.unlockDirectory(parent.number());
        }
        file.close();
    }

    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            try {
                release();
            } finally {
                LocksHere.release(key);
            }
        }
    }
}
