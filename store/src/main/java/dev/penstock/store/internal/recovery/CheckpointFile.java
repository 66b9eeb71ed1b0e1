package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Reads and replaces a store's checkpoint. */
public final class CheckpointFile {

    private static final String TEMPORARY = Checkpoint.FILE_NAME + FileNames.TEMPORARY_SUFFIX;

    private final Disk disk;
    private final Path directory;

    public CheckpointFile(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** Empty if there is none or it is not to be believed. */
    public Optional<Checkpoint> read(UUID storeId) throws IOException {
        try (DiskFile file = disk.open(directory.resolve(Checkpoint.FILE_NAME), false)) {
            byte[] bytes = new byte[(int) Math.min(file.size(), Checkpoint.LENGTH + 1)];
            file.read(ByteBuffer.wrap(bytes), 0);
            return Checkpoint.decode(bytes, storeId);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** Puts a new one in place of the old. What it vouches for has been forced before. */
    public void replace(Checkpoint checkpoint) throws IOException {
        Path temporary = directory.resolve(TEMPORARY);
        disk.delete(temporary);
        try (DiskFile file = disk.create(temporary)) {
            file.write(ByteBuffer.wrap(checkpoint.encode()), 0);
            file.force();
        }
        disk.rename(temporary, directory.resolve(Checkpoint.FILE_NAME));
        disk.forceDirectory(directory);
    }
}
