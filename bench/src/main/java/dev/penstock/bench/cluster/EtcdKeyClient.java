package dev.penstock.bench.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client of etcd. Any member forwards a request to the leader. What was on its way to a leader that is lost takes 7 s
 * to fail, so this client gives up after half a second.
 */
final class EtcdKeyClient implements KeyClient {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int REPLY_MILLIS = 500;
    private static final long LIMIT_SECONDS = 60;

    private final List<InetSocketAddress> addresses;
    private int next;
    private @Nullable EtcdConnection connection;

    EtcdKeyClient(Deployment deployment) {
        this.addresses = deployment.members().stream().map(Member::address).toList();
    }

    @Override
    public @Nullable String write(String key, String value) {
        try {
            connected().put(key, value);
            return null;
        } catch (EtcdConnection.EtcdRefusedException e) {
            return String.valueOf(e.getMessage());
        } catch (IOException e) {
            close();
            return BROKEN;
        }
    }

    @Override
    public boolean has(String key, String value) throws IOException {
        return connected().get(key).contains(value);
    }

    private EtcdConnection connected() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        EtcdConnection connected = connection;
        while (connected == null) {
            try {
                connected = new EtcdConnection(addresses.get(next++ % addresses.size()), REPLY_MILLIS);
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

    @Override
    public void close() {
        EtcdConnection last = connection;
        connection = null;
        if (last != null) {
            last.close();
        }
    }
}
