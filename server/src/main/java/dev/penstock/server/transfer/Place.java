package dev.penstock.server.transfer;

/** A place in a client's output for bytes that become known after those that follow, such as an array's length. */
public final class Place {

    /** The longest header, that of a reply to SCAN, fits. */
    static final int LENGTH = 64;

    private final Stretch stretch;
    private final int offset;

    /** @param offset in the stretch's chunk */
    Place(Stretch stretch, int offset) {
        this.stretch = stretch;
        this.offset = offset;
    }

    void fill(byte[] source) {
        if (source.length > LENGTH) {
            throw new IllegalArgumentException(source.length + " bytes for a place of " + LENGTH);
        }
        stretch.replace(offset, LENGTH, source);
    }
}
