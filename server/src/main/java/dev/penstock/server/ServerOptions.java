package dev.penstock.server;

import java.util.List;

/**
 * How a server is started. Immutable; start from {@link #defaults()} and change what must differ.
 *
 * @param bind host names or addresses to listen on; one with a minus sign before it may be missing on this host
 * @param port TCP port; 0 lets the system choose one
 * @param remoteAllowed whether addresses that other hosts can reach may be among those listened on. There is no
 *     password yet: whoever can connect can read and delete everything
 * @param maxClients most clients connected at once
 */
public record ServerOptions(List<String> bind, int port, boolean remoteAllowed, int maxClients) {

    /** Used where no other port is asked for; next to Redis's own, so that both can run. */
    public static final int DEFAULT_PORT = 6380;

    private static final ServerOptions DEFAULTS =
            new ServerOptions(List.of("127.0.0.1", "-::1"), DEFAULT_PORT, false, 1000);

    /** @throws IllegalArgumentException if a value is out of its range */
    public ServerOptions {
        bind = List.copyOf(bind);
        if (bind.isEmpty()) {
            throw new IllegalArgumentException("bind must name at least one address");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be from 0 to 65535, not " + port);
        }
        if (maxClients < 1) {
            throw new IllegalArgumentException("maxClients must be at least 1, not " + maxClients);
        }
    }

    /** Port 6380 on the loopback addresses, for at most 1000 clients. */
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    public ServerOptions withBind(List<String> hosts) {
        return new ServerOptions(hosts, port, remoteAllowed, maxClients);
    }

    public ServerOptions withPort(int number) {
        return new ServerOptions(bind, number, remoteAllowed, maxClients);
    }

    public ServerOptions withRemoteAllowed(boolean allowed) {
        return new ServerOptions(bind, port, allowed, maxClients);
    }

    public ServerOptions withMaxClients(int count) {
        return new ServerOptions(bind, port, remoteAllowed, count);
    }
}
