package dev.penstock.store;

/** A key and its value, from {@link EntryWalk}. */
public final class Entry {

    private final byte[] key;
    private final ValueView value;

    Entry(byte[] key, ValueView value) {
        this.key = key;
        this.value = value;
    }

    /** Returns the key, which is a copy and the caller's to keep; every call returns the same array. */
    public byte[] key() {
        return key;
    }

    /** Returns the value. It is closed with the {@link EntryWalk}, and when that moves to the next entry. */
    public ValueView value() {
        return value;
    }
}
