package dev.penstock.store.internal.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The {@link IdleFile}s that are open now. Beyond a number that follows from the limit of the process, each that is
 * opened has one closed that nobody uses, of those the one that was used least recently, as far as a second chance for
 * each tells.
 *
 * <p>Files that must stay open are counted, and refused beyond twice that number: the descriptors that are left are for
 * all else.
 *
 * <p>Thread-safe. Its lock is taken while a file's is held, never the other way round.
 */
public final class OpenFiles {

    private static final OpenFiles OF_PROCESS = new OpenFiles(DescriptorLimit.idleFiles(DescriptorLimit.ofProcess()));

    private final int most;

    @GuardedBy("this")
    private final SequencedSet<IdleFile> open = new LinkedHashSet<>();

    private final AtomicInteger keptCount = new AtomicInteger();

    /** @param most how many files stay open without being used */
    public OpenFiles(int most) {
        this.most = most;
    }

    /** All stores of a process share one, as they share its descriptors. */
    public static OpenFiles ofProcess() {
        return OF_PROCESS;
    }

    /** How many files stay open without being used. */
    public int most() {
        return most;
    }

    /** Has files closed until there is space for one more, as far as there are any that nobody uses. */
    synchronized void makeRoom() {
        close(open.size() - most + 1);
    }

    /** Closes all unused files, and returns whether there were any. */
    synchronized boolean closeIdle() {
        int before = open.size();
        close(before);
        return open.size() < before;
    }

    @GuardedBy("this")
    private void close(int wanted) {
        int missing = wanted;
        for (int looks = 2 * open.size(); looks > 0 && missing > 0; looks--) {
            IdleFile oldest = open.removeFirst();
            if (!oldest.isRecent() && oldest.closeIfIdle()) {
                missing--;
            } else {
                open.addLast(oldest);
            }
        }
    }

    synchronized void add(IdleFile file) {
        open.add(file);
    }

    synchronized void remove(IdleFile file) {
        open.remove(file);
    }

    /** Counts a file that must stay open. */
    void keep(IdleFile.Source source) throws OutOfDescriptorsException {
        int kept = keptCount.incrementAndGet();
        if (kept > 2 * most) {
            keptCount.decrementAndGet();
            throw new OutOfDescriptorsException(source.path(), kept - 1);
        }
    }

    /** Counts one that had better stay open, unless there are so many already that it is to make way for others. */
    boolean tryToKeep() {
        if (keptCount.incrementAndGet() <= most) {
            return true;
        }
        keptCount.decrementAndGet();
        return false;
    }

    void letGo() {
        keptCount.decrementAndGet();
    }

    /** A call that opens something. */
    interface Opening<T> {

        T open() throws IOException;
    }

    /**
     * Opens something, if need be once more when files that nobody uses have been closed.
     *
     * @param action what needs it, as in "opening"
     * @throws OutOfDescriptorsException if that did not help
     */
    static <T> T opening(String action, Path path, Opening<T> opening) throws IOException {
        try {
            return opening.open();
        } catch (IOException e) {
            IOException reason = OutOfDescriptorsException.orOther(e, action, path);
            if (!(reason instanceof OutOfDescriptorsException)) {
                throw e;
            }
            if (!OF_PROCESS.closeIdle()) {
                throw reason;
            }
        }
        try {
            return opening.open();
        } catch (IOException e) {
            throw OutOfDescriptorsException.orOther(e, action, path);
        }
    }
}
