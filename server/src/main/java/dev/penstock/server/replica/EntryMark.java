package dev.penstock.server.replica;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The mark of a store that executes entries. At the end of an entry it is what the caller of {@link
 * EntryExecutor#execute} has given. In the middle of one, it is the mark of the entry before, followed by the number of
 * steps that are done and by four bytes that no other mark ends with.
 */
public final class EntryMark {

    private static final int TAG = 0x70617274; // "part"
    private static final int PART_LENGTH = 2 * Integer.BYTES;

    private EntryMark() {}

    /**
     * The mark of the last entry that is executed as a whole.
     *
     * @param mark of the store, empty if it has none
     * @return empty if there is no such entry
     */
    public static byte[] ofEntry(byte[] mark) {
        return isPart(mark) ? Arrays.copyOf(mark, mark.length - PART_LENGTH) : mark;
    }

    private static boolean isPart(byte[] mark) {
        return mark.length >= PART_LENGTH && ByteBuffer.wrap(mark).getInt(mark.length - Integer.BYTES) == TAG;
    }

    /** Refuses a mark that would be taken for one in the middle of an entry. */
    static void check(byte[] mark) {
        if (isPart(mark)) {
            throw new IllegalArgumentException("the mark of an entry must not end with the bytes of 'part'");
        }
    }

    /** How many steps are done of the entry after the last whole one. */
    static int doneSteps(byte[] mark) {
        return isPart(mark) ? ByteBuffer.wrap(mark).getInt(mark.length - PART_LENGTH) : 0;
    }

    /**
     * The mark in the middle of an entry.
     *
     * @param before of the last whole entry
     * @param doneSteps of the next one
     */
    static byte[] inEntry(byte[] before, int doneSteps) {
        return ByteBuffer.allocate(before.length + PART_LENGTH)
                .put(before)
                .putInt(doneSteps)
                .putInt(TAG)
                .array();
    }
}
