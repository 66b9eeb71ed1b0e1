package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.DirectoryLostException;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/**
 * Replaces a previous backup by a finished one, inside one directory, which may be a mount point and can then be
 * neither renamed nor replaced.
 *
 * <pre>
 *   DIR/                      the store, or nothing yet
 *   DIR/BACKUP.partial/       a new one is being made in there, or was given up; of no meaning
 *
 *   DIR/BACKUP.complete/      the store is in here; the files of DIR are being replaced
 * </pre>
 *
 * <p>One rename, of the inner directory from the first name to the second, is the commit point. Before it the store is
 * the old one, unchanged. After it the store is the new one, which stays complete in the inner directory until all of
 * it is durable in {@code DIR}; the rename back to the first name records that. Every opening of the directory looks
 * for the second name first ({@link #current}), and an opening for writing ends the exchange ({@link #finish}).
 *
 * <p>All but {@link #current} is for the holder of the directory's lock.
 */
public final class BackupExchange {

    private static final int PIECE_LENGTH = 1 << 20;

    private BackupExchange() {}

    /**
     * Returns the directory that the store is in: the one given, or the inner one of an exchange that was cut short,
     * where the one given is closed.
     */
    public static DiskDirectory current(DiskDirectory directory) throws IOException {
        while (isPending(directory)) {
            try {
                DiskDirectory complete = openComplete(directory);
                directory.close();
                return complete;
            } catch (NoSuchFileException | DirectoryLostException ended) {
                // Or begun anew: looked at again.
            }
        }
        return directory;
    }

    /**
     * Opens the inner directory of an exchange that was begun.
     *
     * @throws NotAStoreException if no backup can have finished what is in there; it must take no store's place
     */
    private static DiskDirectory openComplete(DiskDirectory directory) throws IOException {
        DiskDirectory complete;
        try {
            complete = directory.openDirectory(FileNames.BACKUP_COMPLETE);
        } catch (NotDirectoryException file) {
            throw unfinished(directory, "is not a directory");
        }
        boolean finished = false;
        try {
            String problem = problem(directory, complete);
            if (!problem.isEmpty()) {
                // It is empty when the exchange has ended just now.
                complete.checkPlace();
                throw unfinished(directory, problem);
            }
            finished = true;
            return complete;
        } finally {
            if (!finished) {
                complete.close();
            }
        }
    }

    private static String problem(DiskDirectory directory, DiskDirectory complete) throws IOException {
        List<String> names = complete.list();
        for (String name : List.of(Identity.FILE_NAME, CheckpointHeader.FILE_NAME)) {
            if (!names.contains(name)) {
                return "has no " + name;
            }
        }
        for (String name : names) {
            if (!isOfStore(name)) {
                return "holds '" + name + "', which is no part of a backup";
            }
        }
        boolean isOfAnother = directory.list().contains(Identity.FILE_NAME)
                && !new StoreCreation(directory)
                        .read()
                        .storeId()
                        .equals(new StoreCreation(complete).read().storeId());
        return isOfAnother ? "holds another store than the one around it" : "";
    }

    private static NotAStoreException unfinished(DiskDirectory directory, String problem) {
        return new NotAStoreException(directory.path() + " holds " + FileNames.BACKUP_COMPLETE + ", which " + problem
                + ": no backup has finished it; move it away");
    }

    /** Whether an exchange was begun and is not ended. */
    public static boolean isPending(DiskDirectory directory) throws IOException {
        return directory.list().contains(FileNames.BACKUP_COMPLETE);
    }

    /**
     * Begins the exchange: from here on the store is the one that is complete in the inner directory. That is durable
     * once {@link #finish} has returned, or has replaced anything.
     */
    public static void commit(DiskDirectory directory) throws IOException {
        directory.rename(FileNames.BACKUP_PARTIAL, FileNames.BACKUP_COMPLETE);
    }

    /** Ends an exchange that was begun, and removes what was given up; does nothing if there is neither. */
    public static void finish(DiskDirectory directory) throws IOException {
        List<String> names = directory.list();
        boolean isPending = names.contains(FileNames.BACKUP_COMPLETE);
        if (!isPending && !names.contains(FileNames.BACKUP_PARTIAL)) {
            return;
        }
        // Whichever of the two renames was the last one, its process may have died before it was durable. If a power
        // cut took it back, what is done from here on would be done to the files that count.
        directory.force();
        if (isPending) {
            try (DiskDirectory complete = openComplete(directory)) {
                replaceAll(complete, directory);
            }
            directory.force();
            directory.rename(FileNames.BACKUP_COMPLETE, FileNames.BACKUP_PARTIAL);
            directory.force();
        }
        removePartial(directory);
    }

    private static void replaceAll(DiskDirectory complete, DiskDirectory directory) throws IOException {
        List<String> wanted = complete.list();
        for (String name : wanted) {
            String temporary = name + FileNames.TEMPORARY_SUFFIX;
            directory.delete(temporary);
            linkOrCopy(complete, name, directory, temporary);
            directory.rename(temporary, name);
            // Where both names led to one file, the rename has left them alone.
            directory.delete(temporary);
        }
        for (String name : directory.list()) {
            if (isOfStore(name) && !wanted.contains(name)) {
                directory.delete(name);
            }
        }
    }

    /** Removes the directory of a backup that was given up; one that holds something else is left alone. */
    public static void removePartial(DiskDirectory directory) throws IOException {
        try (DiskDirectory partial = directory.openDirectory(FileNames.BACKUP_PARTIAL)) {
            List<String> names = partial.list();
            if (!names.stream().allMatch(BackupExchange::isOfStore)) {
                return;
            }
            for (String name : names) {
                partial.delete(name);
            }
        } catch (NoSuchFileException | NotDirectoryException none) {
            return;
        }
        directory.deleteDirectory(FileNames.BACKUP_PARTIAL);
    }

    /** Whether a directory of this name is one that an exchange uses inside that of a store. */
    static boolean isReserved(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name != null
                && List.of(FileNames.BACKUP_PARTIAL, FileNames.BACKUP_COMPLETE).contains(name.toString());
    }

    /** Whether a file of this name belongs to a store's content, which its lock does not. */
    public static boolean isOfStore(String name) {
        String whole = name.endsWith(FileNames.TEMPORARY_SUFFIX)
                ? name.substring(0, name.length() - FileNames.TEMPORARY_SUFFIX.length())
                : name;
        return whole.equals(Identity.FILE_NAME)
                || whole.equals(CheckpointHeader.FILE_NAME)
                || FileNames.segmentNumber(whole, FileNames.LOG_SUFFIX).isPresent()
                || FileNames.segmentNumber(whole, FileNames.LARGE_VALUE_SUFFIX).isPresent();
    }

    private static void linkOrCopy(DiskDirectory source, String name, DiskDirectory target, String targetName)
            throws IOException {
        try {
            source.link(name, target, targetName);
        } catch (IOException noLinks) {
            target.delete(targetName);
            try (DiskFile file = source.open(name, false);
                    DiskFile copy = target.create(targetName)) {
                copy(file, name, file.size(), copy);
            }
        }
    }

    /**
     * Copies the first bytes of a file to an empty one, and forces them.
     *
     * @throws CorruptionException if the file is shorter
     */
    public static void copy(DiskFile source, String name, long length, DiskFile target) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(Math.clamp(length, 1, PIECE_LENGTH));
        for (long at = 0; at < length; at += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), length - at));
            source.read(piece, at);
            if (piece.hasRemaining()) {
                throw cutShort(name, at + piece.position(), length);
            }
            target.write(piece.flip(), at);
        }
        target.force();
    }

    /** What to throw where a file ends too soon. */
    public static CorruptionException cutShort(String name, long end, long length) {
        return new CorruptionException(
                name, end, "the file ends here, and should have " + length + " bytes: it was cut short");
    }
}
