package dev.penstock.server.acl;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestClock;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Clients that reach the server by an address that is not a loopback address, as those of other hosts do. */
public final class Remote {

    private Remote() {}

    /** An address of this host on a network; skips the calling test if there is none. */
    public static InetAddress address() throws SocketException {
        InetAddress found = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(found != null, "this host has no address but loopback addresses: skipped");
        return found;
    }

    /** A server on all addresses. */
    static TestServer server(Path directory, String password, TestClock clock) throws IOException {
        address();
        return new TestServer(
                directory, ServerOptions.defaults().withBind(List.of("0.0.0.0")).withPassword(password), clock);
    }

    static RespClient client(TestServer server) throws IOException {
        return new RespClient(new Socket(address(), server.port()));
    }
}
