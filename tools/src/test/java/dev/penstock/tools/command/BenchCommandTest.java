package dev.penstock.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.server.PenstockServer;
import dev.penstock.server.ServerOptions;
import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.RedisServer;
import dev.penstock.tools.TlsFiles;
import dev.penstock.tools.bench.load.StubServer;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/** {@code bench} against Penstock and against the real Redis. */
class BenchCommandTest {

    @TempDir
    Path folder;

    enum Product {
        PENSTOCK,
        REDIS
    }

    @FunctionalInterface
    private interface Body {
        void run(String address) throws Exception;
    }

    private void serving(Product product, Body body) throws Exception {
        if (product == Product.REDIS) {
            try (RedisServer redis = RedisServer.start(folder)) {
                body.run(redis.address());
            }
        } else {
            serving(ServerOptions.defaults(), body);
        }
    }

    private void serving(ServerOptions options, Body body) throws Exception {
        try (Store store = Store.open(folder.resolve("store"));
                PenstockServer server = PenstockServer.start(store, options.withPort(0))) {
            body.run("127.0.0.1:" + server.port());
        }
    }

    private static Cli.Result bench(String address, String... options) {
        return bench(0.3, address, options);
    }

    private static Cli.Result bench(double seconds, String address, String... options) {
        List<Object> arguments = new ArrayList<>(List.of("bench", address, "--warm-up", "0.05", "--duration", seconds));
        arguments.addAll(Arrays.asList(options));
        return Cli.run(arguments.toArray());
    }

    /** A machine that is busy with other things may keep no rate; everything else must be right all the same. */
    private static JsonNode json(Cli.Result result) throws IOException {
        JsonNode json = result.json();
        Set<String> good = Set.of("rate-kept", "server-saturated");
        result.exits(
                good.contains(json.get("verdict").asText())
                                && json.get("errors").asLong() == 0
                        ? 0
                        : 1);
        return json;
    }

    @ParameterizedTest
    @EnumSource(Product.class)
    void theKeysThatWereStoredAreThere(Product product) throws Exception {
        serving(product, address -> {
            JsonNode json = json(bench(
                    address,
                    "--keys",
                    "2000",
                    "--value-size",
                    "10-20,40k:0.05",
                    "--workload",
                    "D",
                    "--rate",
                    "4000",
                    "--key-prefix",
                    "mine:",
                    "--json"));
            assertTrue(
                    json.get("server").asText().contains(product == Product.REDIS ? "redis 7" : "penstock"),
                    json.toString());
            assertEquals(2000, json.get("fill").get("keys").asLong());
            assertEquals(1200, json.get("offered").asLong());
            assertEquals(0, json.get("missing").asLong());
            assertEquals(0, json.get("errors").asLong());
            assertEquals(1200, json.get("latencyMillis").get("all").get("count").asLong());
            try (Jedis client = new Jedis(HostAndPort.from(address))) {
                // The warm-up's 200 requests insert keys too.
                long inserted = client.dbSize() - 2000;
                assertTrue(
                        inserted
                                >= json.get("latencyMillis")
                                        .get("insert")
                                        .get("count")
                                        .asLong(),
                        inserted + " inserted");
                assertTrue(inserted < 200, inserted + " inserted");
                assertTrue(client.exists("mine:0000000000000") && client.exists("mine:0000000001999"));
                long length = client.strlen("mine:0000000000007");
                assertTrue(length >= 10 && length <= 20 || length == 40 << 10, "a value of " + length);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Product.class)
    void thePeoplesReportSaysWhatWasDone(Product product) throws Exception {
        serving(product, address -> {
            Cli.Result result = bench(
                    address,
                    "--keys",
                    "500",
                    "--workload",
                    "F",
                    "--rate",
                    "max",
                    "--connections",
                    "3",
                    "--pipeline",
                    "4",
                    "--value-size",
                    "100:9,100k:1");
            for (String wanted : new String[] {
                "server     " + address,
                "keys       500 of 'bench:', values of 100:9,100k:1 bytes",
                "fill       500 keys",
                "workload   F: 50 % read, 50 % read-modify-write; zipfian",
                "3 connections, at most 4 unanswered on each; 1 thread",
                "latency in ms",
                "p99.99",
                "read ",
                "read-modify-write ",
                "all ",
                "seed  ",
                "generator  busy ",
                "verdict    the "
            }) {
                assertTrue(result.out().contains(wanted), wanted + " is not in\n" + result.out());
            }
            assertTrue(
                    result.lines().stream().allMatch(line -> line.length() <= 120 || line.startsWith("verdict")),
                    result.out());
        });
    }

    @Test
    void theHdrLogHoldsEveryLatency() throws Exception {
        Path log = folder.resolve("latencies.hlog");
        serving(Product.PENSTOCK, address -> {
            JsonNode json = json(bench(
                    1.3,
                    address,
                    "--keys",
                    "500",
                    "--workload",
                    "A",
                    "--rate",
                    "2000",
                    "--json",
                    "--hdr-log",
                    log.toString()));
            Histogram all = new Histogram(3);
            Set<String> tags = new TreeSet<>();
            try (HistogramLogReader reader = new HistogramLogReader(log.toFile())) {
                for (EncodableHistogram read = reader.nextIntervalHistogram();
                        read != null;
                        read = reader.nextIntervalHistogram()) {
                    all.add((Histogram) read);
                    tags.add(read.getTag());
                }
            }
            tags.remove("not-sent");
            assertEquals(Set.of("read", "update"), tags);
            assertEquals(json.get("latencyMillis").get("all").get("count").asLong(), all.getTotalCount());
            assertEquals(
                    json.get("latencyMillis").get("all").get("p99").asDouble(),
                    all.getValueAtPercentile(99) / 1e6,
                    0.01 * all.getValueAtPercentile(99) / 1e6);
        });
    }

    @Test
    void theSameSeedStoresTheSameValues() throws Exception {
        List<Long> lengths = new ArrayList<>();
        for (String prefix : new String[] {"a:", "b:"}) {
            serving(Product.PENSTOCK, address -> {
                bench(
                                address,
                                "--fill-only",
                                "--keys",
                                "300",
                                "--value-size",
                                "0-1000",
                                "--seed",
                                "42",
                                "--connections",
                                "1",
                                "--key-prefix",
                                prefix)
                        .exits(0);
                try (Jedis client = new Jedis(HostAndPort.from(address))) {
                    for (int i = 0; i < 300; i++) {
                        lengths.add(client.strlen(prefix + "%013d".formatted(i)));
                    }
                }
            });
        }
        assertEquals(lengths.subList(0, 300), lengths.subList(300, 600));
    }

    @Test
    void whatWasFilledBeforeIsMeasuredWithoutAFill() throws Exception {
        serving(Product.PENSTOCK, address -> {
            JsonNode filled = bench(address, "--fill-only", "--keys", "300", "--json")
                    .exits(0)
                    .json();
            assertFalse(filled.has("latencyMillis"), filled.toString());
            JsonNode json = json(bench(
                    address, "--skip-fill", "--keys", "300", "--workload", "C", "--distribution", "uniform", "--json"));
            assertEquals("uniform", json.get("distribution").asText());
            assertFalse(json.has("fill"));
            assertEquals(0, json.get("missing").asLong());
            JsonNode none = json(bench(address, "--skip-fill", "--key-prefix", "none:", "--workload", "C", "--json"));
            assertEquals(none.get("answered").asLong(), none.get("missing").asLong());
        });
    }

    @Test
    void thePasswordComesFromAFileAsAUserOrTheDefaultOne() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "secret\n");
        Path users =
                Files.writeString(folder.resolve("users"), "user default off\nuser bob on >secret ~bench:* +@all\n");
        serving(ServerOptions.defaults().withPassword("secret"), address -> {
            Cli.Result none = bench(address, "--keys", "10").exits(ExitCode.IO);
            assertEquals(
                    "penstock: " + address + ": the server refused: NOAUTH Authentication required.", none.complaint());
            json(bench(address, "--keys", "10", "--password-file", password.toString(), "--json"));
            Path wrong = Files.writeString(folder.resolve("wrong"), "guess");
            Cli.Result refused = bench(address, "--keys", "10", "--password-file", wrong.toString())
                    .exits(ExitCode.IO);
            assertTrue(refused.complaint().contains("the server refused: WRONGPASS"), refused.err());
        });
        serving(ServerOptions.defaults().withUsersFile(users), address -> {
            json(bench(address, "--keys", "10", "--user", "bob", "--password-file", password.toString(), "--json"));
            Cli.Result foreign = bench(
                            address,
                            "--keys",
                            "10",
                            "--user",
                            "bob",
                            "--password-file",
                            password.toString(),
                            "--key-prefix",
                            "other:")
                    .exits(ExitCode.IO);
            assertTrue(foreign.complaint().contains("NOPERM"), foreign.err());
        });
    }

    @Test
    void tlsIsSpokenAndTheCertificateChecked() throws Exception {
        TlsFiles files = TlsFiles.make(folder);
        ServerOptions options =
                ServerOptions.defaults().withTls(new ServerOptions.Tls(0, files.certificate(), files.key()));
        try (Store store = Store.open(folder.resolve("store"));
                PenstockServer server = PenstockServer.start(store, options.withPort(0))) {
            String port = ":" + server.tlsPort().getAsInt();
            String authority = files.certificate().toString();
            JsonNode json = json(bench(
                    "localhost" + port,
                    "--tls",
                    "--cacert",
                    authority,
                    "--keys",
                    "200",
                    "--value-size",
                    "100,300k",
                    "--workload",
                    "A",
                    "--rate",
                    "500",
                    "--json"));
            assertEquals(0, json.get("missing").asLong() + json.get("errors").asLong());
            assertEquals(
                    150, json.get("answered").asLong() + json.get("notSent").asLong());
            Cli.Result unknown =
                    bench("localhost" + port, "--tls", "--keys", "10").exits(ExitCode.IO);
            assertTrue(unknown.complaint().contains("TLS failed"), unknown.err());
            Cli.Result name = bench("127.0.0.1" + port, "--tls", "--cacert", authority, "--keys", "10")
                    .exits(ExitCode.IO);
            assertTrue(name.complaint().contains("TLS failed"), name.err());
            json(bench("127.0.0.1" + port, "--tls", "--insecure", "--keys", "10", "--json"));
        }
    }

    @Test
    void aUnixSocketIsAnAddressToo() throws Exception {
        Path socket = folder.resolve("socket");
        serving(ServerOptions.defaults().withUnixSocket(socket), _ -> {
            JsonNode json = json(bench(socket.toString(), "--keys", "100", "--rate", "1000", "--json"));
            assertEquals(socket.toString(), json.get("address").asText());
            assertEquals(300, json.get("offered").asLong());
        });
    }

    @Test
    void errorsOfTheServerAreTheAnswerNo() throws Exception {
        try (StubServer server = new StubServer((words, _) -> switch (words.getFirst()) {
            case "GET" -> "-LOADING not yet\r\n";
            case "INFO" -> "-NOPERM no\r\n";
            default -> "+OK\r\n";
        })) {
            Cli.Result result = bench(server.address().toString(), "--keys", "10", "--rate", "1000")
                    .exits(ExitCode.NEGATIVE);
            assertTrue(result.out().contains("a server that does not report its name"), result.out());
            assertTrue(result.out().contains("not in the table; the first: LOADING not yet"), result.out());
        }
    }

    @Test
    void whatIsNoServerIsToldInOneLine() throws Exception {
        try (StubServer server = new StubServer((_, _) -> "HTTP/1.1 400 Bad Request\r\n\r\n")) {
            Cli.Result result = bench(server.address().toString()).exits(ExitCode.IO);
            assertEquals(
                    "penstock: " + server.address() + ": this is no Redis server: its reply begins with byte 72",
                    result.complaint());
        }
        StubServer closed = new StubServer(StubServer::usual);
        closed.close();
        Cli.Result refused = bench(closed.address().toString()).exits(ExitCode.IO);
        assertEquals("penstock: " + closed.address() + ": cannot connect: Connection refused", refused.complaint());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nowhere",
                "host:",
                "host:0",
                "host:65536",
                "::1:6380",
                "h:1 --rate 0",
                "h:1 --rate -5",
                "h:1 --rate fast",
                "h:1 --workload E",
                "h:1 --keys 0",
                "h:1 --value-size 10-5",
                "h:1 --connections 0",
                "h:1 --connections 50000 --pipeline 50000",
                "h:1 --threads 3 --connections 2",
                "h:1 --duration 0",
                "h:1 --duration NaN",
                "h:1 --duration 1e300",
                "h:1 --warm-up -1",
                "h:1 --skip-fill --fill-only",
                "h:1 --distribution pareto",
                "h:1 --key-prefix \u00e9",
                "h:1 --cacert x",
                "h:1 --user bob",
                "/tmp/socket --tls"
            })
    void whatMakesNoSenseIsRefusedBeforeAnythingIsSent(String line) {
        List<Object> arguments = new ArrayList<>(List.of("bench"));
        arguments.addAll(Arrays.asList(line.split(" ", -1)));
        Cli.Result result = Cli.run(arguments.toArray()).exits(ExitCode.USAGE);
        assertEquals("", result.out());
        assertTrue(result.complaint().startsWith("penstock: "), result.err());
    }
}
