package dev.penstock.store;

/** A key and its value, from {@link EntryWalk}. */
public final class Entry {

    private final byte[] key;
    private final ValueView value;

    Entry(byte[] key, ValueView value) {
        this.key = key;
        this.value = value;
    }

    /**
     * Returns a copy of the key, which the caller may keep. Every call returns the same array.
     *
     * @return the key
     */
    public byte[] key() {
        return key;
    }

    /**
     * Returns the value. It is closed when the {@link EntryWalk} is closed or moves to the next entry.
     *
     * @return the value, which the caller need not close
     */
    public ValueView value() {
        return value;
    }
}
