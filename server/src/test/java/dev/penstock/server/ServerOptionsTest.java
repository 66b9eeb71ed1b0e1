package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.config.Setting;
import dev.penstock.server.config.SettingTable;
import dev.penstock.server.http.HttpTestClient;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An option that a server takes is in force when it runs; one that it does not put into force it does not take. */
class ServerOptionsTest {

    /** Another value than the default, of each setting that shows in {@code CONFIG GET} what is in force. */
    private static final Map<String, String> LIVE = Map.of(
            "maxclients", "17",
            "timeout", "77",
            "transfer-mode", "copy",
            "transfer-threshold", "777",
            "direct-threshold", "12345",
            "proto-max-bulk-len", "2000000",
            "compaction-rate", "1000",
            "slowlog-log-slower-than", "5",
            "slowlog-max-len", "3");

    @TempDir
    Path folder;

    /** Looks whether a setting is in force. */
    @FunctionalInterface
    private interface Proof {
        void of(PenstockServer server, RespClient client) throws Exception;
    }

    private static Setting[] settings() {
        return SettingTable.all().toArray(Setting[]::new);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void whatIsTakenIsInForce(Setting setting) throws Exception {
        ServerOptions options = ServerOptions.defaults().withPort(0);
        if (!setting.isOfServer()) {
            String refusal = assertThrows(IllegalArgumentException.class, () -> options.with(setting, setting.value()))
                    .getMessage();
            assertTrue(refusal.startsWith(setting + " is not an option of the server"), refusal);
            return;
        }
        TestCertificate certificate = TestCertificate.make(folder, "served", "EC");
        ServerOptions withTls = certificate.options().withPort(0);
        switch (setting.name()) {
            case "port" -> {
                int port = freePort();
                inForce(options.with(setting, Integer.toString(port)), (server, client) -> {
                    assertEquals(port, server.port());
                });
            }
            case "bind" ->
                inForce(options.with(setting, "127.0.0.1"), (server, client) -> {
                    assertEquals("[127.0.0.1]", server.addresses().toString());
                });
            case "unixsocket" -> {
                Path socket = folder.resolve("socket");
                inForce(options.with(setting, socket.toString()), (server, client) -> {
                    assertTrue(Files.exists(socket));
                });
            }
            case "password-file" -> {
                Path file = Files.writeString(folder.resolve("password"), "secret\nnot this\n");
                inForce(options.with(setting, file.toString()), (server, client) -> {
                    assertTrue(client.call("PING").startsWith("-NOAUTH"));
                    assertEquals("+OK\r\n", client.call("AUTH", "secret"));
                });
            }
            case "users-file" -> {
                Path file = Files.writeString(folder.resolve("users"), "user ann on >secret ~* +@all\n");
                inForce(options.with(setting, file.toString()), (server, client) -> {
                    assertTrue(client.call("PING").startsWith("-NOAUTH"));
                    assertEquals("+OK\r\n", client.call("AUTH", "ann", "secret"));
                });
            }
            case "allow-remote" ->
                inForce(options.with(SettingTable.BIND, "0.0.0.0").with(setting, "yes"), (server, client) -> {
                    assertEquals("+PONG\r\n", client.call("PING"));
                });
            case "event-loops" ->
                inForce(options.with(setting, "3"), (server, client) -> {
                    assertTrue(Thread.getAllStackTraces().keySet().stream()
                            .anyMatch(thread -> thread.getName().equals("penstock-loop-3")));
                });
            case "tls-port", "tls-cert-file", "tls-key-file" ->
                inForce(withTls, (server, client) -> {
                    assertTrue(server.tlsPort().orElseThrow() > 0);
                });
            case "tls-only" ->
                inForce(withTls.with(setting, "yes"), (server, client) -> {
                    assertEquals(server.tlsPort().orElseThrow(), server.port());
                });
            case "http-port" ->
                inForce(options.with(setting, "0"), (server, client) -> {
                    try (HttpTestClient http =
                            new HttpTestClient(server.httpPort().orElseThrow())) {
                        assertEquals(404, http.send("GET", "/k").status());
                    }
                });
            case "https-port" -> {
                ServerOptions files = certificate.options().withPort(0);
                ServerOptions https = ServerOptions.defaults()
                        .withPort(0)
                        .with(SettingTable.TLS_CERTIFICATE_FILE, files.value(SettingTable.TLS_CERTIFICATE_FILE))
                        .with(SettingTable.TLS_KEY_FILE, files.value(SettingTable.TLS_KEY_FILE));
                inForce(https.with(setting, "0"), (server, client) -> {
                    assertTrue(server.httpsPort().orElseThrow() > 0);
                });
            }
            case "http-origin" ->
                inForce(options.withHttpPort(0).with(setting, "https://example.org"), (server, client) -> {
                    try (HttpTestClient http =
                            new HttpTestClient(server.httpPort().orElseThrow())) {
                        assertEquals(
                                "https://example.org", http.send("GET", "/k").field("access-control-allow-origin"));
                    }
                });
            case "metrics-port" ->
                inForce(options.with(setting, "0"), (server, client) -> {
                    assertTrue(server.metricsPort().orElseThrow() > 0);
                });
            case "metrics-bind" ->
                inForce(options.withMetricsPort(0).with(setting, "127.0.0.2"), (server, client) -> {
                    InetAddress bound = InetAddress.getByName("127.0.0.2");
                    new Socket(bound, server.metricsPort().orElseThrow()).close();
                });
            default -> {
                String value = LIVE.get(setting.name());
                assertTrue(setting.isLive() && value != null, "nobody said how it shows");
                inForce(options.with(setting, value), (server, client) -> {
                    String shown = client.call("CONFIG", "GET", setting.name());
                    assertTrue(shown.endsWith("\r\n" + value + "\r\n"), shown);
                });
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private void inForce(ServerOptions options, Proof proof) throws Exception {
        StoreOptions small = StoreOptions.defaults().withSegmentSize(8L << 20);
        try (Store store = Store.open(folder.resolve("store"), small);
                PenstockServer server = PenstockServer.start(store, options);
                RespClient client = new RespClient(server.port())) {
            proof.of(server, client);
        }
    }

    @Test
    void eachMethodSetsItsSetting() {
        ServerOptions options = ServerOptions.defaults()
                .withSlowLogThreshold(Duration.ofNanos(5_999))
                .withSlowLogLength(3)
                .withCompactionRate(1000)
                .withLongestBulk(2_000_000)
                .withHttps(7443, Path.of("certificate.pem"), Path.of("key.pem"));
        assertEquals("5", options.value(SettingTable.SLOW_LOG_MICROS));
        assertEquals("3", options.value(SettingTable.SLOW_LOG_LENGTH));
        assertEquals(1000, options.compactionRate().orElseThrow());
        assertEquals("2000000", options.value(SettingTable.LONGEST_BULK));
        assertEquals(7443, options.httpsPort().orElseThrow());
        assertEquals("certificate.pem", options.value(SettingTable.TLS_CERTIFICATE_FILE));
        assertEquals("key.pem", options.value(SettingTable.TLS_KEY_FILE));
        ServerOptions none = options.withSlowLogThreshold(Duration.ofNanos(-1));
        assertEquals("-1", none.value(SettingTable.SLOW_LOG_MICROS));
        assertThrows(IllegalArgumentException.class, () -> options.withLongestBulk(1));
    }

    @Test
    void aServerIsReadyUntilItStops() throws Exception {
        inForce(ServerOptions.defaults().withPort(0), (server, client) -> {
            assertTrue(server.isLive() && server.isReady());
            server.close();
            assertFalse(server.isReady());
        });
    }

    /** A store continues at the rate that it was opened with, unless the server is given another. */
    @Test
    void whatIsNotGivenLeavesTheStoreAsItWasOpened() throws Exception {
        try (Store store = Store.open(
                        folder.resolve("store"), StoreOptions.defaults().withCompactionRate(4321));
                PenstockServer server =
                        PenstockServer.start(store, ServerOptions.defaults().withPort(0))) {
            assertTrue(server.port() > 0);
            assertEquals(4321, store.compactionRate());
        }
    }

    @Test
    void aPasswordFileThatHasNoneOrIsOneTooManyIsRefused() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty"), "\nsecret\n");
        Path latin = Files.write(folder.resolve("latin"), new byte[] {'s', (byte) 0xe9});
        Path good = Files.writeString(folder.resolve("good"), "secret");
        ServerOptions options = ServerOptions.defaults().withPort(0);
        refused("the password is empty", options.withPasswordFile(empty));
        refused("is not UTF-8", options.withPasswordFile(latin));
        refused(
                "in addition to that of password-file",
                options.withPasswordFile(good).withPassword("other"));
        try (Store store = Store.open(folder.resolve("store"))) {
            assertThrows(
                    IOException.class,
                    () -> PenstockServer.start(store, options.withPasswordFile(folder.resolve("none"))));
        }
    }

    private void refused(String reason, ServerOptions options) {
        try (Store store = Store.open(folder.resolve("store"))) {
            IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> PenstockServer.start(store, options));
            assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
        }
    }

    /** The name of a file is bytes. What is no text in the locale's encoding looks like the name of another file. */
    @Test
    void theFileThatIsOpenedIsTheOneThatWasNamed() throws Exception {
        Path named = Path.of(URI.create(folder.toUri() + "s%E9cret"));
        Path alike = Path.of(named.toString());
        Files.writeString(alike, "wrong");
        Files.writeString(named, "right");
        Path socket = Path.of(URI.create(folder.toUri() + "d%E9r"));
        ServerOptions options = ServerOptions.defaults()
                .withPort(0)
                .withPasswordFile(named)
                .withUnixSocket(socket)
                .withUsersFile(alike);
        assertEquals(socket, options.unixSocket().orElseThrow());
        assertEquals(alike, options.usersFile().orElseThrow());
        inForce(
                ServerOptions.defaults().withPort(0).withPasswordFile(named).withUnixSocket(socket),
                (server, client) -> {
                    assertEquals("+OK\r\n", client.call("AUTH", "right"));
                    assertTrue(Files.exists(socket));
                });
        assertThrows(IllegalArgumentException.class, () -> options.with(SettingTable.BIND, named));
        assertThrows(IllegalArgumentException.class, () -> options.withUsersFile(Path.of("")));
    }
}
