package dev.penstock.server.net;

import dev.penstock.store.transfer.FileDescriptors;
import java.util.function.LongSupplier;

/**
 * Reserves file descriptors of the process for the store, the status port and the JVM: a client gets one only while
 * more than the reserve are left. Open descriptors are counted at most every {@link #COUNT_MILLIS}, since counting many
 * takes long; between two counts the accepted clients are subtracted.
 *
 * <p>One thread.
 */
public final class DescriptorReserve {

    /** Connections to the status port, of which there are never more. */
    public static final int STATUS_CONNECTIONS = 16;

    private static final int FILES = 16;

    static final int KEPT = STATUS_CONNECTIONS + FILES;

    /** What the JVM, a store and the listening sockets have open before the first client comes. */
    private static final int OPEN_AT_START = 32;

    static final long COUNT_MILLIS = 100;

    /** The same while no descriptors are left. */
    static final long RECOUNT_MILLIS = 10;

    private static final long UNKNOWN = -1;

    private final long limit;
    private final LongSupplier open;
    private long countedMillis;
    private long left;

    /** @param open number of open descriptors, or negative if that is unknown because none is left */
    DescriptorReserve(long limit, LongSupplier open) {
        this.limit = limit;
        this.open = open;
    }

    /** Of this process. Where its limit or its descriptors are not known, there is always one more. */
    static DescriptorReserve ofProcess() {
        boolean known = countOpen() != UNKNOWN;
        return new DescriptorReserve(known ? processLimit() : Long.MAX_VALUE, DescriptorReserve::countOpen);
    }

    /** How many clients there may be at most for the limit of this process. */
    public static int mostClients() {
        return Math.clamp(processLimit() - OPEN_AT_START - KEPT, 1, Integer.MAX_VALUE);
    }

    private static long processLimit() {
        return FileDescriptors.limit().orElse(Long.MAX_VALUE);
    }

    private static long countOpen() {
        return FileDescriptors.open().orElse(UNKNOWN);
    }

    /** Takes one for a client whose socket is open already; false if it must be closed again. */
    boolean take(long nowMillis) {
        if (limit == Long.MAX_VALUE) {
            return true;
        }
        if (nowMillis - countedMillis >= (left > 0 ? COUNT_MILLIS : RECOUNT_MILLIS)) {
            countedMillis = nowMillis;
            long now = open.getAsLong();
            left = now < 0 ? 0 : limit - now - KEPT + 1; // the client's own is among the open ones
        }
        if (left <= 0) {
            return false;
        }
        left--;
        return true;
    }
}
