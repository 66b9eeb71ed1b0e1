package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.tools.load.ByteSink;
import java.io.IOException;

/** Lengths and strings of an RDB file; see the description of the format in Redis's {@code rdb.h}. One thread. */
final class RdbStrings {

    private static final int LENGTH_OF_32_BITS = 0x80;
    private static final int LENGTH_OF_64_BITS = 0x81;
    private static final int INT8 = 0;
    private static final int INT16 = 1;
    private static final int INT32 = 2;
    private static final int LZF = 3;

    private final RdbInput in;

    RdbStrings(RdbInput in) {
        this.in = in;
    }

    /** Reads a length or another number. */
    long length() throws IOException {
        int first = in.read();
        if (first >> 6 == 3) {
            throw new IllegalArgumentException("a number is missing");
        }
        return length(first);
    }

    private long length(int first) throws IOException {
        return switch (first >> 6) {
            case 0 -> first & 0x3f;
            case 1 -> ((first & 0x3f) << 8) + in.read();
            default -> longLength(first);
        };
    }

    private long longLength(int first) throws IOException {
        long length = switch (first) {
            case LENGTH_OF_32_BITS -> in.readUInt(4, false);
            case LENGTH_OF_64_BITS -> in.readLong(8, false);
            default -> throw new IllegalArgumentException("0x%02x is no length".formatted(first));
        };
        if (length < 0) {
            throw new IllegalArgumentException("the length " + Long.toUnsignedString(length) + " is impossible");
        }
        return length;
    }

    /** Passes on the bytes of a string, whatever its encoding. */
    void string(ByteSink sink) throws IOException {
        int first = in.read();
        if (first >> 6 != 3) {
            in.transfer(length(first), sink);
            return;
        }
        switch (first & 0x3f) {
            case INT8 -> number((byte) in.read(), sink);
            case INT16 -> number((short) in.readInt(2), sink);
            case INT32 -> number(in.readInt(4), sink);
            case LZF -> {
                long compressedLength = length();
                new LzfDecoding(in, sink).decode(compressedLength, length());
            }
            default -> throw new IllegalArgumentException("0x%02x is no encoding of a string".formatted(first));
        }
    }

    private static void number(int number, ByteSink sink) throws IOException {
        byte[] digits = Integer.toString(number).getBytes(US_ASCII);
        sink.accept(digits, 0, digits.length);
    }
}
