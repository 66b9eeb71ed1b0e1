package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadCommandTest {

    @TempDir
    Path folder;

    private Path store() {
        return folder.resolve("store");
    }

    @Test
    void aTreeIsItsFilesUnderTheirPaths() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/sub/deeper"));
        byte[] large = new byte[3 << 20];
        new Random(1).nextBytes(large);
        Files.write(tree.resolve("large"), large);
        Files.writeString(folder.resolve("tree/empty"), "");
        Files.writeString(folder.resolve("tree/sub/naïve name"), "text");
        Files.createSymbolicLink(folder.resolve("tree/alias"), Path.of("sub/naïve name"));
        Path acks = folder.resolve("acks");
        Cli.Result load = Cli.run("load", store(), folder.resolve("tree"), "--json", "--ack-log", acks)
                .exits(0);
        assertEquals(4, load.json().get("entries").asLong());
        assertEquals(large.length + 8, load.json().get("bytes").asLong());
        assertEquals(0, load.json().get("skipped").asLong());
        assertEquals(0, load.json().get("rejected").asLong());
        assertTrue(load.json().get("seconds").asDouble() > 0);
        assertEquals("", load.err());

        assertEquals(List.of("alias", "empty", "sub/deeper/large", "sub/naïve name"), Files.readAllLines(acks));
        assertEquals("text", Cli.run("get", store(), "alias").exits(0).out());
        assertEquals("", Cli.run("get", store(), "empty").exits(0).out());
        assertArrayEquals(
                large,
                Cli.run("get", store(), "sub/deeper/large").exits(0).output().bytes());
    }

    @Test
    void whatATreeHoldsAndCannotBeAnEntryIsNamedCountedAndExits1() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("file"), "x");
        Files.createSymbolicLink(tree.resolve("out"), folder);
        Cli.Result load = Cli.run("load", store(), tree, "--json").exits(ExitCode.NEGATIVE);
        assertEquals(1, load.json().get("entries").asLong());
        assertEquals(1, load.json().get("skipped").asLong());
        assertTrue(load.complaint().contains("tree/out: a link that leads out of the tree"), load.err());
        assertEquals("x", Cli.run("get", store(), "file").exits(0).out());
    }

    /** Java itself cannot make a name that is not UTF-8. */
    @Test
    void aFileWhoseNameIsNoUtf8IsNamedCountedAndExits1() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        int touched = new ProcessBuilder("sh", "-c", "echo x > \"$0/$(printf 'a\\377b')\"", tree.toString())
                .inheritIO()
                .start()
                .waitFor();
        assertEquals(0, touched);
        Cli.Result load = Cli.run("load", store(), tree).exits(ExitCode.NEGATIVE);
        assertTrue(load.complaint().endsWith(": its name is not UTF-8"), load.err());
        assertTrue(load.out().startsWith("0 entries, "), load.out());
    }

    @Test
    void aStoreIsNoSource() throws Exception {
        Cli.run("put", store(), "a", "1").exits(0);
        Path other = folder.resolve("other");
        for (Path target : new Path[] {store(), other}) {
            Cli.Result load = Cli.run("load", target, store()).exits(ExitCode.USAGE);
            assertTrue(load.complaint().startsWith("penstock: " + store() + " is a store itself"), load.err());
        }
        Cli.Result around = Cli.run("load", other, folder).exits(ExitCode.USAGE);
        assertTrue(around.complaint().contains(other + " lies in the source " + folder), around.err());
        assertFalse(Files.exists(other), "a store was created");
        assertEquals("a\n", Cli.run("scan", store()).exits(0).out());
    }

    @Test
    void linesFromAFileAndFromStandardInput() throws Exception {
        String lines = "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b\",\"value64\":\"AP8=\"}\n";
        Path file = Files.writeString(folder.resolve("entries.jsonl"), lines);
        Cli.Result load = Cli.run("load", store(), file).exits(0);
        assertTrue(load.out().startsWith("2 entries, 3 B in "), load.out());
        assertArrayEquals(
                new byte[] {0, (byte) 0xff},
                Cli.run("get", store(), "b").exits(0).output().bytes());
        Cli.runWithInput("{\"key\":\"a\",\"value\":\"2\"}".getBytes(UTF_8), "load", store(), "-")
                .exits(0);
        assertEquals("2", Cli.run("get", store(), "a").exits(0).out());
    }

    @Test
    void aBadLineEndsTheLoadWithItsNumberAndKeepsWhatCameBefore() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "{\"key\":\"a\",\"value\":\"1\"}\n\nnonsense\n");
        Cli.Result load = Cli.run("load", store(), file).exits(1);
        assertEquals(
                "penstock: " + file + ", line 3: is no valid JSON, see column 9; 1 entry was stored before",
                load.complaint());
        assertEquals("", load.out());
        assertEquals("1", Cli.run("get", store(), "a").exits(0).out());
    }

    @Test
    void keepGoingCountsBadLinesAndTakesTheRest() throws Exception {
        String tooLong = "k".repeat(Store.MAX_KEY_LENGTH + 1);
        Path file = Files.writeString(
                folder.resolve("f"),
                "{}\n{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"" + tooLong + "\",\"value\":\"\"}\n[]\n"
                        + "{\"key\":\"b\",\"value\":\"2\"}");
        Cli.Result load =
                Cli.run("load", store(), file, "--keep-going", "--json").exits(1);
        assertEquals(2, load.json().get("entries").asLong());
        assertEquals(3, load.json().get("rejected").asLong());
        assertEquals(
                List.of("line 1", "line 3", "line 4"),
                load.err()
                        .lines()
                        .map(line -> line.replaceFirst("penstock: .*, (line \\d+): .*", "$1"))
                        .toList());
        assertEquals("a\nb\n", sorted(Cli.run("scan", store()).exits(0)));
    }

    /** What scan prints is a dump that load reads: every kind of key and value survives the round. */
    @Test
    void whatScanPrintsAsJsonLoadTakesBack() throws Exception {
        Random random = new Random(7);
        byte[] large = new byte[(1 << 20) + 5];
        random.nextBytes(large);
        try (Store store = Store.open(store())) {
            store.put(new byte[0], new byte[0]);
            store.put("text\n\u0001\"\\".getBytes(UTF_8), "värde\u2028".getBytes(UTF_8));
            store.put(new byte[] {(byte) 0x80, 0}, new byte[] {(byte) 0xc3});
            store.put("large".getBytes(UTF_8), large);
            store.put("large text".getBytes(UTF_8), "x".repeat(2 << 20).getBytes(UTF_8));
            for (int i = 0; i < 500; i++) {
                byte[] key = new byte[random.nextInt(40)];
                byte[] value = new byte[random.nextInt(4000)];
                random.nextBytes(key);
                random.nextBytes(value);
                store.put(key, value);
            }
        }
        byte[] dump =
                Cli.run("scan", store(), "--json", "--values").exits(0).output().bytes();
        Path copy = folder.resolve("copy");
        Cli.runWithInput(dump, "load", copy, "-").exits(0);
        try (Store original = Store.open(store());
                Store restored = Store.open(copy)) {
            assertEquals(original.count(), restored.count());
            original.forEach((key, value) -> assertArrayEquals(value.toByteArray(), restored.getBytes(key)));
        }
    }

    @Test
    void anExpirySurvivesTheRound() throws Exception {
        Instant later = Instant.ofEpochMilli(System.currentTimeMillis() + 1_000_000);
        byte[] large = new byte[(1 << 20) + 1];
        try (Store store = Store.open(store())) {
            store.put(
                    "small".getBytes(UTF_8),
                    new byte[] {1},
                    WriteOptions.defaults().expiresAt(later));
            store.put("large".getBytes(UTF_8), large, WriteOptions.defaults().expiresAt(later.plusMillis(1)));
            store.put("for ever".getBytes(UTF_8), new byte[] {2});
        }
        Cli.Result dump = Cli.run("scan", store(), "--json", "--values").exits(0);
        Path copy = folder.resolve("copy");
        Cli.runWithInput(dump.output().bytes(), "load", copy, "-").exits(0);
        try (Store restored = Store.open(copy)) {
            assertEquals(later, restored.expiryOf("small".getBytes(UTF_8)));
            assertEquals(later.plusMillis(1), restored.expiryOf("large".getBytes(UTF_8)));
            assertNull(restored.expiryOf("for ever".getBytes(UTF_8)));
            assertArrayEquals(large, restored.getBytes("large".getBytes(UTF_8)));
        }
        assertEquals(
                later.toEpochMilli(),
                Cli.run("get", copy, "small", "--json")
                        .exits(0)
                        .json()
                        .get("expires")
                        .asLong());
        assertFalse(Cli.run("get", copy, "for ever", "--json").exits(0).json().has("expires"));
    }

    @Test
    void whatHasExpiredSinceItWasWrittenIsAbsent() throws Exception {
        Cli.run("put", store(), "a", "older").exits(0);
        String lines =
                "{\"key\":\"a\",\"value\":\"1\",\"expires\":1000}\n{\"key\":\"b\",\"value\":\"2\",\"expires\":1}\n";
        Cli.Result load = Cli.runWithInput(lines.getBytes(UTF_8), "load", store(), "-", "--json")
                .exits(0);
        assertEquals(2, load.json().get("expired").asLong());
        assertEquals(0, load.json().get("entries").asLong());
        assertEquals("", Cli.run("scan", store()).exits(0).out());
    }

    /** Input that is something else altogether, and a tree of which the first file cannot be read. */
    @Test
    void aLoadThatFailsBeforeItsFirstEntryLeavesNoStore() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "# Notes\n");
        Cli.Result load = Cli.run("load", store(), file).exits(1);
        assertTrue(load.complaint().endsWith("; 0 entries were stored before"), load.err());
        assertFalse(Files.exists(store()), "a store was created");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Cli.run("load", empty, file).exits(1);
        try (var entries = Files.list(empty)) {
            assertEquals(List.of(), entries.toList());
        }
    }

    @Test
    void aLoadOfNoEntriesMakesAnEmptyStore() {
        Cli.runWithInput(new byte[0], "load", store(), "-").exits(0);
        assertEquals("", Cli.run("scan", store()).exits(0).out());
    }

    @Test
    void aSourceThatIsNotThereCreatesNothing() {
        Cli.Result load = Cli.run("load", store(), folder.resolve("nothing")).exits(4);
        assertTrue(load.complaint().endsWith("nothing: no such file or directory"), load.err());
        assertFalse(Files.exists(store()));
    }

    @Test
    void aStoreThatAServerOwnsRefusesTheLoad() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "{\"key\":\"a\",\"value\":\"1\"}\n");
        try (Store owner = Store.open(store())) {
            Cli.Result load = Cli.run("load", store(), file).exits(3);
            assertTrue(load.complaint().contains(store().toString()), load.err());
            assertEquals(0, owner.count());
        }
    }

    @Test
    void theStacktraceIsThereForWhoAsks() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "nonsense\n");
        Cli.Result load = Cli.run("load", store(), file, "--stacktrace").exits(1);
        assertTrue(load.err().contains("\tat dev.penstock.tools.load.JsonLines"), load.err());
        JsonNode none = Cli.run("load", store(), file, "--keep-going", "--json")
                .exits(1)
                .json();
        assertEquals(0, none.get("entries").asLong());
    }

    private static String sorted(Cli.Result result) {
        return String.join("\n", result.lines().stream().sorted().toList()) + "\n";
    }
}
