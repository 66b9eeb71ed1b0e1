package dev.penstock.bench.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a {@link KeyClient}. After it is closed, the next member in turn that accepts one gets the next.
 *
 * @param <C> what a connection is
 */
final class MemberConnection<C extends AutoCloseable> implements AutoCloseable {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LIMIT_SECONDS = 60;

    /** Connects to a member. */
    @FunctionalInterface
    interface Connector<C> {
        C connect(InetSocketAddress address) throws IOException;
    }

    private final List<InetSocketAddress> addresses;
    private final Connector<C> connector;
    private int next;
    private @Nullable C connection;

    MemberConnection(Deployment deployment, Connector<C> connector) {
        this.addresses = deployment.members().stream().map(Member::address).toList();
        this.connector = connector;
    }

    /**
     * Returns the connection, a new one if there is none.
     *
     * @throws IOException if no member accepts one for a minute
     */
    C get() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        C connected = connection;
        while (connected == null) {
            try {
                connected = connector.connect(addresses.get(next++ % addresses.size()));
            } catch (IOException gone) {
                if (System.nanoTime() > deadline) {
                    throw gone;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        connection = connected;
        return connected;
    }

    /** Connects to a server instead. If it is gone, another is asked next, which may know a later leader. */
    void moveTo(InetSocketAddress address) {
        close();
        try {
            connection = connector.connect(address);
        } catch (IOException gone) {
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    @Override
    public void close() {
        C last = connection;
        connection = null;
        if (last != null) {
            try {
                last.close();
            } catch (Exception gone) {
                // It is closed either way.
            }
        }
    }
}
