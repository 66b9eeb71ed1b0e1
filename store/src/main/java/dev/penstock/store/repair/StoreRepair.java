package dev.penstock.store.repair;

import dev.penstock.store.NotAStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.snapshot.BackupTarget;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * Makes a new store of what is sound in a damaged one. The damaged store is not changed.
 *
 * <p>Records are found by walking each segment, and behind damage by searching for the next record whose checksum is
 * right for its place. The file {@code STORE}, segment headers and the checkpoint are not needed. A value is copied if
 * it is the last one of its key that is left and it matches its checksum. If the last one is damaged, the key is lost:
 * an older value does not take its place.
 *
 * <p>The new store is made in an inner directory, and takes its place when it is complete. Nothing may write to the
 * damaged store meanwhile. One thread.
 */
public final class StoreRepair {

    /** Of a new store; an older one may have smaller segments. */
    private static final int LEAST_SEGMENT_SHIFT = 20;

    private StoreRepair() {}

    /**
     * Salvages a store.
     *
     * @param damaged the directory of the store; read only
     * @param target missing or empty, and not in the directory of a store
     * @param strict whether to leave out keys of which a removal or a newer value may be lost
     * @param listener told of progress, losses and doubts
     * @return what was salvaged and what was not
     * @throws NotAStoreException if the first directory holds no file of a store, or the second one is not empty
     * @throws dev.penstock.store.FormatVersionException if another version made the store
     * @throws dev.penstock.store.CorruptionException if no file says which store it belongs to
     * @throws dev.penstock.store.StoreFullException if the target's disk is full; nothing is left there
     */
    public static RepairReport repair(Path damaged, Path target, boolean strict, RepairListener listener) {
        return repair(new SystemDisk(), damaged, target, strict, listener);
    }

    static RepairReport repair(Disk disk, Path damaged, Path target, boolean strict, RepairListener listener) {
        StoreErrors errors = StoreErrors.ofFiles(
                damaged,
                "a page of one of its files cannot be read; copy the files to a sound disk first, and repair the copy");
        return errors.call("repairing " + damaged, () -> {
            try (DamagedFiles files = open(disk, damaged)) {
                checkTarget(disk, damaged, target);
                try (BackupTarget place = BackupTarget.open(disk, target, damaged, files.identity, true)) {
                    return repair(files, place, target.resolve(FileNames.BACKUP_PARTIAL), strict, listener);
                }
            }
        });
    }

    private static DamagedFiles open(Disk disk, Path damaged) throws IOException {
        DiskDirectory place = StoreCreation.openDirectory(disk, damaged, false);
        boolean opened = false;
        try {
            place = BackupExchange.current(place);
            DamagedFiles files = new DamagedFiles(place, new IdentitySearch(place).find());
            opened = true;
            return files;
        } finally {
            if (!opened) {
                place.close();
            }
        }
    }

    /** A directory in that of a store is not the place for another one. */
    private static void checkTarget(Disk disk, Path damaged, Path target) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        boolean isInside = absolute.startsWith(damaged.toAbsolutePath().normalize());
        if (absolute.getParent() != null) {
            try (DiskDirectory parent = disk.openDirectory(absolute.getParent())) {
                isInside |= parent.list().stream().anyMatch(BackupExchange::isOfStore);
            } catch (NoSuchFileException | NotDirectoryException none) {
                // The creation of the target says so, or makes it.
            }
        }
        if (isInside) {
            throw new NotAStoreException(target + " is in the directory of a store; give a directory elsewhere");
        }
    }

    private static RepairReport repair(
            DamagedFiles files, BackupTarget place, Path partial, boolean strict, RepairListener listener)
            throws IOException {
        boolean complete = false;
        try (KeyDirectory directory = new KeyDirectory(files.segments, files.identity.salt())) {
            StoreOptions options = StoreOptions.defaults().withCreateIfMissing(false);
            try (DiskDirectory made = place.begin()) {
                new StoreCreation(made).create(Math.max(LEAST_SEGMENT_SHIFT, files.identity.segmentShift()));
            }
            RepairReport report;
            try (Store store = Store.open(partial, options)) {
                report = new Salvage(
                                files,
                                directory,
                                strict,
                                options.clock().instant().toEpochMilli(),
                                listener)
                        .run(store);
                PageFaults.deliver();
            }
            try (DiskDirectory made = place.partial()) {
                made.delete(FileNames.LOCK);
            }
            place.exchange();
            complete = true;
            return report;
        } finally {
            if (!complete) {
                giveUp(place);
            }
        }
    }

    private static void giveUp(BackupTarget place) throws IOException {
        try (DiskDirectory made = place.partial()) {
            made.delete(FileNames.LOCK);
        } catch (NoSuchFileException none) {
            // It was not made.
        }
        place.giveUp();
    }
}
