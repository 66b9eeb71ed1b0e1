package dev.penstock.server.resp;

import dev.penstock.server.resp.Ascii.NotANumberException;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.Upload;
import dev.penstock.store.ValueWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one request as ranges of the input buffer; nothing is copied until a copy is requested. One
 * instance serves a connection for its whole life. Argument 0 is the command's name.
 *
 * <p>One argument may have been streamed instead: its bytes are not here but in {@link #upload()}.
 */
public final class Request {

    private static final int STREAMED = -1;
    private static final int USUAL_COUNT = 16;
    private static final int KEPT_COUNT = 64 * USUAL_COUNT;
    private static final int RANGE_LENGTH = 2 * Integer.BYTES;

    private final RequestBuffer buffer;
    private int[] offsets = new int[USUAL_COUNT];
    private int[] lengths = new int[USUAL_COUNT];
    private int count;
    private @Nullable Upload upload;

    Request(RequestBuffer buffer) {
        this.buffer = buffer;
    }

    public int count() {
        return count;
    }

    public int length(int index) {
        return lengths[index];
    }

    /** Bytes from the first argument to the last, with what is between them; what is streamed does not count. */
    public int extent() {
        int last = count - 1;
        while (last > 0 && isStreamed(last)) {
            last--;
        }
        return last < 0 || isStreamed(last) ? 0 : offsets[last] + lengths[last] - offsets[0];
    }

    /** Bytes of the arguments from one to another, that one not included. */
    public long length(int from, int end) {
        long sum = 0;
        for (int i = from; i < end; i++) {
            sum += lengths[i];
        }
        return sum;
    }

    public byte byteAt(int index, int offset) {
        return buffer.get(offsets[index] + offset);
    }

    /**
     * An argument of at most 64 KiB as a key, on the heap, where the store wants it; valid until the next key is asked
     * for.
     */
    public ByteBuffer key(int index) {
        return buffer.scratchCopy(offsets[index], lengths[index]);
    }

    /** An argument where it lies; valid until the next value is requested. */
    public ByteBuffer value(int index) {
        return buffer.view(offsets[index], lengths[index]);
    }

    public byte[] bytes(int index) {
        return buffer.copy(offsets[index], lengths[index]);
    }

    /** The beginning of an argument as text, up to a number of bytes. */
    public String text(int index, int limit) {
        int length = Math.min(lengths[index], limit);
        return new String(buffer.copy(offsets[index], length), StandardCharsets.ISO_8859_1);
    }

    /** The argument as text, one character a byte. */
    public String text(int index) {
        return new String(bytes(index), StandardCharsets.ISO_8859_1);
    }

    public boolean is(int index, String lowerCaseWord) {
        return !isStreamed(index)
                && Ascii.equalsIgnoreCase(
                        buffer.bytes(), buffer.start() + offsets[index], lengths[index], lowerCaseWord);
    }

    public long longAt(int index) throws NotANumberException {
        return Ascii.parseLong(buffer.bytes(), buffer.start() + offsets[index], lengths[index]);
    }

    /** A queue for requests like this one. */
    public RequestQueue newQueue() {
        return buffer.newQueue();
    }

    /** What this client's requests take counts in; for what is kept of them. */
    public MemoryBudget budget() {
        return buffer.budget();
    }

    public boolean isStreamed(int index) {
        return offsets[index] == STREAMED;
    }

    /** The streamed argument, complete once the request is; null if there is none. */
    public @Nullable Upload upload() {
        return upload;
    }

    /**
     * The streamed argument, of a request that has one, as a value to be published; throws what the store refused it
     * with.
     */
    public ValueWriter streamedValue() {
        return Objects.requireNonNull(upload).writer();
    }

    void add(int offset, int length) {
        if (count == offsets.length) {
            buffer.budget().reserveMore(budgeted(2 * count) - budgeted(count));
            offsets = Arrays.copyOf(offsets, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        offsets[count] = offset;
        lengths[count++] = length;
    }

    /** Memory for the ranges, where they are more than a connection may keep. */
    private static long budgeted(int capacity) {
        return capacity > KEPT_COUNT ? (long) RANGE_LENGTH * capacity : 0;
    }

    void addStreamed(Upload stream) {
        add(STREAMED, 0);
        upload = stream;
    }

    /** Forgets the arguments; an upload that was not published is dropped. */
    void clear() {
        count = 0;
        if (offsets.length > KEPT_COUNT) {
            buffer.budget().release(budgeted(offsets.length));
            offsets = new int[USUAL_COUNT];
            lengths = new int[USUAL_COUNT];
        }
        if (upload != null) {
            upload.close();
            upload = null;
        }
    }
}
