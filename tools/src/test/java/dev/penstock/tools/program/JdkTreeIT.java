package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.command.FilesCommandsTest;
import dev.penstock.tools.load.Tree;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/**
 * The whole path on real input: the JDK that runs the build, from empty files to one of more than 100 MB, goes in by
 * {@code penstock load} and must come out of every door with the SHA-256 it went in with.
 */
public class JdkTreeIT {

    private static final Path JDK = Path.of(System.getProperty("java.home"));

    /** What every door must give: key to SHA-256. */
    private static final Map<String, String> EXPECTED = new TreeMap<>();

    private static final Map<String, Long> LENGTHS = new TreeMap<>();

    private Path folder;
    private Path directory;

    @BeforeAll
    static void digestTheTree() throws IOException {
        Path root = JDK.toRealPath();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                if (Files.isRegularFile(path) && path.toRealPath().startsWith(root)) {
                    String key = root.relativize(path).toString();
                    EXPECTED.put(key, sha256(path));
                    LENGTHS.put(key, Files.size(path));
                }
            }
        }
        assertTrue(EXPECTED.size() > 100, "this is no JDK: " + JDK);
    }

    @BeforeEach
    void freshFolder() throws IOException {
        folder = Files.createTempDirectory(Files.createDirectories(Path.of("target", "jdk-tree")), "it-");
        directory = folder.resolve("store");
    }

    @AfterEach
    void deleteFolder() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void everyFileIsReadBackEmbeddedAndAfterAReopenAndVerifyFindsNothing() throws Exception {
        load();
        try (Store store = Store.open(directory)) {
            assertHolds(store, EXPECTED);
        }
        try (Store store = Store.open(directory, StoreOptions.defaults().withVerifyOnRead(true))) {
            assertHolds(store, EXPECTED);
        }
        Cli.Result verify = Cli.run("verify", directory, "--json").exits(0);
        assertTrue(verify.json().get("sound").asBoolean(), verify.out());
        assertEquals(0, verify.json().get("findings").size(), verify.out());
        assertTrue(verify.json().get("recordCount").asLong() >= EXPECTED.size(), verify.out());

        Cli.Result inspect = Cli.run("inspect", directory, "--json").exits(0);
        assertEquals(EXPECTED.size(), inspect.json().get("keyCount").asLong());
        FilesCommandsTest.assertTotalBytes(directory, inspect.json());
    }

    /** One bit in every file of the store, somewhere in its middle: that file and a place before the bit are named. */
    @Test
    void verifyFindsABitThatWasFlipped() throws Exception {
        load();
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        Random random = new Random(seed);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(file -> file.toFile().length() > (1 << 20)).toList()) {
                String name = file.getFileName().toString();
                // Values are nearly all there is, so that nearly every bit is one of them; the rest is tried elsewhere.
                long offset = name.endsWith(".value")
                        ? 4_096 + random.nextLong(file.toFile().length() - 8_192)
                        : offsetInAValue(file);
                flip(file, offset);
                Cli.Result verify = Cli.run("verify", directory, "--json").exits(ExitCode.NEGATIVE);
                assertEquals(1, verify.json().get("findings").size(), verify.out() + " seed " + seed);
                JsonNode finding = verify.json().get("findings").get(0);
                assertEquals(name, finding.get("file").asText());
                assertTrue(finding.get("offset").asLong() <= offset, finding + ", the bit is at " + offset);
                flip(file, offset);
            }
        }
        Cli.run("verify", directory).exits(ExitCode.OK);
    }

    /** A byte of the JDK's own release file, which names its version. */
    private static long offsetInAValue(Path log) throws IOException {
        String text = new String(Files.readAllBytes(log), ISO_8859_1);
        int offset = text.indexOf("JAVA_VERSION=");
        assertTrue(offset > 0, "the release file is not in " + log);
        return offset;
    }

    private static void flip(Path file, long offset) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(offset);
            int old = access.read();
            access.seek(offset);
            access.write(old ^ 0x10);
        }
    }

    @Test
    void everyFileIsReadBackOverTcp() throws Exception {
        load();
        try (Child server = Child.start("serve", directory, "--port", "0")) {
            HostAndPort address = ServeCommandIT.address(server.readLine());
            try (Jedis client = new Jedis(
                    address,
                    DefaultJedisClientConfig.builder()
                            .socketTimeoutMillis(60_000)
                            .build())) {
                assertEquals(EXPECTED.size(), client.dbSize());
                assertAll(EXPECTED.keySet(), key -> sha256(client.get(key.getBytes(UTF_8))));
            }
            assertEquals(Child.SIGTERMED, server.terminate(), server.errors());
        }
        try (Store store = Store.open(directory)) {
            assertHolds(store, EXPECTED);
        }
    }

    /**
     * The moment of each kill is drawn at random, but for the first: it falls into the largest file, half streamed.
     */
    @Test
    void everyAcknowledgedFileSurvivesSigkillOfTheLoad() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        String replay = "replay with -Dpenstock.seed=" + seed;
        System.out.println("JdkTreeIT: " + replay);
        Random random = new Random(seed);
        List<String> order = List.copyOf(EXPECTED.keySet());
        int largest = order.indexOf(LENGTHS.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey());
        int killedInMidLoad = 0;
        int[] moments = {largest, 1 + random.nextInt(largest), 1 + random.nextInt(order.size() - 1)};
        for (int moment : moments) {
            Path acks = folder.resolve("acks-" + killedInMidLoad);
            Files.deleteIfExists(acks);
            try (Child load = Child.start("load", directory, JDK, "--ack-log", acks)) {
                load.awaitLines(acks, moment);
                if (load.kill() == Child.SIGKILLED) {
                    killedInMidLoad++;
                }
            }
            Set<String> acknowledged = new HashSet<>(Child.completeLines(acks));
            assertTrue(acknowledged.size() >= Math.min(moment, order.size()), replay);
            try (Store store = Store.open(directory)) {
                for (String key : acknowledged) {
                    assertEquals(EXPECTED.get(key), sha256(store, key), () -> key + ": " + replay);
                }
                // What was not acknowledged may be there, but only whole.
                store.forEach(
                        (key, value) -> assertEquals(EXPECTED.get(new String(key, UTF_8)), sha256(value), replay));
            }
            Cli.run("verify", directory).exits(0);
        }
        assertTrue(killedInMidLoad > 0, "every load had ended before it was killed; " + replay);
        load();
        try (Store store = Store.open(directory)) {
            assertHolds(store, EXPECTED);
        }
    }

    @Test
    void deletingHalfAndCompactingShrinksTheDirectoryToWhatIsLive() throws Exception {
        load();
        List<String> keys = List.copyOf(EXPECTED.keySet());
        Map<String, String> kept = new TreeMap<>();
        List<Object> del = new ArrayList<>(List.of("del", directory));
        for (int i = 0; i < keys.size(); i++) {
            if (i % 2 == 0) {
                del.add(keys.get(i));
            } else {
                kept.put(keys.get(i), EXPECTED.get(keys.get(i)));
            }
        }
        assertEquals(del.size() - 2 + "\n", Cli.run(del.toArray()).exits(0).out());

        Cli.Result compact = Cli.run("compact", directory, "--json").exits(0);
        assertTrue(compact.json().get("bytesAfter").asLong()
                < compact.json().get("bytesBefore").asLong());
        long live = kept.keySet().stream()
                .mapToLong(key -> LENGTHS.get(key) + key.getBytes(UTF_8).length)
                .sum();
        long onDisk = bytesOfFiles(directory);
        assertTrue(onDisk <= live + live / 10, () -> onDisk + " bytes of files for " + live + " live ones");

        Cli.run("verify", directory).exits(0);
        try (Store store = Store.open(directory)) {
            assertHolds(store, kept);
        }
    }

    /** Some JDKs have a link to the system's certificates, which is left out and told of. */
    private void load() throws IOException {
        int expected = Tree.walk(JDK).skips().isEmpty() ? ExitCode.OK : ExitCode.NEGATIVE;
        Cli.Result load = Cli.run("load", directory, JDK).exits(expected);
        assertTrue(load.out().startsWith(EXPECTED.size() + " entries, "), load.out());
    }

    private static void assertHolds(Store store, Map<String, String> expected) {
        assertEquals(expected.size(), store.count());
        assertAll(expected.keySet(), key -> sha256(store, key));
    }

    private static void assertAll(Set<String> keys, Function<String, String> read) {
        for (String key : keys) {
            assertEquals(EXPECTED.get(key), read.apply(key), key);
        }
    }

    public static long bytesOfFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static String sha256(Store store, String key) {
        try (ValueView value = store.get(key.getBytes(UTF_8))) {
            return value == null ? "absent" : sha256(value);
        }
    }

    private static String sha256(ValueView value) {
        MessageDigest digest = sha256();
        digest.update(value.segment().asByteBuffer());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
