package dev.penstock.bench.cluster;

import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** One server of a deployment. It can be killed, and started again on its directory and its port. */
final class Member implements AutoCloseable {

    private final String name;
    private final List<String> command;
    private final int port;
    private final Path log;
    private ServerProcess process;

    /**
     * Starts a server; it need not answer yet.
     *
     * @param name what reports call it
     * @param command starts the server, the first time and again
     * @param port where clients connect
     * @param log gets its output
     */
    Member(String name, List<String> command, int port, Path log) throws IOException {
        this.name = name;
        this.command = command;
        this.port = port;
        this.log = log;
        this.process = new ServerProcess(command, port, log);
    }

    String name() {
        return name;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    ServerProcess process() {
        return process;
    }

    /** As {@code kill -9} does. */
    void kill() {
        process.kill();
    }

    /** Starts it after a {@link #kill}. */
    void restart() throws IOException {
        process.close();
        process = new ServerProcess(command, port, log);
    }

    @Override
    public void close() {
        process.close();
    }
}
