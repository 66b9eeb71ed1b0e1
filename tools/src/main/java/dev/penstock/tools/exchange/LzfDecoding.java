package dev.penstock.tools.exchange;

import dev.penstock.tools.load.ByteSink;
import java.io.IOException;

/**
 * Decompresses LZF, as Redis writes it, through a window: a reference reaches back 8 KiB at most, so no more than that
 * and the bytes that are still to be passed on are in memory. One thread.
 */
final class LzfDecoding {

    private static final int REACH = 8 << 10;
    private static final int WINDOW_LENGTH = 64 << 10;
    /** The first value of a control byte that is a reference. */
    private static final int FIRST_REFERENCE = 32;

    private final RdbInput in;
    private final ByteSink sink;
    private final byte[] window = new byte[WINDOW_LENGTH];
    private int end;
    /** Bytes of the window before this one were passed on. */
    private int passed;

    private long produced;
    private long left;

    LzfDecoding(RdbInput in, ByteSink sink) {
        this.in = in;
        this.sink = sink;
    }

    /**
     * Reads a compressed string.
     *
     * @param compressedLength bytes that it takes in the file
     * @param length bytes that it must have
     * @throws IllegalArgumentException if the two do not fit what is there
     */
    void decode(long compressedLength, long length) throws IOException {
        left = compressedLength;
        while (left > 0) {
            int control = read();
            if (control < FIRST_REFERENCE) {
                reserve(control + 1, length);
                for (int i = 0; i <= control; i++) {
                    window[end++] = (byte) read();
                }
                produced += control + 1;
            } else {
                copy(control, length);
            }
        }
        require(produced == length);
        pass();
    }

    private void copy(int control, long length) throws IOException {
        int count = (control >> 5) + 2;
        if (count == 9) {
            count += read();
        }
        int distance = ((control & 0x1f) << 8 | read()) + 1;
        require(distance <= produced);
        reserve(count, length);
        for (int i = 0; i < count; i++) {
            window[end] = window[end - distance];
            end++;
        }
        produced += count;
    }

    private int read() throws IOException {
        require(left > 0);
        left--;
        return in.read();
    }

    /** Makes space in the window for bytes that are still allowed. */
    private void reserve(int count, long length) throws IOException {
        require(count <= length - produced);
        if (count > WINDOW_LENGTH - end) {
            pass();
            int kept = Math.min(REACH, end);
            System.arraycopy(window, end - kept, window, 0, kept);
            end = kept;
            passed = kept;
        }
    }

    private void pass() throws IOException {
        if (end > passed) {
            sink.accept(window, passed, end - passed);
            passed = end;
        }
    }

    private static void require(boolean fulfilled) {
        if (!fulfilled) {
            throw new IllegalArgumentException("a compressed string is damaged");
        }
    }
}
