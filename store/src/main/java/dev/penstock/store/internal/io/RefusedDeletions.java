package dev.penstock.store.internal.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Files that are to be deleted and cannot be yet. Where the rules are not POSIX's, the system refuses to delete a file
 * that any process has mapped. Its name is noted here, is hidden from the store, and is deleted when the mapping is
 * gone: {@link #retry} is called often. What is left when the process ends is found at the next open, which deletes
 * every file that no record refers to.
 *
 * <p>A name that was refused may be given to a new file: a deletion of the old one that comes later would take the new
 * one. So each file is deleted, and its name noted or struck off, in one step under the lock.
 *
 * <p>Thread-safe. Its lock is taken last.
 */
final class RefusedDeletions {

    /** Between two attempts at a time when nothing else is deleted. */
    private static final long PAUSE_NANOS = 50_000_000;

    private final PortableNames names;

    @GuardedBy("this")
    private final Set<String> refused = new LinkedHashSet<>();

    @GuardedBy("this")
    private long lastAttempt;

    private volatile boolean any;

    RefusedDeletions(PortableNames names) {
        this.names = names;
    }

    /** Deletes a file, now or later; one that is not there is not an error. */
    void delete(String name) throws IOException {
        if (names.arePosix()) {
            deleteIfThere(name);
        } else {
            deleteOrNote(name);
        }
    }

    private void deleteIfThere(String name) throws IOException {
        try {
            names.deleteFile(name);
        } catch (NoSuchFileException gone) {
            // as it is to be
        }
    }

    private synchronized void deleteOrNote(String name) throws IOException {
        try {
            deleteIfThere(name);
            strikeOff(name);
        } catch (FileSystemException e) {
            if (!exists(name)) {
                throw e;
            }
            refused.add(name);
            any = true;
            StoreLog.get().log(System.Logger.Level.DEBUG, "deleted later, as the system refuses it now: " + name, e);
        }
    }

    @GuardedBy("this")
    private void strikeOff(String name) {
        refused.remove(name);
        any = !refused.isEmpty();
    }

    private boolean exists(String name) throws IOException {
        try {
            names.attributes(name);
            return true;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    /** Whether a file is only there because it could not be deleted. */
    boolean contains(String name) {
        if (!any) {
            return false;
        }
        synchronized (this) {
            return refused.contains(name);
        }
    }

    /** Makes a name free for a new file or one that is renamed, if it can be now. */
    void release(String name) throws IOException {
        if (any) {
            synchronized (this) {
                if (refused.contains(name)) {
                    deleteIfThere(name);
                    strikeOff(name);
                }
            }
        }
    }

    /** Deletes what can be deleted by now. Cheap, and seldom does anything. */
    void retry() {
        if (any) {
            synchronized (this) {
                long now = System.nanoTime();
                if (now - lastAttempt >= PAUSE_NANOS) {
                    lastAttempt = now;
                    retryAll();
                }
            }
        }
    }

    /** The last attempt of this process. */
    synchronized void retryAll() {
        List<String> deleted = new ArrayList<>();
        for (String name : refused) {
            try {
                deleteIfThere(name);
                deleted.add(name);
            } catch (IOException stillRefused) {
                StoreLog.get().log(System.Logger.Level.TRACE, "still refused: " + name, stillRefused);
            }
        }
        deleted.forEach(refused::remove);
        any = !refused.isEmpty();
    }
}
