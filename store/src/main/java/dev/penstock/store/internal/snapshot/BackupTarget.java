package dev.penstock.store.internal.snapshot;

import dev.penstock.store.NotAStoreException;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.DiskLock;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.recovery.StoreCreation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The directory that a backup is for, locked as a store's is: neither another backup nor a store can use it meanwhile.
 *
 * <p>The lock file records its last holder: a backup writes {@link #MARK}, an owner of the store something else. A
 * directory that was opened for writing is thereby distinguished from a backup and is never replaced, because it may
 * hold the only copy of its data. The same holds for a store without a lock file, which was put there by other means.
 *
 * <p>Everything is checked before anything is created, again under the lock, and again right before the exchange. Only
 * files of an older backup of the same store are removed, and leftovers of an interrupted backup.
 */
public final class BackupTarget implements AutoCloseable {

    private static final byte[] MARK = "backup\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NO_MARK = {};

    private final DiskDirectory directory;
    private final Path source;
    private final Identity identity;
    private final boolean mustBeEmpty;
    private @Nullable DiskLock lock;
    private boolean exchanging;

    private BackupTarget(DiskDirectory directory, Path source, Identity identity, boolean mustBeEmpty) {
        this.directory = directory;
        this.source = source;
        this.identity = identity;
        this.mustBeEmpty = mustBeEmpty;
    }

    /**
     * Opens and locks the directory; makes it if it is missing.
     *
     * @param source the store's directory, for messages
     * @param mustBeEmpty whether to refuse an older backup too, and not to mark the directory as a backup
     * @throws NotAStoreException if it holds something else; nothing is changed
     * @throws dev.penstock.store.StoreLockedException if it is in use elsewhere
     */
    public static BackupTarget open(Disk disk, Path path, Path source, Identity identity, boolean mustBeEmpty)
            throws IOException {
        BackupTarget target =
                new BackupTarget(StoreCreation.openDirectory(disk, path, true), source, identity, mustBeEmpty);
        boolean opened = false;
        try {
            target.check();
            DiskLock held = target.directory.lock(FileNames.LOCK);
            target.lock = held;
            target.check();
            // The process that made the directory may have died before its name was durable.
            target.directory.forceName();
            BackupExchange.finish(target.directory);
            target.mark(held);
            opened = true;
            return target;
        } finally {
            if (!opened) {
                target.close();
            }
        }
    }

    DiskDirectory directory() {
        return directory;
    }

    /**
     * Makes the directory in which the backup is made. Its name is durable: otherwise a power cut could leave the
     * rename of the exchange without it, applied to the directory of a backup that was given up before.
     */
    public DiskDirectory begin() throws IOException {
        directory.createDirectory(Path.of(FileNames.BACKUP_PARTIAL));
        directory.force();
        return directory.openDirectory(FileNames.BACKUP_PARTIAL);
    }

    /** Opens the directory in which the backup was made. */
    public DiskDirectory partial() throws IOException {
        return directory.openDirectory(FileNames.BACKUP_PARTIAL);
    }

    /** Puts the backup that is complete in the place of the one before. */
    public void exchange() throws IOException {
        Objects.requireNonNull(lock).checkPlace();
        directory.checkPlace();
        check();
        exchanging = true;
        BackupExchange.commit(directory);
        BackupExchange.finish(directory);
    }

    /**
     * Removes what was made; does nothing once the exchange has begun. If that fails after its last rename, the device
     * may have the inner directory by the name by which it counts.
     */
    public void giveUp() throws IOException {
        if (!exchanging) {
            BackupExchange.removePartial(directory);
        }
    }

    /**
     * The mark is durable before there is a store that it says something of; also one that a process noted which died.
     */
    private void mark(DiskLock held) throws IOException {
        byte[] wanted = mustBeEmpty ? NO_MARK : MARK;
        if (!Arrays.equals(wanted, held.content())) {
            held.content(wanted);
        }
        held.force();
    }

    // --- what is there ---

    private void check() throws IOException {
        List<String> names = directory.list();
        boolean hasStore = names.contains(Identity.FILE_NAME) || names.contains(FileNames.BACKUP_COMPLETE);
        if (hasStore) {
            checkMark(names);
        }
        for (String name : names) {
            check(name, hasStore);
        }
    }

    private void checkMark(List<String> names) throws IOException {
        boolean hasLock = names.contains(FileNames.LOCK);
        if (!hasLock || !Arrays.equals(MARK, directory.lockContent(FileNames.LOCK))) {
            String why = mustBeEmpty
                    ? " is not empty: "
                    : hasLock
                            ? " has been opened for writing and is no mere backup any more; "
                            : " holds a store that no backup has put there: its file LOCK is missing; ";
            throw new NotAStoreException(directory.path() + why + "give another directory, or move it away");
        }
    }

    private void check(String name, boolean hasStore) throws IOException {
        switch (name) {
            case FileNames.LOCK, FileNames.LOST_AND_FOUND -> {
                // May be there.
            }
            case FileNames.BACKUP_PARTIAL -> checkInner(name);
            default -> {
                if (mustBeEmpty) {
                    throw new NotAStoreException(
                            directory.path() + " is not empty: give another directory, or move it away");
                }
                if (!hasStore) {
                    throw new NotAStoreException(directory.path() + " is not empty and is not a backup of " + source);
                }
                checkOfBackup(name);
            }
        }
    }

    private void checkOfBackup(String name) throws IOException {
        if (name.equals(FileNames.BACKUP_COMPLETE)) {
            checkInner(name);
            try (DiskDirectory complete = directory.openDirectory(name)) {
                checkIdentity(complete);
            }
        } else if (name.equals(Identity.FILE_NAME)) {
            checkIdentity(directory);
        } else if (!BackupExchange.isOfStore(name) || !isFile(name)) {
            throw foreign(directory, name);
        }
    }

    private void checkInner(String inner) throws IOException {
        try (DiskDirectory found = directory.openDirectory(inner)) {
            for (String name : found.list()) {
                if (!BackupExchange.isOfStore(name)) {
                    throw foreign(found, name);
                }
            }
        } catch (NotDirectoryException e) {
            throw foreign(directory, inner);
        }
    }

    private boolean isFile(String name) throws IOException {
        try {
            directory.open(name, false).close();
            return true;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException other) {
            return false;
        }
    }

    private void checkIdentity(DiskDirectory place) throws IOException {
        byte[] bytes;
        try (DiskFile file = place.open(Identity.FILE_NAME, false)) {
            bytes = new byte[(int) Math.min(file.size(), Identity.LENGTH + 1)];
            file.read(ByteBuffer.wrap(bytes), 0);
        }
        if (Identity.examine(bytes) != Identity.IdentityVerdict.SOUND
                || !Identity.decode(bytes).storeId().equals(identity.storeId())) {
            throw new NotAStoreException(directory.path() + " is another store, not a backup of " + source);
        }
    }

    private static NotAStoreException foreign(DiskDirectory place, String name) {
        return new NotAStoreException(place.path() + " holds '" + name
                + "', which is no part of a backup; move it away, or give another directory");
    }

    @Override
    public void close() throws IOException {
        try {
            if (lock != null) {
                lock.close();
            }
        } finally {
            directory.close();
        }
    }
}
