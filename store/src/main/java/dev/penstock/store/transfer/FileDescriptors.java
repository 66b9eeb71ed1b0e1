package dev.penstock.store.transfer;

import dev.penstock.store.internal.io.DescriptorLimit;
import java.util.OptionalLong;

/**
 * The file descriptors of this process, which stores share with sockets and everything else that the program opens.
 * They are known on Linux. Thread-safe.
 */
public final class FileDescriptors {

    private FileDescriptors() {}

    /**
     * Returns how many the process may have open, {@link Long#MAX_VALUE} for any number; empty if that is not known.
     */
    public static OptionalLong limit() {
        return DescriptorLimit.known();
    }

    /**
     * Returns how many the process has open now; empty if that is not known, which includes that none is left to count
     * them with. Takes the longer the more there are.
     */
    public static OptionalLong open() {
        return DescriptorLimit.countOpen();
    }
}
