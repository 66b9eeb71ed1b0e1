package dev.penstock.bench.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The floor of durable puts: records of 128 bytes one after the other into a file whose blocks are allocated
 * beforehand, each followed by {@code fdatasync}. It goes round when it comes to the end. One session only.
 */
final class AppendContender implements Contender {

    private static final int RECORD_LENGTH = 128;
    private static final long FILE_LENGTH = 256L << 20;

    private final FileChannel file;

    AppendContender(Path directory) {
        Path path = directory.resolve("records");
        try {
            allocate(path);
            file = FileChannel.open(path, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void allocate(Path path) throws IOException {
        Process process = new ProcessBuilder("fallocate", "-l", Long.toString(FILE_LENGTH), path.toString())
                .inheritIO()
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("fallocate failed for " + path);
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public ContenderSession session() {
        return new AppendSession(file);
    }

    @Override
    public long diskBytes() {
        return FILE_LENGTH;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class AppendSession implements ContenderSession {

        private final FileChannel file;
        private final ByteBuffer record = ByteBuffer.allocateDirect(RECORD_LENGTH);
        private long position;

        AppendSession(FileChannel file) {
            this.file = file;
            record.put(Dataset.KEY_LENGTH, Dataset.blankValue());
        }

        @Override
        public long get(long keyHigh, long keyLow) {
            throw new UnsupportedOperationException("nothing finds what was appended");
        }

        @Override
        public void put(long keyHigh, long keyLow, long stamp) {
            record.clear();
            record.putLong(0, keyHigh).putLong(Long.BYTES, keyLow).putLong(Dataset.KEY_LENGTH, stamp);
            try {
                if (file.write(record, position) != RECORD_LENGTH) {
                    throw new IOException("a write of " + RECORD_LENGTH + " bytes fell short");
                }
                file.force(false);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            position = (position + RECORD_LENGTH) % FILE_LENGTH;
        }

        @Override
        public void settle() {}

        @Override
        public void close() {}
    }
}
