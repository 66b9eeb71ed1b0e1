package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** get, put, del and scan. */
class EntryCommandsTest {

    @TempDir
    Path folder;

    private Path store() {
        return folder.resolve("store");
    }

    @Test
    void whatIsPutIsGotByteForByte() {
        Cli.Result put = Cli.run("put", store(), "greeting", "héllo").exits(0);
        assertEquals("", put.out() + put.err());
        assertArrayEquals(
                "héllo".getBytes(UTF_8),
                Cli.run("get", store(), "greeting").exits(0).output().bytes());
    }

    @Test
    void anEmptyValueIsAValue() {
        Cli.run("put", store(), "empty", "").exits(0);
        assertEquals("", Cli.run("get", store(), "empty").exits(0).out());
    }

    @Test
    void anAbsentKeyIsOneLineAndExits1() {
        Cli.run("put", store(), "a", "1").exits(0);
        Cli.Result get = Cli.run("get", store(), "b\n").exits(1);
        assertEquals("penstock: no such key: 'b\\n'", get.complaint());
        assertEquals(
                "penstock: no such key: ''",
                Cli.run("get", store(), "").exits(1).complaint());
        assertEquals("", get.out());
    }

    /** On both sides of the length from which a value is streamed. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 20 << 20})
    void valuesOfAnyLengthFromStandardInputAndFromAFile(int length) throws Exception {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        Path file = Files.write(folder.resolve("value"), value);
        Cli.runWithInput(value, "put", store(), "stdin").exits(0);
        Cli.run("put", store(), "file", "--file", file).exits(0);
        assertArrayEquals(
                value, Cli.run("get", store(), "stdin").exits(0).output().bytes());
        assertArrayEquals(
                value, Cli.run("get", store(), "file").exits(0).output().bytes());
        JsonNode json = Cli.run("get", store(), "file", "--json").exits(0).json();
        assertEquals(length, json.get("length").asLong());
        assertEquals("file", json.get("key").asText());
        assertTrue(json.get("sequence").asLong() > 0);
        assertFalse(json.has("value"));
    }

    @Test
    void keysInHexadecimal() throws Exception {
        Cli.run("put", store(), "--hex", "00FF0a", "v").exits(0);
        assertEquals("v", Cli.run("get", store(), "00ff0A", "--hex").exits(0).out());
        assertEquals("00ff0a\n", Cli.run("scan", store(), "--hex").exits(0).out());
        assertEquals("\\x00\\xff\\n\n", Cli.run("scan", store()).exits(0).out());
        assertEquals(
                "AP8K",
                Cli.run("scan", store(), "--json").exits(0).json().get("key64").asText());
        for (String odd : new String[] {"abc", "0x", "é0"}) {
            assertEquals(
                    "penstock: '" + odd + "' is not a key in hexadecimal: each byte is two digits, 0-9 and a-f",
                    Cli.run("get", store(), "--hex", odd).exits(2).complaint());
        }
        assertEquals("1\n", Cli.run("del", store(), "--hex", "00ff0a").exits(0).out());
    }

    @Test
    void keysThatLookLikeOptionsOrFilesOfArgumentsAreKeys() {
        Cli.run("put", store(), "@key", "@value").exits(0);
        assertEquals("@value", Cli.run("get", store(), "@key").exits(0).out());
        Cli.run("put", store(), "--", "-key", "-1").exits(0);
        assertEquals("-1", Cli.run("get", store(), "--", "-key").exits(0).out());
    }

    @Test
    void aKeyThatIsTooLongIsRefusedBeforeAnythingIsCreated() {
        Cli.Result put = Cli.run("put", store(), "k".repeat(Store.MAX_KEY_LENGTH + 1), "v")
                .exits(2);
        assertTrue(put.complaint().contains(Store.MAX_KEY_LENGTH + " is the most"), put.err());
        assertFalse(Files.exists(store()));
    }

    @Test
    void delPrintsHowManyThereWere() {
        Cli.run("put", store(), "a", "1").exits(0);
        Cli.run("put", store(), "b", "2").exits(0);
        assertEquals("1\n", Cli.run("del", store(), "a", "nope").exits(1).out());
        assertEquals("1\n", Cli.run("del", store(), "b").exits(0).out());
        assertEquals("0\n", Cli.run("del", store(), "b").exits(1).out());
        assertEquals("", Cli.run("scan", store()).exits(0).out());
    }

    @Test
    void twoSourcesOfAValueAreAUsageError() throws Exception {
        Path file = Files.writeString(folder.resolve("value"), "x");
        Cli.Result both = Cli.run("put", store(), "key", "v", "--file", file).exits(2);
        assertTrue(both.err().contains("give either VALUE or --file, not both"), both.err());
        assertFalse(Files.exists(store()), "nothing was created");
    }

    @Test
    void aFileThatIsNotThereIsOneLineAndCreatesNothing() {
        Cli.Result missing = Cli.run("put", store(), "key", "--file", folder.resolve("no-such"))
                .exits(4);
        assertEquals("penstock: " + folder.resolve("no-such") + ": no such file or directory", missing.complaint());
        Cli.Result directory = Cli.run("put", store(), "key", "--file", folder).exits(4);
        assertTrue(directory.complaint().endsWith(": is a directory"), directory.err());
        assertFalse(Files.exists(store()));
    }

    @Test
    void aPathThatDoesNotExistIsNotMade() throws Exception {
        Path mistyped = folder.resolve("no-such/store");
        Path lines = Files.writeString(folder.resolve("f"), "{\"key\":\"a\",\"value\":\"1\"}\n");
        for (Cli.Result refused :
                new Cli.Result[] {Cli.run("put", mistyped, "key", "value"), Cli.run("load", mistyped, lines)}) {
            refused.exits(ExitCode.STORE);
            assertTrue(
                    refused.complaint()
                            .startsWith("penstock: " + mistyped.getParent() + ": no such directory; create the parent"),
                    refused.err());
        }
        assertFalse(Files.exists(mistyped.getParent()));
    }

    @Test
    void anEntryExpiresWhenPutSays() throws Exception {
        long before = System.currentTimeMillis();
        JsonNode in = Cli.run("put", store(), "in", "v", "--expires-in", "30m", "--json")
                .exits(0)
                .json();
        long expires = in.get("expires").asLong();
        assertTrue(expires >= before + 1_800_000 && expires <= System.currentTimeMillis() + 1_800_001, in.toString());
        JsonNode at = Cli.run("put", store(), "at", "v", "--expires-at", "2100-01-31T12:00:00Z", "--json")
                .exits(0)
                .json();
        assertEquals(
                Instant.parse("2100-01-31T12:00:00Z").toEpochMilli(),
                at.get("expires").asLong());
        JsonNode millis = Cli.runWithInput(
                        new byte[3 << 20], "put", store(), "large", "--expires-at", "4105080000000", "--json")
                .exits(0)
                .json();
        assertEquals(4_105_080_000_000L, millis.get("expires").asLong());
        Cli.run("put", store(), "soon", "v", "--expires-in", "1ms").exits(0);
        long written = System.currentTimeMillis();
        while (System.currentTimeMillis() <= written + 1) {
            Thread.onSpinWait();
        }
        Cli.run("get", store(), "soon").exits(1);
        Cli.run("put", store(), "in", "v").exits(0);
        assertFalse(Cli.run("get", store(), "in", "--json").exits(0).json().has("expires"));
    }

    @Test
    void anExpiryThatMakesNoSenseIsRefusedBeforeAnythingIsCreated() {
        for (String[] options : new String[][] {
            {"--expires-in", "10"},
            {"--expires-in", "0s"},
            {"--expires-in", "-1s"},
            {"--expires-in", "1w"},
            {"--expires-at", "tomorrow"},
            {"--expires-at", "2001-01-01T00:00:00Z"},
            {"--expires-in", "9999999d"},
            {"--expires-in", "999999999999d"},
            {"--expires-at", "+10000-01-01T00:00:00Z"},
            {"--expires-at", "999999999999999999"},
            {"--expires-at", "0"},
            {"--expires-at=4105080000000", "--expires-in=1s"}
        }) {
            Cli.Result refused =
                    Cli.run("put", store(), "key", "v", options[0], options[1]).exits(2);
            assertTrue(refused.complaint().contains("--expires-"), refused.err());
            assertFalse(Files.exists(store()));
        }
        assertTrue(Cli.run("put", store(), "key", "v", "--ttl", "10")
                .exits(2)
                .complaint()
                .startsWith("penstock: unknown option '--ttl'; did you mean '--expires-in'? ("));
    }

    /** A script sees what was stored under which sequence, in the form of get and scan. */
    @Test
    void putAndDelSayAsJsonWhatTheyDid() throws Exception {
        Cli.Result put = Cli.run("put", store(), "key", "value", "--json").exits(0);
        assertEquals(
                put.out(), Cli.run("get", store(), "key", "--json").exits(0).out());
        assertEquals(5, put.json().get("length").asLong());
        Cli.Result large = Cli.runWithInput(new byte[3 << 20], "put", store(), "large", "--json")
                .exits(0);
        assertEquals(3 << 20, large.json().get("length").asLong());
        JsonNode removed =
                Cli.run("del", store(), "key", "absent", "--json").exits(1).json();
        assertEquals(1, removed.get("removed").asLong());
        assertEquals(1, removed.get("absent").asLong());
        assertEquals(
                "{\"removed\":1,\"absent\":0}\n",
                Cli.run("del", store(), "large", "--json").exits(0).out());
    }

    @Test
    void scanSelectsByPrefixGlobAndNumber() {
        for (String key : new String[] {"lib/a.so", "lib/b.so", "lib/c.jar", "bin/java"}) {
            Cli.run("put", store(), key, key + "!").exits(0);
        }
        assertEquals(Set.of("lib/a.so", "lib/b.so", "lib/c.jar", "bin/java"), scan());
        assertEquals(Set.of("lib/a.so", "lib/b.so", "lib/c.jar"), scan("--prefix", "lib/"));
        assertEquals(Set.of("lib/a.so", "lib/b.so"), scan("--match", "*.so"));
        assertEquals(Set.of("lib/a.so"), scan("--prefix", "lib", "--match", "*[ax].??"));
        assertEquals(2, scan("--limit", "2").size());
        assertEquals(Set.of(), scan("--limit", "0"));
        assertEquals(Set.of("bin/java\tbin/java!"), scan("--values", "--prefix", "bin"));
    }

    /** More keys than one step of the scan takes; each is printed once. */
    @Test
    void scanPrintsEachOfManyKeysOnce() {
        try (Store store = Store.open(store())) {
            for (int i = 0; i < 25_000; i++) {
                store.put(("key" + i).getBytes(UTF_8), new byte[0]);
            }
        }
        Cli.Result scan = Cli.run("scan", store()).exits(0);
        assertEquals(25_000, scan.lines().size());
        assertEquals(25_000, new TreeSet<>(scan.lines()).size());
    }

    @Test
    void looksBesideAProcessThatOwnsTheStoreAndDoesNotWrite() {
        try (Store owner = Store.open(store())) {
            owner.put("a".getBytes(UTF_8), "1".getBytes(UTF_8));
            assertEquals("1", Cli.run("get", store(), "a").exits(0).out());
            assertEquals("a\n", Cli.run("scan", store()).exits(0).out());
            for (Cli.Result refused : new Cli.Result[] {
                Cli.run("put", store(), "a", "2"), Cli.run("del", store(), "a"), Cli.run("compact", store())
            }) {
                refused.exits(3);
                assertTrue(refused.complaint().contains(store().toString()), refused.err());
            }
            assertEquals("1", new String(owner.getBytes("a".getBytes(UTF_8)), UTF_8));
        }
    }

    private Set<String> scan(Object... options) {
        Object[] words = new Object[options.length + 2];
        words[0] = "scan";
        words[1] = store();
        System.arraycopy(options, 0, words, 2, options.length);
        return new TreeSet<>(Cli.run(words).exits(0).lines());
    }
}
