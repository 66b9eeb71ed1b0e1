package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.agrona.collections.LongArrayList;

/**
 * Reads and replaces a store's checkpoint: its header, a table of numbers, and the memory of the key directory as it is.
 *
 * <p>The table is checked before anything is made of it, the memory after it was read; if it is not what was written, the
 * directory is cleared again and the log tells everything.
 */
public final class CheckpointFile {

    private static final String TEMPORARY = Checkpoint.FILE_NAME + FileNames.TEMPORARY_SUFFIX;
    private static final long PIECE_LENGTH = 1L << 26;
    private static final int MAX_TABLE_LENGTH = 1 << 30;

    private final Disk disk;
    private final Path directory;

    public CheckpointFile(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    // --- writing ---

    /**
     * Puts a new checkpoint in place of the old. What it vouches for has been forced before, and nobody writes.
     *
     * @param state what the caller wants back beside the key directory; null to keep only how far the log reaches
     */
    public void replace(UUID storeId, long durablePosition, long lastSequence, CheckpointState state, KeyDirectory keys)
            throws IOException {
        Path temporary = directory.resolve(TEMPORARY);
        disk.delete(temporary);
        try (DiskFile file = disk.create(temporary)) {
            StateWriter writer = new StateWriter(file);
            if (state != null) {
                writer.writeTable(state.encode(keys));
                keys.transfer(writer::write);
            }
            Checkpoint header =
                    new Checkpoint(storeId, durablePosition, lastSequence, writer.length(), writer.checksum.value());
            file.write(ByteBuffer.wrap(header.encode()), 0);
            file.force();
        }
        disk.rename(temporary, directory.resolve(Checkpoint.FILE_NAME));
        disk.forceDirectory(directory);
    }

    /** Appends to a file and takes the checksum of all of it. */
    private static final class StateWriter {

        final Checksum checksum = new Checksum();
        private final DiskFile file;
        private long offset = Checkpoint.LENGTH;

        StateWriter(DiskFile file) {
            this.file = file;
        }

        /** The number of entries, the entries, and a checksum of both. */
        void writeTable(LongArrayList table) throws IOException {
            ByteBuffer bytes =
                    ByteBuffer.allocate((table.size() + 2) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(table.size());
            table.forEachLong(bytes::putLong);
            bytes.putLong(new Checksum().of(bytes.array(), 0, bytes.position()));
            write(MemorySegment.ofArray(bytes.array()));
        }

        void write(MemorySegment memory) throws IOException {
            checksum.update(memory, 0, memory.byteSize());
            for (long done = 0; done < memory.byteSize(); done += PIECE_LENGTH) {
                long length = Math.min(PIECE_LENGTH, memory.byteSize() - done);
                file.write(memory.asSlice(done, length).asByteBuffer(), offset);
                offset += length;
            }
        }

        long length() {
            return offset - Checkpoint.LENGTH;
        }
    }

    // --- reading ---

    /** The header; empty if there is no checkpoint or it is not to be believed. */
    public Optional<Checkpoint> read(UUID storeId) throws IOException {
        try (DiskFile file = open()) {
            return readHeader(file, storeId);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** The state, with the key directory filled; empty, with the directory empty, if it is not to be believed. */
    public Optional<CheckpointState> readState(UUID storeId, KeyDirectory keys) throws IOException {
        try (DiskFile file = open()) {
            Optional<Checkpoint> header = readHeader(file, storeId);
            if (header.isEmpty()
                    || header.get().stateLength() == 0
                    || file.size() != Checkpoint.LENGTH + header.get().stateLength()) {
                return Optional.empty();
            }
            StateReader reader = new StateReader(file);
            LongArrayList table = reader.readTable();
            if (table == null) {
                return Optional.empty();
            }
            CheckpointState state = CheckpointState.decode(table, keys);
            keys.transfer(reader::read);
            if (reader.checksum.value() == header.get().stateChecksum()) {
                return Optional.of(state);
            }
            keys.clear();
            return Optional.empty();
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    private DiskFile open() throws IOException {
        return disk.open(directory.resolve(Checkpoint.FILE_NAME), false);
    }

    private static Optional<Checkpoint> readHeader(DiskFile file, UUID storeId) throws IOException {
        byte[] bytes = new byte[Checkpoint.LENGTH];
        file.read(ByteBuffer.wrap(bytes), 0);
        return Checkpoint.decode(bytes, storeId);
    }

    /** Reads on in a file and takes the checksum of all of it. */
    private static final class StateReader {

        final Checksum checksum = new Checksum();
        private final DiskFile file;
        private long offset = Checkpoint.LENGTH;

        StateReader(DiskFile file) {
            this.file = file;
        }

        /** Null if the table is not what was written. */
        LongArrayList readTable() throws IOException {
            long size = readLong();
            long length = (size + 2) * Long.BYTES;
            if (size < 0 || length > MAX_TABLE_LENGTH || length > file.size() - Checkpoint.LENGTH) {
                return null;
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
            read(MemorySegment.ofArray(bytes.array()));
            int checked = bytes.capacity() - Long.BYTES;
            if (bytes.getLong(checked) != new Checksum().of(bytes.array(), 0, checked)) {
                return null;
            }
            LongArrayList table = new LongArrayList();
            for (int at = Long.BYTES; at < checked; at += Long.BYTES) {
                table.addLong(bytes.getLong(at));
            }
            return table;
        }

        private long readLong() throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.read(bytes, offset);
            return bytes.getLong(0);
        }

        void read(MemorySegment memory) throws IOException {
            for (long done = 0; done < memory.byteSize(); done += PIECE_LENGTH) {
                long length = Math.min(PIECE_LENGTH, memory.byteSize() - done);
                offset += file.read(memory.asSlice(done, length).asByteBuffer(), offset);
            }
            checksum.update(memory, 0, memory.byteSize());
        }
    }
}
