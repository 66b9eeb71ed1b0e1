package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestCertificate;
import dev.penstock.server.TestServer;
import dev.penstock.server.config.SettingTable;
import dev.penstock.server.http.HttpTestClient.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what by HTTP. */
class HttpAccessTest {

    private static final byte[] VALUE = {'v'};

    @TempDir
    Path directory;

    private static ServerOptions options() {
        return ServerOptions.defaults().withHttpPort(0);
    }

    private static HttpTestClient client(TestServer server) throws IOException {
        return new HttpTestClient(server.server().httpPort().orElseThrow());
    }

    private static String basic(String user, String password) {
        byte[] both = (user + ":" + password).getBytes(UTF_8);
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(both);
    }

    @Test
    void withAPasswordEachRequestShowsIt() throws IOException {
        try (TestServer server = new TestServer(directory, options().withPassword("secret"));
                HttpTestClient client = client(server)) {
            Response refused = client.send("GET", "/k");
            assertEquals(401, refused.status());
            assertTrue(refused.field("www-authenticate").startsWith("Basic "));
            assertEquals(
                    201, client.send("PUT", "/k", VALUE, basic("", "secret")).status());
            assertEquals(
                    200, client.send("GET", "/k", basic("default", "secret")).status());
            assertEquals(
                    200,
                    client.send("GET", "/k", "Authorization: Bearer secret").status());
            assertEquals(401, client.send("GET", "/k").status(), "what the request before showed does not count");
            assertEquals(
                    401, client.send("DELETE", "/k", "Authorization: Digest x").status());
            assertEquals(
                    401, client.send("DELETE", "/k", "Authorization: Basic x!").status());
            assertEquals(401, client.send("PUT", "/k", new byte[500_000]).status());
            assertEquals(
                    401,
                    client.send("PUT", "/k", VALUE, basic("default", "guess")).status());
            assertEquals(
                    200, client.send("GET", "/k", basic("default", "secret")).status());
        }
    }

    @Test
    void methodsNeedTheRightsOfCommands() throws IOException {
        Path users = Files.writeString(directory.resolve("users"), """
                user default off
                user reader on >r ~pub:* +get +scan
                user writer on >w ~pub:* ~own:* +set
                user admin on >a ~* +@all
                """);
        try (TestServer server =
                        new TestServer(directory.resolve("store"), options().withUsersFile(users));
                HttpTestClient client = client(server)) {
            server.store().put("pub:1".getBytes(US_ASCII), VALUE);
            server.store().put("own:1".getBytes(US_ASCII), VALUE);
            assertEquals(401, client.send("GET", "/pub:1").status());
            String reader = basic("reader", "r");
            assertEquals(200, client.send("GET", "/pub:1", reader).status());
            assertEquals(403, client.send("GET", "/own:1", reader).status());
            assertEquals(403, client.send("PUT", "/pub:1", VALUE, reader).status());
            assertEquals(403, client.send("DELETE", "/pub:1", reader).status());
            String list = client.send("GET", "/?list", reader).text();
            assertTrue(list.contains("pub%3A1") && !list.contains("own"), list);
            String writer = basic("writer", "w");
            assertEquals(204, client.send("PUT", "/own:1", VALUE, writer).status());
            assertEquals(403, client.send("GET", "/own:1", writer).status());
            assertEquals(403, client.send("GET", "/?list", writer).status());
            assertEquals(
                    204, client.send("DELETE", "/own:1", basic("admin", "a")).status());
        }
    }

    @Test
    void otherHostsNeedAPassword() {
        ServerOptions open = options().withBind(List.of("0.0.0.0"));
        assertThrows(IllegalArgumentException.class, () -> new TestServer(directory, open).close());
    }

    @Test
    void otherOriginsAreAllowedOnlyWhereConfigured() throws IOException {
        try (TestServer server = new TestServer(directory, options().withHttpOrigin("https://app.example"));
                HttpTestClient client = client(server)) {
            Response preflight =
                    client.send("OPTIONS", "/k", "Origin: https://app.example", "Access-Control-Request-Method: PUT");
            assertEquals(204, preflight.status());
            assertEquals("https://app.example", preflight.field("access-control-allow-origin"));
            assertTrue(preflight.field("access-control-allow-methods").contains("PUT"));
            assertEquals("Origin", client.send("GET", "/k").field("vary"));
        }
        for (String broken : List.of(
                "example", "https://example.org/", "https://a\r\nSet-Cookie: b", "https://" + "a".repeat(300))) {
            ServerOptions refused = options().with(SettingTable.HTTP_ORIGIN, broken);
            assertThrows(IllegalArgumentException.class, () -> new TestServer(directory, refused).close(), broken);
        }
    }

    /** A browser asks before it sends a request with credentials, and it asks without them. */
    @Test
    void aBrowserAsksWithoutAPassword() throws IOException {
        ServerOptions options = options().withHttpOrigin("https://app.example").withPassword("secret");
        try (TestServer server = new TestServer(directory, options);
                HttpTestClient client = client(server)) {
            Response preflight = client.send(
                    "OPTIONS",
                    "/k",
                    "Origin: https://app.example",
                    "Access-Control-Request-Method: PUT",
                    "Access-Control-Request-Headers: authorization,content-type");
            assertEquals(204, preflight.status());
            String fields = preflight.field("access-control-allow-headers");
            assertTrue(List.of(fields.split(", ", -1)).containsAll(List.of("Authorization", "Content-Type")), fields);
            Response refused = client.send("GET", "/k", "Origin: https://app.example");
            assertEquals(401, refused.status());
            assertEquals("https://app.example", refused.field("access-control-allow-origin"));
        }
    }

    @Test
    void theSameCertificateServesHttps() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory, "served", "EC");
        ServerOptions tls = certificate.options().with(SettingTable.HTTPS_PORT, "0");
        try (TestServer server = new TestServer(directory.resolve("store"), tls)) {
            int port = server.server().httpsPort().orElseThrow();
            try (HttpTestClient client =
                    new HttpTestClient(certificate.client().getSocketFactory().createSocket("localhost", port))) {
                byte[] value = new byte[3_000_000];
                assertEquals(201, client.send("PUT", "/k", value).status());
                assertEquals(3_000_000, client.send("GET", "/k").body().length);
                assertEquals(
                        206, client.send("GET", "/k", "Range: bytes=5-200000").status());
            }
        }
        ServerOptions without = options().with(SettingTable.HTTPS_PORT, "0");
        assertThrows(IllegalArgumentException.class, () -> new TestServer(directory.resolve("other"), without).close());
    }
}
