package dev.penstock.tools.load;

import dev.penstock.store.Store;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of unknown length that arrives piece by piece. A short one stays on the heap; a longer one goes straight to
 * the store or, if its key is not known yet, to a temporary file. Nothing is stored before {@link #put}. One thread.
 */
public final class IncomingValue implements ByteSink, AutoCloseable {

    private static final int PIECE_LENGTH = 64 << 10;

    private final LoadTarget target;
    private ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    private byte @Nullable [] key;
    private @Nullable ValueWriter writer;
    private @Nullable FileChannel spool;
    private long length;

    /** @param target what the value is for */
    public IncomingValue(LoadTarget target) {
        this.target = target;
    }

    /** Tells the key, which spares a value that is still to come the temporary file. */
    public void key(byte[] known) {
        key = known;
    }

    /** Counts bytes that do not arrive, of a value that is not stored. */
    public void assume(long count) {
        length += count;
    }

    /** Bytes so far. */
    public long length() {
        return length;
    }

    @Override
    public void accept(byte[] bytes, int from, int count) throws IOException {
        length += count;
        if (target.isDry()) {
            return;
        }
        if (isStreamed() || gathered.size() + (long) count > Entries.STREAMED_FROM) {
            stream(bytes, from, count);
        } else {
            gathered.write(bytes, from, count);
        }
    }

    /** What is gathered goes on in pieces: text that is not ASCII comes a character at a time. */
    private void stream(byte[] bytes, int from, int count) throws IOException {
        if (!isStreamed()) {
            begin();
        }
        if (gathered.size() + (long) count > PIECE_LENGTH) {
            flush();
        }
        if (count > PIECE_LENGTH) {
            write(ByteBuffer.wrap(bytes, from, count));
        } else {
            gathered.write(bytes, from, count);
        }
    }

    private boolean isStreamed() {
        return writer != null || spool != null;
    }

    private void begin() throws IOException {
        if (key != null) {
            writer = target.store().putStream(key);
        } else {
            spool = FileChannel.open(
                    Files.createTempFile("penstock-value-", null),
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        }
    }

    private void flush() throws IOException {
        write(ByteBuffer.wrap(gathered.toByteArray()));
        gathered = new ByteArrayOutputStream();
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int count = writer != null
                    ? writer.write(bytes)
                    : Objects.requireNonNull(spool).write(bytes);
            if (count == 0) {
                throw new IllegalArgumentException("the value is longer than " + Store.MAX_VALUE_LENGTH + " bytes");
            }
        }
    }

    /** Stores the value. */
    public void put(byte[] entryKey, WriteOptions options) throws IOException {
        if (target.isDry()) {
            return;
        }
        if (!isStreamed()) {
            target.store().put(entryKey, gathered.toByteArray(), options);
            return;
        }
        flush();
        if (writer != null) {
            writer.commit(options);
        } else {
            Entries.put(target.store(), entryKey, Objects.requireNonNull(spool).position(0), options);
        }
    }

    /** The value, if it is short. */
    public byte[] toByteArray() {
        if (isStreamed()) {
            throw new IllegalStateException("a value of " + length + " bytes is not on the heap");
        }
        return gathered.toByteArray();
    }

    /** Drops what was not stored. */
    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
        if (spool != null) {
            spool.close();
        }
    }
}
