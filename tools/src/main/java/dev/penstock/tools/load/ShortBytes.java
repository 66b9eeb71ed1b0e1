package dev.penstock.tools.load;

import java.io.ByteArrayOutputStream;

/** Bytes on the heap, and never more than a limit. */
public final class ShortBytes implements ByteSink {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int maxLength;
    private final String what;

    /** @param what to name in the message if there are more */
    public ShortBytes(int maxLength, String what) {
        this.maxLength = maxLength;
        this.what = what;
    }

    @Override
    public void accept(byte[] part, int from, int length) {
        if (length > maxLength - bytes.size()) {
            throw new IllegalArgumentException(what + " has more than " + maxLength + " bytes");
        }
        bytes.write(part, from, length);
    }

    /** Returns what has come so far. */
    public byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
