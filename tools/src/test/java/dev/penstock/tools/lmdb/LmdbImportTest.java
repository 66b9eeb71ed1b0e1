package dev.penstock.tools.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lmdbjava.ByteArrayProxy;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;

class LmdbImportTest {

    private static final int MAP_LENGTH = 64 << 20;

    @TempDir
    Path folder;

    private Path environment;
    private final Map<String, byte[]> entries = new TreeMap<>();

    /** Any bytes, long values, some of 48 bytes that are no databases, and two named databases. */
    @BeforeEach
    void fill() throws Exception {
        environment = Files.createDirectory(folder.resolve("lmdb"));
        Random random = new Random(3);
        try (Env<byte[]> env = Env.create(ByteArrayProxy.PROXY_BA)
                .setMapSize(MAP_LENGTH)
                .setMaxDbs(3)
                .open(environment.toFile())) {
            Dbi<byte[]> main = env.openDbi((byte[]) null);
            for (int i = 0; i < 500; i++) {
                byte[] key = new byte[1 + random.nextInt(40)];
                byte[] value = new byte[i == 7 ? 3 << 20 : i % 10 == 0 ? 48 : random.nextInt(5000)];
                random.nextBytes(key);
                random.nextBytes(value);
                entries.put(HexFormat.of().formatHex(key), value);
                main.put(key, value);
            }
            Dbi<byte[]> named = env.openDbi("films", DbiFlags.MDB_CREATE);
            named.put("greeting".getBytes(UTF_8), "hello".getBytes(UTF_8));
            Dbi<byte[]> several = env.openDbi("several", DbiFlags.MDB_CREATE, DbiFlags.MDB_DUPSORT);
            several.put("a".getBytes(UTF_8), "1".getBytes(UTF_8));
            several.put("a".getBytes(UTF_8), "2".getBytes(UTF_8));
        }
    }

    @Test
    void theMainDatabaseAndANamedOneAreRead() throws Exception {
        Path store = folder.resolve("store");
        Cli.Result imported = Cli.run("import", store, environment, "--json").exits(ExitCode.NEGATIVE);
        assertFalse(imported.err().contains("entry "), imported.err());
        assertEquals(entries.size(), imported.json().get("entries").asLong());
        assertEquals("{\"named database\":2}", imported.json().get("skipped").toString());
        assertEquals(
                "penstock: skipped named database 'films'\npenstock: skipped named database 'several'\n",
                imported.err());
        try (Store open = Store.open(store)) {
            assertEquals(entries.size(), open.count());
            entries.forEach((key, value) ->
                    assertArrayEquals(value, open.getBytes(HexFormat.of().parseHex(key)), key));
        }
        Path films = folder.resolve("films");
        Cli.run("import", films, environment.resolve("data.mdb"), "--db", "films")
                .exits(0);
        assertEquals("hello", Cli.run("get", films, "greeting").exits(0).out());
    }

    @Test
    void whatCannotBeReadIsRefusedInOneLine() throws Exception {
        Path store = folder.resolve("store");
        Cli.Result several =
                Cli.run("import", store, environment, "--db", "several").exits(ExitCode.NEGATIVE);
        assertTrue(several.complaint().contains("several values for a key"), several.err());
        Cli.Result missing =
                Cli.run("import", store, environment, "--db", "none").exits(ExitCode.NEGATIVE);
        assertTrue(missing.complaint().contains("LMDB's library refuses: "), missing.err());
        Path text = Files.writeString(folder.resolve("text.mdb"), "this is no environment of LMDB");
        Cli.Result none = Cli.run("import", store, text).exits(ExitCode.IO);
        assertTrue(none.complaint().contains("is no file of LMDB"), none.err());
        assertFalse(Files.exists(store));
    }

    /** The library maps the file and trusts it: it crashes, in a process that nobody misses. */
    @Test
    void aFileThatIsCutIsDamageAndNoCrash() throws Exception {
        Path store = folder.resolve("store");
        try (RandomAccessFile data =
                new RandomAccessFile(environment.resolve("data.mdb").toFile(), "rw")) {
            data.setLength(3 * 4096);
        }
        Cli.Result cut = Cli.run("import", store, environment).exits(ExitCode.NEGATIVE);
        assertTrue(
                cut.complaint().matches(".*lmdb, entry [0-9]+: (the file is damaged|LMDB's library refuses).*"),
                cut.err());
        assertFalse(Files.exists(store));
    }
}
