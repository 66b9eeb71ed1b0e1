package dev.penstock.store.internal.io;

/**
 * Bounds the addresses that are reserved permanently: half of those of the process, so that enough are left for the
 * JVM's heap, threads and files, however many stores are open. The number of addresses depends on the processor and the
 * kernel's configuration (39 to 48 bits on AArch64). It is derived from an address, since the kernel assigns the
 * highest addresses first.
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
