package dev.penstock.tools.load;

import java.io.IOException;
import java.util.Arrays;

/**
 * Decodes base64 (RFC 4648, section 4) that arrives piece by piece. Only the canonical form is taken: with padding, and
 * with zeros in the bits that are left over, so that no two texts are the same bytes.
 */
final class Base64Decoding implements ByteSink {

    /** The text is not in the canonical form. */
    static final class NotBase64Exception extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        NotBase64Exception(String problem) {
            super(problem);
        }
    }

    private static final int NONE = -1;
    private static final int[] VALUES = new int[256];

    static {
        Arrays.fill(VALUES, NONE);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            VALUES[alphabet.charAt(i)] = i;
        }
    }

    private final ByteSink target;
    private final byte[] decoded = new byte[3 << 12];
    private int decodedLength;
    private int quantum;
    /** Of the quantum: digits and padding so far. */
    private int digits;

    private int padding;

    Base64Decoding(ByteSink target) {
        this.target = target;
    }

    @Override
    public void accept(byte[] text, int from, int length) throws IOException {
        for (int i = from; i < from + length; i++) {
            int value = VALUES[Byte.toUnsignedInt(text[i])];
            if (value != NONE && padding == 0) {
                quantum = quantum << 6 | value;
                digits++;
            } else if (text[i] == '=' && digits >= 2 && digits + padding < 4) {
                padding++;
            } else {
                throw new NotBase64Exception("is no base64");
            }
            if (digits == 4) {
                append(quantum, 3);
                digits = 0;
                quantum = 0;
            }
        }
    }

    /** To be called when all has arrived. */
    void finish() throws IOException {
        if (padding > 0) {
            int spare = 2 * padding;
            if (digits + padding != 4 || (quantum & (1 << spare) - 1) != 0) {
                throw new NotBase64Exception("is no base64");
            }
            append(quantum >>> spare << 8 * padding, 3 - padding);
        } else if (digits != 0) {
            throw new NotBase64Exception("is no base64: its end is missing");
        }
        flush();
    }

    /** Appends the first bytes of 24 bits. */
    private void append(int bits, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            decoded[decodedLength++] = (byte) (bits >>> 16 - 8 * i);
        }
        if (decodedLength > decoded.length - 3) {
            flush();
        }
    }

    private void flush() throws IOException {
        target.accept(decoded, 0, decodedLength);
        decodedLength = 0;
    }
}
