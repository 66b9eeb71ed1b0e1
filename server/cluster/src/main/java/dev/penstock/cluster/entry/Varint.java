package dev.penstock.cluster.entry;

/** Numbers from 0 to 2^31 - 1 in 1 to 5 bytes: 7 bits in each, the lowest first, and a high bit where more follow. */
final class Varint {

    static final int MAX_LENGTH = 5;

    private static final int BITS = 7;
    private static final int MORE = 1 << BITS;

    private Varint() {}

    /** How many bytes a number takes. */
    static int length(int number) {
        int length = 1;
        for (int rest = number >>> BITS; rest != 0; rest >>>= BITS) {
            length++;
        }
        return length;
    }

    /**
     * Writes a number that is not negative.
     *
     * @return the offset behind it
     */
    static int write(byte[] bytes, int offset, int number) {
        int at = offset;
        int rest = number;
        while (rest >= MORE) {
            bytes[at++] = (byte) (rest | MORE);
            rest >>>= BITS;
        }
        bytes[at++] = (byte) rest;
        return at;
    }

    /**
     * Reads a number; {@link #length} of it says how far it goes.
     *
     * @throws MalformedEntryException if the bytes end before the number does, or the number has too many bytes
     */
    static int read(byte[] bytes, int offset) {
        long number = 0;
        for (int i = 0; i < MAX_LENGTH; i++) {
            if (offset + i >= bytes.length) {
                throw new MalformedEntryException("it ends in a number, at byte " + bytes.length);
            }
            int part = bytes[offset + i];
            number |= (long) (part & MORE - 1) << i * BITS;
            if (part >= 0) {
                if (number > Integer.MAX_VALUE || length((int) number) != i + 1) {
                    break;
                }
                return (int) number;
            }
        }
        throw new MalformedEntryException("the number at byte " + offset + " is too large or too long");
    }
}
