package dev.penstock.server.command;

import java.util.List;

/**
 * How the server was set up, and what of it may be changed while it runs. The event loop reads and changes it; before
 * the loop starts, whoever builds the server.
 */
public final class Settings {

    private final List<String> bindAddresses;
    private final int port;
    private final String unixSocket;
    private final Password password;
    private int maxClients;
    private long idleTimeoutSeconds;

    /**
     * @param unixSocket path of the Unix domain socket, or empty
     * @param password null if clients need none
     */
    public Settings(List<String> bindAddresses, int port, String unixSocket, Password password) {
        this.bindAddresses = List.copyOf(bindAddresses);
        this.port = port;
        this.unixSocket = unixSocket;
        this.password = password;
    }

    List<String> bindAddresses() {
        return bindAddresses;
    }

    int port() {
        return port;
    }

    String unixSocket() {
        return unixSocket;
    }

    /** Null if clients need none. */
    Password password() {
        return password;
    }

    public int maxClients() {
        return maxClients;
    }

    public void maxClients(int count) {
        maxClients = count;
    }

    /** 0 if clients may be idle for ever. */
    public long idleTimeoutSeconds() {
        return idleTimeoutSeconds;
    }

    public void idleTimeoutSeconds(long seconds) {
        idleTimeoutSeconds = seconds;
    }
}
