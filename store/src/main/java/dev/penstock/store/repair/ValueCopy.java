package dev.penstock.store.repair;

import dev.penstock.store.Store;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.internal.format.Checksum;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Copies values to the new store. A value is compared with its checksum as it is copied, and counts only if it is the
 * one that was written.
 *
 * <p>One thread. Holds a buffer of 1 MiB.
 */
final class ValueCopy {

    private static final int PIECE_LENGTH = 1 << 20;

    /** Reads a part of a value. */
    @FunctionalInterface
    interface Source {

        /** Reads into the first bytes of an array; returns how many were there. */
        int read(long offset, byte[] target, int length) throws IOException;
    }

    private final Store target;
    private final Checksum checksum = new Checksum();
    private final byte[] piece = new byte[PIECE_LENGTH];

    ValueCopy(Store target) {
        this.target = target;
    }

    /**
     * Stores a value.
     *
     * @param expected plain checksum of the value
     * @return whether the value is sound; if not, nothing is stored
     */
    boolean copy(byte[] key, Source source, long length, int expected, WriteOptions options) throws IOException {
        if (length <= PIECE_LENGTH) {
            int read = source.read(0, piece, (int) length);
            if (read < length || checksum.of(piece, 0, read) != expected) {
                return false;
            }
            byte[] value = new byte[read];
            System.arraycopy(piece, 0, value, 0, read);
            target.put(key, value, options);
            return true;
        }
        int computed;
        try (ValueWriter writer = target.putStream(key, length)) {
            checksum.reset();
            for (long done = 0; done < length; ) {
                int read = source.read(done, piece, (int) Math.min(PIECE_LENGTH, length - done));
                if (read <= 0) {
                    return false;
                }
                checksum.update(piece, 0, read);
                ByteBuffer bytes = ByteBuffer.wrap(piece, 0, read);
                while (bytes.hasRemaining()) {
                    writer.write(bytes);
                }
                done += read;
            }
            computed = checksum.value();
            if (computed == expected) {
                writer.commit(options);
            }
        }
        return computed == expected;
    }
}
