package dev.penstock.store.internal.io;

import dev.penstock.store.StoreFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The directory of a store that is open for writing. Before each change to its names, and on request, it checks that
 * its path still leads to it and its lock is in place. If not, the store fails.
 *
 * <p>Writes always go to the directory that was opened, but the next process that opens the path would not find them.
 */
public final class GuardedDirectory implements DiskDirectory {

    private final DiskDirectory directory;
    private final DirectoryLock lock;
    private final FailureLatch failure;

    public GuardedDirectory(DiskDirectory directory, DirectoryLock lock, FailureLatch failure) {
        this.directory = directory;
        this.lock = lock;
        this.failure = failure;
    }

    @Override
    public Path path() {
        return directory.path();
    }

    /** @throws StoreFailedException if the directory is not where it was; now and whenever this is called again */
    @Override
    public void checkPlace() throws IOException {
        try {
            lock.checkPlace();
        } catch (DirectoryLostException e) {
            throw failure.set(e.problem(), e);
        }
    }

    @Override
    public boolean mayReplaceFiles() {
        return directory.mayReplaceFiles();
    }

    @Override
    public List<String> list() throws IOException {
        return directory.list();
    }

    @Override
    public long length(String name) throws IOException {
        return directory.length(name);
    }

    @Override
    public DiskFile create(String name) throws IOException {
        checkPlace();
        return directory.create(name);
    }

    @Override
    public DiskFile open(String name, boolean writable) throws IOException {
        return directory.open(name, writable);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        checkPlace();
        directory.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        checkPlace();
        directory.delete(name);
    }

    @Override
    public void link(String name, DiskDirectory target, String targetName) throws IOException {
        directory.link(name, target, targetName);
    }

    @Override
    public void createDirectory(Path name) throws IOException {
        checkPlace();
        directory.createDirectory(name);
    }

    @Override
    public DiskDirectory openDirectory(String name) throws IOException {
        return directory.openDirectory(name);
    }

    @Override
    public void deleteDirectory(String name) throws IOException {
        checkPlace();
        directory.deleteDirectory(name);
    }

    @Override
    public void force() throws IOException {
        directory.force();
        // Durable by name means by the name that will be looked for.
        checkPlace();
    }

    @Override
    public void forceName() throws IOException {
        directory.forceName();
    }

    @Override
    public DiskLock lock(String name) throws IOException {
        return directory.lock(name);
    }

    @Override
    public byte[] lockContent(String name) throws IOException {
        return directory.lockContent(name);
    }

    @Override
    public String uptime() {
        return directory.uptime();
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}
