package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.StoreLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.UUID;

/** A store's checkpoint on the disk: reads it, and replaces it as a whole. */
public final class CheckpointFile {

    private static final String TEMPORARY = CheckpointHeader.FILE_NAME + FileNames.TEMPORARY_SUFFIX;
    private static final int MAX_TABLE_LENGTH = 1 << 30;

    private final DiskDirectory directory;

    public CheckpointFile(DiskDirectory directory) {
        this.directory = directory;
    }

    String storeName() {
        return directory.path().toString();
    }

    // --- writing ---

    /** Begins a new checkpoint beside the one that is in place. */
    CheckpointWriter begin() throws IOException {
        directory.delete(TEMPORARY);
        return new CheckpointWriter(directory, TEMPORARY, CheckpointHeader.FILE_NAME);
    }

    /** Puts a checkpoint in place that holds no image. What it vouches for has been forced before. */
    public void replaceWithoutImage(UUID storeId, long durablePosition, long lastSequence, ExpiryMark expired)
            throws IOException {
        try (CheckpointWriter writer = begin()) {
            writer.commit(new CheckpointHeader(storeId, durablePosition, lastSequence, expired, 0, 0));
        }
    }

    /** Takes the checkpoint away. */
    void delete() throws IOException {
        directory.delete(CheckpointHeader.FILE_NAME);
        directory.force();
    }

    // --- reading ---

    /** The header; empty if there is no checkpoint or it is not to be believed. */
    public Optional<CheckpointHeader> read(UUID storeId) throws IOException {
        try (DiskFile file = directory.open(CheckpointHeader.FILE_NAME, false)) {
            return readHeader(file, storeId);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** The image, to be closed after use; empty if there is none or its table is not to be believed. */
    public Optional<StoredImage> openImage(UUID storeId, int segmentShift) throws IOException {
        DiskFile file;
        try {
            file = directory.open(CheckpointHeader.FILE_NAME, false);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
        Optional<StoredImage> image = Optional.empty();
        try {
            image = readTable(file, storeId, segmentShift);
            return image;
        } finally {
            if (image.isEmpty()) {
                file.close();
            }
        }
    }

    private static Optional<StoredImage> readTable(DiskFile file, UUID storeId, int segmentShift) throws IOException {
        Optional<CheckpointHeader> found = readHeader(file, storeId);
        if (found.isEmpty() || found.get().tableLength() == 0) {
            return Optional.empty();
        }
        CheckpointHeader header = found.get();
        long tableOffset = file.size() - header.tableLength();
        if (header.tableLength() < 0
                || header.tableLength() > MAX_TABLE_LENGTH
                || tableOffset < CheckpointHeader.IMAGE_OFFSET) {
            return Optional.empty();
        }
        byte[] bytes = new byte[(int) header.tableLength()];
        int length = file.read(ByteBuffer.wrap(bytes), tableOffset);
        if (length < bytes.length || new Checksum().of(bytes, 0, length) != header.tableChecksum()) {
            return Optional.empty();
        }
        try {
            long imageLength = tableOffset - CheckpointHeader.IMAGE_OFFSET;
            CheckpointTable table = CheckpointTable.decode(bytes, imageLength, header.durablePosition(), segmentShift);
            return Optional.of(new StoredImage(file, header, table));
        } catch (CheckpointTable.ImpossibleException e) {
            StoreLog.get().log(System.Logger.Level.WARNING, file.path() + " is of no use: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<CheckpointHeader> readHeader(DiskFile file, UUID storeId) throws IOException {
        byte[] bytes = new byte[CheckpointHeader.LENGTH];
        file.read(ByteBuffer.wrap(bytes), 0);
        return CheckpointHeader.decode(bytes, storeId);
    }
}
