package dev.penstock.server.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client's address is shown as Redis shows it, whatever it came by, and CLIENT KILL takes what is shown. */
class ClientAddressTest {

    @TempDir
    Path directory;

    private Path socket;
    private TestServer server;
    private RespClient admin;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("door");
        server = new TestServer(
                directory.resolve("store"), ServerOptions.defaults().withUnixSocket(socket));
        admin = server.client();
    }

    @AfterEach
    void stop() throws IOException {
        admin.close();
        server.close();
    }

    private RespClient overIpv6() throws IOException {
        Assumptions.assumeTrue(server.server().addresses().contains("::1"), "there is no IPv6 here");
        byte[] address = new byte[16];
        address[15] = 1;
        return new RespClient(new Socket(InetAddress.getByAddress(address), server.port()));
    }

    private static String field(String line, String name) {
        return line.replaceFirst("(?s).* " + name + "=(\\S*).*", "$1");
    }

    @Test
    void anIpv6AddressIsCompressedAndInBrackets() throws IOException {
        try (RespClient client = overIpv6()) {
            String address = "[::1]:" + client.socket().getLocalPort();
            String info = client.call("CLIENT", "INFO");
            assertEquals(address, field(info, "addr"));
            assertEquals("[::1]:" + server.port(), field(info, "laddr"));
            assertEquals("N", field(info, "flags"));
            assertTrue(admin.call("CLIENT", "LIST").contains(" addr=" + address + " "));
            assertEquals(":0\r\n", admin.call("CLIENT", "KILL", "ADDR", address.replace("[::1]", "::1")));
            assertEquals(":1\r\n", admin.call("CLIENT", "KILL", "ADDR", address));
            assertEquals("", client.untilClosed());
        }
        try (RespClient client = overIpv6()) {
            client.call("PING");
            assertEquals(
                    "+OK\r\n",
                    admin.call("CLIENT", "KILL", "[::1]:" + client.socket().getLocalPort()));
            assertEquals("", client.untilClosed());
        }
        try (RespClient client = overIpv6()) {
            client.call("PING");
            assertEquals(":1\r\n", admin.call("CLIENT", "KILL", "LADDR", "[::1]:" + server.port()));
            assertEquals("", client.untilClosed());
        }
    }

    @Test
    void bothEndsOfAUnixSocketAreItsPath() throws IOException {
        for (String[] kill : new String[][] {{}, {"ADDR"}, {"LADDR"}}) {
            try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                client.connect(UnixDomainSocketAddress.of(socket));
                String info = exchange(client, "CLIENT INFO\r\n");
                assertEquals(socket + ":0", field(info, "addr"));
                assertEquals(socket + ":0", field(info, "laddr"));
                assertEquals("U", field(info, "flags"));
                String[] words = kill.length == 0
                        ? new String[] {"CLIENT", "KILL", socket + ":0"}
                        : new String[] {"CLIENT", "KILL", kill[0], socket + ":0"};
                assertEquals(kill.length == 0 ? "+OK\r\n" : ":1\r\n", admin.call(words));
                assertEquals("", exchange(client, ""));
            }
        }
        assertEquals("-ERR No such client\r\n", admin.call("CLIENT", "KILL", ":0"));
    }

    /** What comes next; nothing if the server has closed the connection. */
    private static String exchange(SocketChannel client, String request) throws IOException {
        client.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
        ByteBuffer reply = ByteBuffer.allocate(65_536);
        int read = client.read(reply);
        return new String(reply.array(), 0, Math.max(0, read), ISO_8859_1);
    }
}
