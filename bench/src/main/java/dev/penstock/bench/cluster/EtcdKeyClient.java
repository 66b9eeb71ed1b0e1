package dev.penstock.bench.cluster;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A client of etcd. Any member forwards a request to the leader. What was on its way to a leader that is lost takes 7 s
 * to fail, so this client gives up after half a second.
 */
final class EtcdKeyClient implements KeyClient {

    private static final int REPLY_MILLIS = 500;

    private final MemberConnection<EtcdConnection> connection;

    EtcdKeyClient(Deployment deployment) {
        this.connection = new MemberConnection<>(deployment, address -> new EtcdConnection(address, REPLY_MILLIS));
    }

    @Override
    public @Nullable String write(String key, String value) {
        try {
            connection.get().put(key, value);
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
        return connection.get().get(key).contains(value);
    }

    @Override
    public void close() {
        connection.close();
    }
}
