package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.store.Entry;
import dev.penstock.store.EntryWalk;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import dev.penstock.tools.Cli;
import dev.penstock.tools.load.EntrySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.lmdbjava.ByteArrayProxy;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;

/** Whatever bytes keys and values are, and whenever they expire: what comes back from a file is the same. */
@Tag("slow")
public class EntryRoundTripTest {

    private static final int TRIES = 15;

    /** Each starts two processes. */
    private static final int LMDB_TRIES = 5;

    private static final int MAX_LMDB_KEY_LENGTH = 511;
    private static final int LMDB_MAP_LENGTH = 256 << 20;

    /** From this length on, values are written in pieces, and in base64 alone. */
    private static final int PIECES = 1 << 20;

    private Path folder;
    private Path store;

    /** An entry before it is stored. */
    static final class Sample {

        private final byte[] key;
        private final byte[] value;
        private final long expiryMillis;

        Sample(byte[] key, byte[] value, long expiryMillis) {
            this.key = key;
            this.value = value;
            this.expiryMillis = expiryMillis;
        }

        @Override
        public String toString() {
            String shown = value.length > 500
                    ? value.length + " bytes"
                    : HexFormat.of().formatHex(value);
            return HexFormat.of().formatHex(key) + "=" + shown + " until " + expiryMillis;
        }
    }

    @BeforeTry
    void begin() throws IOException {
        folder = Files.createTempDirectory("penstock-round-trip-");
        store = folder.resolve("store");
    }

    @AfterTry
    void end() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = TRIES)
    void fromJsonLines(@ForAll("samples") List<Sample> samples) throws IOException {
        assertComesBack(samples, "jsonl");
    }

    @Property(tries = TRIES)
    void fromJsonLinesInGzip(@ForAll("samples") List<Sample> samples) throws IOException {
        assertComesBack(samples, "jsonl.gz");
    }

    @Property(tries = TRIES)
    void fromJsonLinesInZstd(@ForAll("samples") List<Sample> samples) throws IOException {
        assertComesBack(samples, "jsonl.zst");
    }

    @Property(tries = TRIES)
    void fromCsv(@ForAll("samples") List<Sample> samples) throws IOException {
        assertComesBack(samples, "csv");
    }

    @Property(tries = TRIES)
    void fromCsvInZstd(@ForAll("samples") List<Sample> samples) throws IOException {
        assertComesBack(samples, "csv.zst");
    }

    @Property(tries = TRIES)
    void fromRdb(@ForAll("samples") List<Sample> samples) throws IOException {
        assertComesBack(samples, "rdb");
    }

    @Property(tries = TRIES)
    void fromRdbInGzip(@ForAll("samples") List<Sample> samples) throws IOException {
        assertComesBack(samples, "rdb.gz");
    }

    @Property(tries = TRIES)
    void scanPrintsWhatExportWritesAndLoadReads(@ForAll("samples") List<Sample> samples) throws IOException {
        fill(samples);
        byte[] scanned =
                Cli.run("scan", store, "--json", "--values").exits(0).output().bytes();
        byte[] exported = Cli.run("export", store, "-", "--format", "jsonl")
                .exits(0)
                .output()
                .bytes();
        assertArrayEquals(lines(scanned), lines(exported));
        Path copy = folder.resolve("copy");
        Cli.runWithInput(exported, "load", copy, "-").exits(0);
        if (Files.exists(copy)) {
            assertEquals(expected(samples), entries(copy));
        }
    }

    /** There is no expiry in LMDB, no empty key and no long one. */
    @Property(tries = LMDB_TRIES)
    void fromLmdb(@ForAll("samples") List<Sample> samples) throws IOException {
        List<Sample> fitting = samples.stream()
                .filter(sample -> sample.key.length > 0 && sample.key.length <= MAX_LMDB_KEY_LENGTH)
                .map(sample -> new Sample(sample.key, sample.value, EntrySource.NO_EXPIRY))
                .toList();
        Path environment = Files.createDirectory(folder.resolve("lmdb"));
        try (Env<byte[]> env =
                Env.create(ByteArrayProxy.PROXY_BA).setMapSize(LMDB_MAP_LENGTH).open(environment.toFile())) {
            Dbi<byte[]> main = env.openDbi((byte[]) null);
            fitting.forEach(sample -> main.put(sample.key, sample.value));
        }
        Cli.run("import", store, environment).exits(0);
        assertEquals(expected(fitting), entries(store));
    }

    private void assertComesBack(List<Sample> samples, String extension) throws IOException {
        fill(samples);
        Path file = folder.resolve("entries." + extension);
        Cli.Result export = Cli.run("export", store, file, "--json").exits(0);
        assertEquals(Files.size(file), export.json().get("fileBytes").asLong());
        Path copy = folder.resolve("copy");
        Cli.run("import", copy, file).exits(0);
        assertEquals(expected(samples), entries(copy));
    }

    private void fill(List<Sample> samples) {
        try (Store open = Store.open(store)) {
            for (Sample sample : samples) {
                WriteOptions options = sample.expiryMillis == EntrySource.NO_EXPIRY
                        ? WriteOptions.defaults()
                        : WriteOptions.defaults().expiresAt(Instant.ofEpochMilli(sample.expiryMillis));
                open.put(sample.key, sample.value, options);
            }
        }
    }

    private static String[] lines(byte[] text) {
        return new String(text, UTF_8).lines().sorted().toArray(String[]::new);
    }

    private static Map<String, List<Object>> expected(List<Sample> samples) {
        Map<String, List<Object>> expected = new TreeMap<>();
        samples.forEach(sample -> add(expected, sample.key, sample.value, sample.expiryMillis));
        return expected;
    }

    /** All of a store, by its keys in hexadecimal. */
    private static Map<String, List<Object>> entries(Path directory) {
        Map<String, List<Object>> entries = new TreeMap<>();
        if (Files.exists(directory)) {
            try (Store open = Store.open(directory);
                    EntryWalk walk = open.entries()) {
                for (Entry entry : walk) {
                    Instant expiry = entry.value().expiry();
                    long expiryMillis = expiry == null ? EntrySource.NO_EXPIRY : expiry.toEpochMilli();
                    add(entries, entry.key(), entry.value().toByteArray(), expiryMillis);
                }
            }
        }
        return entries;
    }

    private static void add(Map<String, List<Object>> entries, byte[] key, byte[] value, long expiryMillis) {
        entries.put(HexFormat.of().formatHex(key), List.of(value.length, Arrays.hashCode(value), expiryMillis));
    }

    @Provide
    Arbitrary<List<Sample>> samples() {
        return Combinators.combine(keys(), values(), expiries())
                .as(Sample::new)
                .list()
                .ofMaxSize(40);
    }

    /** Any bytes, any text, and text of what the formats escape. */
    private static Arbitrary<byte[]> bytes(int maxLength) {
        return Arbitraries.oneOf(
                Arbitraries.bytes().array(byte[].class).ofMaxSize(maxLength),
                Arbitraries.strings().ofMaxLength(maxLength / 4).map(text -> text.getBytes(UTF_8)),
                Arbitraries.strings()
                        .withChars("\",\\\r\n\t{}[]:;'/=\0\u007f\ufeff a1")
                        .ofMaxLength(maxLength / 4)
                        .map(text -> text.getBytes(UTF_8)));
    }

    private static Arbitrary<byte[]> keys() {
        return Arbitraries.frequencyOf(
                Tuple.of(40, bytes(40)), Tuple.of(1, Arbitraries.just(new byte[Store.MAX_KEY_LENGTH])));
    }

    private static Arbitrary<byte[]> values() {
        return Arbitraries.frequencyOf(
                Tuple.of(150, bytes(300)),
                Tuple.of(
                        1,
                        Arbitraries.integers().between(PIECES - 2, PIECES + 2).map(EntryRoundTripTest::anyBytes)),
                Tuple.of(
                        1,
                        Arbitraries.integers()
                                .between(PIECES - 2, PIECES + 2)
                                .map(length -> "x".repeat(length).getBytes(UTF_8))));
    }

    private static byte[] anyBytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Never, within a hundred years, and at the end of time. What expires during a try would be no round trip. */
    private static Arbitrary<Long> expiries() {
        long now = System.currentTimeMillis();
        return Arbitraries.oneOf(
                Arbitraries.just(EntrySource.NO_EXPIRY),
                Arbitraries.longs().between(now + 3_600_000, now + 100L * 365 * 86_400_000),
                Arbitraries.just(Long.MAX_VALUE));
    }
}
