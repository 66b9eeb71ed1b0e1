package dev.penstock.server.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestCertificate;
import dev.penstock.server.TestClock;
import dev.penstock.server.TestServer;
import dev.penstock.server.acl.Remote;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that works without TLS works with it, and a client that does not get on with it is got rid of. */
class TlsTest {

    private static final int LARGE = 3_000_000;

    @TempDir
    static Path folder;

    private static TestCertificate first;

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        if (first == null) {
            first = TestCertificate.make(folder, "first", "EC");
        }
        server = new TestServer(directory, first.options(), clock);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int port() {
        return server.server().tlsPort().orElseThrow();
    }

    private SSLSocket connect(int port) throws Exception {
        return (SSLSocket) first.client().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }

    private RespClient client() throws Exception {
        return new RespClient(connect(port()));
    }

    @Test
    void smallAndLargeValuesAndLongPipelinesArriveAsTheyAre() throws Exception {
        Random random = new Random(1);
        StringBuilder large = new StringBuilder(LARGE);
        while (large.length() < LARGE) {
            large.append((char) random.nextInt(256));
        }
        String value = large.toString();
        try (RespClient client = client()) {
            assertEquals("TLSv1.3", ((SSLSocket) client.socket()).getSession().getProtocol());
            assertEquals("+PONG\r\n", client.call("PING"));
            assertEquals("+OK\r\n", client.call("SET", "large", value));
            assertEquals("$" + LARGE + "\r\n" + value + "\r\n", client.call("GET", "large"));
            assertEquals(
                    "$200000\r\n" + value.substring(7, 200_007) + "\r\n",
                    client.call("GETRANGE", "large", "7", "200006"));
            ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
            for (int i = 0; i < 5000; i++) {
                pipeline.writeBytes(RespClient.encoded("ECHO", "number " + i));
            }
            Thread sender = Thread.ofVirtual().start(() -> write(client, pipeline.toByteArray()));
            for (int i = 0; i < 5000; i++) {
                String number = "number " + i;
                assertEquals("$" + number.length() + "\r\n" + number + "\r\n", client.reply());
            }
            sender.join();
        }
    }

    private static void write(RespClient client, byte[] bytes) {
        try {
            client.out().write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A record is decrypted when all of it is there, and what one read brings may be many requests, or half of one. */
    @Test
    void recordsCutUpOnTheirWayArriveWhole() throws Exception {
        long seed = System.nanoTime();
        try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread proxy = Thread.ofVirtual().start(() -> cutUp(door, port(), new Random(seed)));
            try (RespClient client = new RespClient(connect(door.getLocalPort()))) {
                for (int i = 0; i < 20; i++) {
                    String value = "x".repeat(i * 97);
                    assertEquals("+OK\r\n", client.call("SET", "k", value), "seed " + seed);
                    assertEquals("$" + value.length() + "\r\n" + value + "\r\n", client.call("GET", "k"));
                }
            }
            proxy.join();
        }
    }

    /** Hands a client's bytes on in small pieces, each a separate packet, and the server's as they come. */
    private static void cutUp(ServerSocket door, int port, Random random) {
        try (Socket client = door.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), port)) {
            target.setTcpNoDelay(true);
            Thread back = Thread.ofVirtual().start(() -> {
                try {
                    target.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException ended) {
                    // with the connection
                }
            });
            InputStream in = client.getInputStream();
            OutputStream out = target.getOutputStream();
            byte[] piece = new byte[64];
            for (int read = in.read(piece, 0, 1); read >= 0; read = in.read(piece, 0, 1 + random.nextInt(64))) {
                out.write(piece, 0, read);
            }
            target.shutdownOutput();
            back.join();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void thereNeedBeNoOtherPort() throws Exception {
        Path socket = directory.resolve("socket");
        ServerOptions only = first.options().withTlsOnly(true).withUnixSocket(socket);
        try (TestServer secured = new TestServer(directory.resolve("only"), only)) {
            assertEquals(secured.server().tlsPort().orElseThrow(), secured.port());
            assertTrue(Files.exists(socket));
            try (RespClient client = new RespClient(connect(secured.port()))) {
                assertEquals("*2\r\n$4\r\nport\r\n$1\r\n0\r\n", client.call("CONFIG", "GET", "port"));
            }
        }
        ServerOptions none = ServerOptions.defaults().withTlsOnly(true);
        assertThrows(IllegalArgumentException.class, () -> new TestServer(directory.resolve("none"), none).close());
    }

    @Test
    void anEndIsToldFromACut() throws Exception {
        try (RespClient client = client()) {
            assertEquals("+OK\r\n", client.call("QUIT"));
            assertEquals("", client.untilClosed(), "SSLSocket throws where there was no goodbye");
        }
    }

    @Test
    void aClientThatGoesHalfwayThroughStillGetsItsReplies() throws Exception {
        try (RespClient client = client()) {
            client.sendRaw("SET k v\r\nGET k\r\n");
            ((SSLSocket) client.socket()).shutdownOutput();
            assertEquals("+OK\r\n$1\r\nv\r\n", client.untilClosed());
        }
    }

    @Test
    void olderVersionsAreRefused() throws Exception {
        try (SSLSocket socket = connect(port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThrows(IOException.class, socket::startHandshake);
        }
    }

    @Test
    void whoSpeaksPlainlyIsTurnedAwayAndOthersAreServed() throws Exception {
        try (RespClient plain = new RespClient(port());
                RespClient client = client()) {
            plain.sendRaw("PING\r\nSET k v\r\n");
            String answer = answer(plain);
            assertTrue(answer.isEmpty() || answer.charAt(0) == 21, "no alert, but: " + answer);
            assertEquals("+PONG\r\n", client.call("PING"));
            assertEquals(":0\r\n", client.call("DBSIZE"));
        }
    }

    private static String answer(RespClient client) throws IOException {
        try {
            return client.untilClosed();
        } catch (SocketException reset) {
            return "";
        }
    }

    /** An unfinished handshake is an unfinished request. Once it is finished the client may take its time. */
    @Test
    void aHandshakeThatIsNotFinishedInTimeEnds() throws Exception {
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port());
                Socket half = new Socket(InetAddress.getLoopbackAddress(), port());
                RespClient idle = client()) {
            half.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0});
            ((SSLSocket) idle.socket()).startHandshake();
            TestServer.await("all are connected", () -> {
                try (RespClient client = server.client()) {
                    return client.call("INFO", "clients").contains("connected_clients:4\r\n");
                }
            });
            for (int i = 0; i < 40; i++) {
                clock.advance(Duration.ofSeconds(1));
                server.wake();
            }
            assertEquals(-1, silent.getInputStream().read());
            assertEquals(-1, half.getInputStream().read());
            assertEquals("+PONG\r\n", idle.call("PING"));
        }
    }

    @Test
    void aClientOfAnotherHostHasTenSecondsForItsHandshake() throws Exception {
        ServerOptions options = ServerOptions.defaults()
                .withBind(List.of("0.0.0.0"))
                .withRemoteAllowed(true)
                .withTls(new ServerOptions.Tls(0, first.certificateFile(), first.keyFile()));
        InetAddress address = Remote.address();
        try (TestServer reachable = new TestServer(directory.resolve("reachable"), options, clock);
                Socket silent = new Socket(address, reachable.server().tlsPort().orElseThrow());
                RespClient other = reachable.client()) {
            TestServer.await(
                    "it is connected", () -> other.call("INFO", "clients").contains("connected_clients:2\r\n"));
            for (int i = 0; i < 11; i++) {
                clock.advance(Duration.ofSeconds(1));
                reachable.wake();
                assertEquals("+PONG\r\n", other.call("PING"));
            }
            assertEquals(-1, silent.getInputStream().read());
        }
    }

    @Test
    void aClientThatTakesNothingIsEnded() throws Exception {
        try (RespClient client = client();
                RespClient other = server.client()) {
            assertEquals("+OK\r\n", client.call("SET", "large", "x".repeat(8 << 20)));
            client.send("GET", "large");
            TestServer.await(
                    "the reply has begun", () -> other.call("CLIENT", "LIST").contains(" oll=1 "));
            TestServer.await("it is gone", () -> {
                clock.advance(Duration.ofSeconds(61)); // again, for it may have taken something just now
                server.wake();
                return other.call("INFO", "clients").contains("connected_clients:1\r\n");
            });
        }
    }

    @Test
    void aNewCertificateIsUsedWithoutARestart() throws Exception {
        TestCertificate second = TestCertificate.make(folder, "second", "RSA");
        Path certificate = folder.resolve("served.crt");
        Path key = folder.resolve("served.key");
        Files.copy(first.certificateFile(), certificate);
        Files.copy(first.keyFile(), key);
        ServerOptions options = ServerOptions.defaults().withTls(new ServerOptions.Tls(0, certificate, key));
        try (TestServer renewed = new TestServer(directory.resolve("renewed"), options, clock)) {
            int port = renewed.server().tlsPort().orElseThrow();
            try (RespClient before = new RespClient(connect(port))) {
                assertEquals("+PONG\r\n", before.call("PING"));
                replace(certificate, second.certificateFile(), 1);
                clock.advance(Duration.ofSeconds(2));
                try (RespClient halfway = new RespClient(connect(port))) {
                    assertEquals("+PONG\r\n", halfway.call("PING"), "a key that does not fit must change nothing");
                }
                replace(key, second.keyFile(), 2);
                clock.advance(Duration.ofSeconds(2));
                SSLSocket socket = (SSLSocket)
                        second.client().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
                try (RespClient after = new RespClient(socket)) {
                    assertEquals("+PONG\r\n", after.call("PING"));
                    assertEquals(second.certificate(), socket.getSession().getPeerCertificates()[0]);
                }
                assertEquals("+PONG\r\n", before.call("PING"), "who was connected stays so");
            }
        }
    }

    /** File systems keep times in ticks; a new time is given so that the change shows whatever their length. */
    private static void replace(Path file, Path content, int secondsLater) throws IOException {
        FileTime before = Files.getLastModifiedTime(file);
        Files.write(file, Files.readAllBytes(content));
        Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusSeconds(secondsLater)));
    }

    /** One that is restricted to the padding of PSS; other tests have keys of the kinds EC and RSA. */
    @Test
    void anRsaPssKeyIsTaken() throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "pss", "RSASSA-PSS");
        try (TestServer other = new TestServer(directory.resolve("kind"), certificate.options());
                RespClient client = new RespClient(certificate
                        .client()
                        .getSocketFactory()
                        .createSocket(
                                InetAddress.getLoopbackAddress(),
                                other.server().tlsPort().orElseThrow()))) {
            assertEquals("+PONG\r\n", client.call("PING"));
        }
        TestCertificate stranger = TestCertificate.make(folder, "stranger", "RSASSA-PSS");
        assertRefused("is not that of the certificate", certificate.certificateFile(), stranger.keyFile());
    }

    @Test
    void filesThatCannotBeUsedAreNamedAtTheStart() throws Exception {
        TestCertificate other = TestCertificate.make(folder, "other", "Ed25519");
        Path empty = Files.writeString(folder.resolve("empty"), "");
        Path old = Files.writeString(folder.resolve("old"), "-----BEGIN RSA PRIVATE KEY-----\nAA==\n");
        Path broken = Files.writeString(
                folder.resolve("broken"), "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n", ISO_8859_1);
        assertRefused("there is no certificate in", empty, first.keyFile());
        assertRefused("there is no private key in PEM in", first.certificateFile(), empty);
        assertRefused("openssl pkcs8 -topk8", first.certificateFile(), old);
        assertRefused("broken", first.certificateFile(), broken);
        assertRefused("other.key is not a key of the kind EC", first.certificateFile(), other.keyFile());
        TestCertificate another = TestCertificate.make(folder, "another", "EC");
        assertRefused("is not that of the certificate", first.certificateFile(), another.keyFile());
        try (TestServer fine = new TestServer(directory.resolve("fine"), other.options())) {
            int port = fine.server().tlsPort().orElseThrow();
            SSLSocket socket =
                    (SSLSocket) other.client().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
            try (RespClient client = new RespClient(socket)) {
                assertEquals("+PONG\r\n", client.call("PING"));
            }
        }
    }

    private void assertRefused(String reason, Path certificate, Path key) {
        ServerOptions options = ServerOptions.defaults().withTls(new ServerOptions.Tls(0, certificate, key));
        IOException refusal =
                assertThrows(IOException.class, () -> new TestServer(directory.resolve("refused"), options).close());
        assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    }
}
