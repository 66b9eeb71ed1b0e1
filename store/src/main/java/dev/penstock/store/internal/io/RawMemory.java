package dev.penstock.store.internal.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Loads from addresses within a {@link ReadableRange} or its margin. Nothing is checked here: any other address ends
 * the process. Numbers are little-endian.
 *
 * <p>There are no stores to addresses.
 *
 * <p>A page of a file that cannot be supplied is an {@link InternalError}, as everywhere; see {@link PageFaults}.
 */
public final class RawMemory {

    /**
     * All addresses that a process can have: 47 bits on x86-64 and 48 on AArch64, more where it asks for them. An
     * address that went through it is known to the compiler to be within {@link #ALL}, with any small offset, and so it
     * checks nothing.
     */
    public static final long ADDRESSES = (1L << 56) - 1;

    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.ofAddress(0).reinterpret(Long.MAX_VALUE);

    private RawMemory() {}

    /** The eight bytes at an address. */
    public static long getLong(long address) {
        return (long) LONG.get(ALL, address);
    }

    /** The four bytes at an address. */
    public static int getInt(long address) {
        return (int) INT.get(ALL, address);
    }

    /** The byte at an address. */
    public static byte getByte(long address) {
        return (byte) BYTE.get(ALL, address);
    }
}
