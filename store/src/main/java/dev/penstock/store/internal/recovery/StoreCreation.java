package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.FormatVersionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Makes a directory a store, and tells whether one is.
 *
 * <p>The file {@code STORE} is put in place last, by a rename, after the first segment and a checkpoint are durable: a
 * directory with a {@code STORE} and without those has lost something. A creation that was cut short is begun again.
 */
public final class StoreCreation {

    /** Number of a store's first segment. */
    public static final long FIRST_SEGMENT = 1;

    private static final String TEMPORARY_IDENTITY = Identity.FILE_NAME + FileNames.TEMPORARY_SUFFIX;
    private static final Set<String> LEFT_BY_A_CUT = Set.of(
            FileNames.LOCK,
            TEMPORARY_IDENTITY,
            FileNames.log(FIRST_SEGMENT),
            Checkpoint.FILE_NAME,
            Checkpoint.FILE_NAME + FileNames.TEMPORARY_SUFFIX);

    private final Disk disk;
    private final Path directory;

    public StoreCreation(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** Whether the directory holds a store; false if it is missing or empty, so that one can be created. */
    public boolean exists() throws IOException {
        if (!Files.exists(directory)) {
            return false;
        }
        if (!Files.isDirectory(directory)) {
            throw new NotAStoreException(directory + " is not a directory");
        }
        List<String> names = disk.list(directory);
        if (names.contains(Identity.FILE_NAME)) {
            return true;
        }
        if (!LEFT_BY_A_CUT.containsAll(names) || !isFirstSegmentBlank(names)) {
            throw new NotAStoreException(
                    directory + " is not a Penstock store: it has no file " + Identity.FILE_NAME + " and is not empty");
        }
        return false;
    }

    private boolean isFirstSegmentBlank(List<String> names) throws IOException {
        if (!names.contains(FileNames.log(FIRST_SEGMENT))) {
            return true;
        }
        try (DiskFile file = disk.open(directory.resolve(FileNames.log(FIRST_SEGMENT)), false)) {
            ByteBuffer firstWord = ByteBuffer.allocate(Long.BYTES);
            file.read(firstWord, SegmentHeader.LENGTH);
            return firstWord.getLong(0) == 0;
        }
    }

    /** Creates an empty store; the caller holds its lock. */
    public Identity create(int segmentShift) throws IOException {
        Identity identity = new Identity(UUID.randomUUID(), segmentShift);
        create(identity);
        return identity;
    }

    /** Creates an empty store that is who it is told to be. */
    public void create(Identity identity) throws IOException {
        for (String name : disk.list(directory)) {
            if (!name.equals(FileNames.LOCK)) {
                disk.delete(directory.resolve(name));
            }
        }
        writeForced(TEMPORARY_IDENTITY, identity.encode());
        createFirstSegment(identity);
        long end = (FIRST_SEGMENT << identity.segmentShift()) + SegmentHeader.LENGTH;
        new CheckpointFile(disk, directory).replaceWithoutImage(identity.storeId(), end, 0);
        disk.rename(directory.resolve(TEMPORARY_IDENTITY), directory.resolve(Identity.FILE_NAME));
        disk.forceDirectory(directory);
    }

    private void createFirstSegment(Identity identity) throws IOException {
        SegmentHeader header = new SegmentHeader(identity.storeId(), SegmentHeader.LOG, FIRST_SEGMENT);
        writeForced(FileNames.log(FIRST_SEGMENT), header.encode());
        disk.forceDirectory(directory);
    }

    private void writeForced(String name, byte[] content) throws IOException {
        try (DiskFile file = disk.create(directory.resolve(name))) {
            file.write(ByteBuffer.wrap(content), 0);
            file.force();
        }
    }

    /**
     * Reads the identity of an existing store.
     *
     * @throws FormatVersionException if it was made by a newer version
     * @throws CorruptionException if the file is damaged
     */
    public Identity read() throws IOException {
        byte[] bytes;
        try (DiskFile file = disk.open(directory.resolve(Identity.FILE_NAME), false)) {
            bytes = new byte[(int) Math.min(file.size(), Identity.LENGTH + 1)];
            file.read(ByteBuffer.wrap(bytes), 0);
        }
        return switch (Identity.examine(bytes)) {
            case SOUND -> Identity.decode(bytes);
            case NEWER_VERSION ->
                throw new FormatVersionException(directory.resolve(Identity.FILE_NAME) + " has format version "
                        + Identity.version(bytes) + "; this Penstock reads up to " + Identity.FORMAT_VERSION);
            case DAMAGED -> throw new CorruptionException(Identity.FILE_NAME, 0, "checksum does not match");
            case NOT_A_STORE ->
                throw new NotAStoreException(
                        directory.resolve(Identity.FILE_NAME) + " is not the identity of a Penstock store");
        };
    }
}
