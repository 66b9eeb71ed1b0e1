package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.TestCertificate;
import dev.penstock.server.TestServer;
import dev.penstock.server.redis.RedisTools;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/** Clients that others wrote, over TLS. */
class TlsIT {

    @TempDir
    Path directory;

    private TestCertificate certificate;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        certificate = TestCertificate.make(directory, "served", "EC");
        server =
                new TestServer(directory.resolve("store"), certificate.options().withPassword("correct horse"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int port() {
        return server.server().tlsPort().orElseThrow();
    }

    @Test
    void jedis() throws Exception {
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .ssl(true)
                .sslSocketFactory(certificate.client().getSocketFactory())
                .password("correct horse")
                .build();
        try (Jedis client = new Jedis(new HostAndPort("localhost", port()), config)) {
            String large = "x".repeat(2_000_000);
            assertEquals("OK", client.set("k", large));
            assertEquals(large, client.get("k"));
        }
    }

    @Test
    void lettuce() {
        RedisURI uri = RedisURI.builder()
                .withHost("localhost")
                .withPort(port())
                .withSsl(true)
                .withPassword("correct horse".toCharArray())
                .build();
        RedisClient client = RedisClient.create(uri);
        try {
            client.setOptions(ClientOptions.builder()
                    .sslOptions(SslOptions.builder()
                            .jdkSslProvider()
                            .trustManager(certificate.certificateFile().toFile())
                            .protocols("TLSv1.3")
                            .build())
                    .build());
            try (StatefulRedisConnection<String, String> connection = client.connect()) {
                assertEquals("OK", connection.sync().set("k", "v"));
                assertEquals("v", connection.sync().get("k"));
            }
        } finally {
            client.shutdown();
        }
    }

    @Test
    void redisCli() throws Exception {
        String output = RedisTools.run(
                "",
                "redis-cli",
                "--tls",
                "--cacert",
                certificate.certificateFile().toString(),
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port()),
                "--no-auth-warning",
                "-a",
                "correct horse",
                "ECHO",
                "hello");
        assertEquals("hello\n", output);
    }
}
