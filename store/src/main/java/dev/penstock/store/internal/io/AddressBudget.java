package dev.penstock.store.internal.io;

/**
 * How many addresses may be reserved for good: half of those that the process has, so that the JVM finds some for its
 * heap, its threads and its files, however many stores are open. How many there are depends on the processor and on how
 * the kernel was built (39 to 48 bits on AArch64). It follows from an address, since the kernel gives the highest ones
 * first.
 */
final class AddressBudget {

    private long highest;
    private long taken;

    /** Whether so many more addresses may be taken. */
    boolean allows(long length) {
        return highest == 0 || length <= Long.highestOneBit(highest) - taken;
    }

    /** Notes what was taken, and where. */
    void take(long address, long length) {
        taken += length;
        highest = Math.max(highest, address);
    }
}
