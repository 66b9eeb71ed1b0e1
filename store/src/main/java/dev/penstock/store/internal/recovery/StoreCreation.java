package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.FormatVersionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Creates a store in a directory, and checks whether a directory is a store.
 *
 * <p>The file {@code STORE} is put in place last, by a rename, after the first segment and a checkpoint are durable: a
 * directory with a {@code STORE} and without those has lost something. An interrupted creation is started again.
 */
public final class StoreCreation {

    /** Number of a store's first segment. */
    public static final long FIRST_SEGMENT = 1;

    private static final String TEMPORARY_IDENTITY = Identity.FILE_NAME + FileNames.TEMPORARY_SUFFIX;
    private static final Set<String> LEFT_BY_A_CUT = Set.of(
            FileNames.LOCK,
            TEMPORARY_IDENTITY,
            FileNames.log(FIRST_SEGMENT),
            CheckpointHeader.FILE_NAME,
            CheckpointHeader.FILE_NAME + FileNames.TEMPORARY_SUFFIX);

    private final DiskDirectory directory;

    public StoreCreation(DiskDirectory directory) {
        this.directory = directory;
    }

    /**
     * Opens the directory of a store, to be closed after use.
     *
     * @param createIfMissing whether to make it, and its parents, if there is none; their names are durable then
     * @throws NotAStoreException if there is none, or something else
     */
    public static DiskDirectory openDirectory(Disk disk, Path path, boolean createIfMissing) throws IOException {
        if (createIfMissing && BackupExchange.isReserved(path)) {
            throw new NotAStoreException(path + " is a name that backups use inside a store; give another one");
        }
        try {
            return createIfMissing ? openOrCreate(disk, path, false) : disk.openDirectory(path);
        } catch (NoSuchFileException missing) {
            throw new NotAStoreException(path + " holds no Penstock store");
        } catch (NotDirectoryException other) {
            throw new NotAStoreException(path + " is not a directory");
        }
    }

    /**
     * Each directory is durable before another is made in it. So if this is cut short, of those that are there it is
     * the innermost alone that may not be.
     */
    private static DiskDirectory openOrCreate(Disk disk, Path path, boolean asParent) throws IOException {
        Path absolute = path.toAbsolutePath();
        try {
            DiskDirectory found = disk.openDirectory(path);
            if (asParent) {
                forceName(found);
            }
            return found;
        } catch (NoSuchFileException missing) {
            if (absolute.getParent() == null) {
                throw missing;
            }
        }
        try (DiskDirectory parent = openOrCreate(disk, absolute.getParent(), true)) {
            try {
                parent.createDirectory(absolute.getFileName());
            } catch (FileAlreadyExistsException raced) {
                // It was made just now, or it is a dangling symbolic link: opening it tells.
            }
            parent.force();
        }
        return disk.openDirectory(path);
    }

    private static void forceName(DiskDirectory directory) throws IOException {
        boolean kept = false;
        try {
            directory.forceName();
            kept = true;
        } finally {
            if (!kept) {
                directory.close();
            }
        }
    }

    /** Whether the directory holds a store; false if it is empty, so that one can be created. */
    public boolean exists() throws IOException {
        List<String> names = directory.list();
        if (names.contains(Identity.FILE_NAME)) {
            return true;
        }
        boolean isLeft =
                names.stream().allMatch(name -> LEFT_BY_A_CUT.contains(name) || name.equals(FileNames.LOST_AND_FOUND));
        if (!isLeft || !isFirstSegmentBlank(names)) {
            throw new NotAStoreException(directory.path() + " is not a Penstock store: it has no file "
                    + Identity.FILE_NAME + " and is not empty");
        }
        return false;
    }

    private boolean isFirstSegmentBlank(List<String> names) throws IOException {
        if (!names.contains(FileNames.log(FIRST_SEGMENT))) {
            return true;
        }
        try (DiskFile file = directory.open(FileNames.log(FIRST_SEGMENT), false)) {
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
        create(identity, FIRST_SEGMENT);
    }

    /** Creates an empty store whose log begins with a segment that has any number. */
    public void create(Identity identity, long firstSegment) throws IOException {
        for (String name : directory.list()) {
            if (LEFT_BY_A_CUT.contains(name) && !name.equals(FileNames.LOCK)) {
                directory.delete(name);
            }
        }
        directory.forceName();
        writeForced(TEMPORARY_IDENTITY, identity.encode());
        createFirstSegment(identity, firstSegment);
        long end = (firstSegment << identity.segmentShift()) + SegmentHeader.LENGTH;
        new CheckpointFile(directory).replaceWithoutImage(identity.storeId(), end, 0, ExpiryMark.NONE);
        directory.rename(TEMPORARY_IDENTITY, Identity.FILE_NAME);
        directory.force();
    }

    /** All of it is allocated, as of any segment: a file that is found shorter was cut short. */
    private void createFirstSegment(Identity identity, long number) throws IOException {
        try (DiskFile file = directory.create(FileNames.log(number))) {
            long least = SegmentHeader.LENGTH + 2L * RecordLayout.BARE_LENGTH;
            SegmentFactory.allocate(file, least, 1L << identity.segmentShift());
            SegmentHeader header = SegmentHeader.ofLog(identity.storeId(), number, number, 0, file.size());
            file.write(ByteBuffer.wrap(header.encode()), 0);
            file.force();
        }
        directory.force();
    }

    /**
     * Has an older version of Penstock refuse the store from now on, before anything is written that it would not
     * understand.
     *
     * @param upgraded the identity that the store has then
     */
    public void upgrade(Identity upgraded) throws IOException {
        // Compared by bytes: the equality of a record is linked when it is first asked for, which takes milliseconds.
        if (!Arrays.equals(read().encode(), upgraded.encode())) {
            writeForced(TEMPORARY_IDENTITY, upgraded.encode());
            directory.rename(TEMPORARY_IDENTITY, Identity.FILE_NAME);
            directory.force();
        }
    }

    private void writeForced(String name, byte[] content) throws IOException {
        try (DiskFile file = directory.create(name)) {
            file.write(ByteBuffer.wrap(content), 0);
            file.force();
        }
    }

    /**
     * Reads the identity of an existing store.
     *
     * @throws FormatVersionException if its format is newer or older than the one that this version reads
     * @throws CorruptionException if the file is damaged
     */
    public Identity read() throws IOException {
        byte[] bytes;
        try (DiskFile file = directory.open(Identity.FILE_NAME, false)) {
            bytes = new byte[(int) Math.min(file.size(), Identity.LENGTH + 1)];
            file.read(ByteBuffer.wrap(bytes), 0);
        }
        return switch (Identity.examine(bytes)) {
            case SOUND -> Identity.decode(bytes);
            case NEWER_VERSION ->
                throw new FormatVersionException(directory.path().resolve(Identity.FILE_NAME) + " has format version "
                        + Identity.version(bytes) + "; this Penstock reads up to " + Identity.FORMAT_VERSION);
            case OLDER_VERSION ->
                throw new FormatVersionException(directory.path().resolve(Identity.FILE_NAME) + " has format version "
                        + Identity.version(bytes) + ", which this Penstock does not read; it reads versions "
                        + Identity.OLDEST_FORMAT_VERSION + " to " + Identity.FORMAT_VERSION
                        + ". Export the data with the version that wrote it, and load it into a"
                        + " new store");
            case DAMAGED -> throw new CorruptionException(Identity.FILE_NAME, 0, "checksum does not match");
            case NOT_A_STORE ->
                throw new NotAStoreException(
                        directory.path().resolve(Identity.FILE_NAME) + " is not the identity of a Penstock store");
        };
    }
}
