package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.exchange.EntryRoundTripTest;
import dev.penstock.tools.process.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link EntryRoundTripTest} has what comes back from a file. */
class ExchangeCommandsTest {

    @TempDir
    Path folder;

    @Test
    void standardOutputAndInputHaveNoNamesAndNeedNone() throws Exception {
        Cli.run("put", folder.resolve("store"), "greeting", "hello").exits(0);
        for (String format : new String[] {"jsonl", "csv", "rdb"}) {
            Cli.Result export = Cli.run(
                            "export", folder.resolve("store"), "-", "--format", format, "--compress", "zstd")
                    .exits(0);
            assertTrue(export.complaint().startsWith("exported 1 entry, 5 B, as "), export.err());
            Path copy = folder.resolve("copy-" + format);
            Cli.runWithInput(export.output().bytes(), "import", copy, "-").exits(0);
            assertEquals("hello", Cli.run("get", copy, "greeting").exits(0).out());
        }
        Cli.Result unnamed = Cli.run("export", folder.resolve("store"), "-").exits(ExitCode.USAGE);
        assertTrue(unnamed.complaint().contains("--format"), unnamed.err());
        Cli.Result unknown = Cli.runWithInput("hello".getBytes(UTF_8), "import", folder.resolve("new"), "-")
                .exits(ExitCode.USAGE);
        assertTrue(unknown.complaint().contains("neither the name nor the first bytes"), unknown.err());
        assertFalse(Files.exists(folder.resolve("new")));
    }

    @Test
    void aFileThatExistsIsNotOverwrittenAndAFailedExportLeavesNone() throws Exception {
        Path store = folder.resolve("store");
        Cli.run("put", store, "greeting", "hello").exits(0);
        Path file = Files.writeString(folder.resolve("mine.rdb"), "precious");
        Cli.Result refused = Cli.run("export", store, file).exits(ExitCode.IO);
        assertTrue(refused.complaint().contains("exists; remove it first"), refused.err());
        assertEquals("precious", Files.readString(file));

        Cli.run("export", folder.resolve("none"), folder.resolve("new.rdb")).exits(ExitCode.STORE);
        Cli.run("export", store, folder.resolve("none/new.rdb")).exits(ExitCode.IO);
        assertFalse(Files.exists(folder.resolve("new.rdb")));
        Cli.run("export", store, folder.resolve("new.rdb"), "--dry-run").exits(0);
        assertFalse(Files.exists(folder.resolve("new.rdb")));
        assertFalse(Files.exists(folder.resolve("new.rdb.partial")));
        Cli.run("export", store, "/dev/null", "--format", "csv").exits(0);
    }

    /** What reads standard output notices by the compressed data alone that the store was damaged. */
    @Test
    void anExportThatFailsLeavesNoCompressedDataThatLookComplete() throws Exception {
        Path store = folder.resolve("store");
        try (Store open = Store.open(store)) {
            open.put("large".getBytes(UTF_8), new byte[2 << 20]);
        }
        File value = store.toFile().listFiles((directory, name) -> name.endsWith(".value"))[0];
        try (RandomAccessFile bytes = new RandomAccessFile(value, "rw")) {
            bytes.seek(value.length() / 2);
            bytes.write(1);
        }
        Cli.Result failed = Cli.run("export", store, "-", "--format", "csv", "--compress", "gzip")
                .exits(ExitCode.STORE);
        Cli.Result imported = Cli.runWithInput(
                        failed.output().bytes(), "import", folder.resolve("new"), "-", "--format", "csv")
                .exits(ExitCode.NEGATIVE);
        assertTrue(imported.complaint().contains("the gzip data end too early"), imported.err());
        Cli.run("export", store, folder.resolve("new.csv")).exits(ExitCode.STORE);
        assertArrayEquals(new String[] {"store"}, folder.toFile().list());
    }

    @Test
    void aDryRunOfAnImportCountsAndStoresNothing() throws Exception {
        Path file = Files.writeString(
                folder.resolve("entries.csv"), "key,value,expires\na,12345,\nb,1,1\nc," + "x".repeat(2 << 20) + ",\n");
        Cli.Result dry = Cli.run("import", folder.resolve("new"), file, "--dry-run", "--json")
                .exits(0);
        assertEquals(2, dry.json().get("entries").asLong());
        assertEquals((2 << 20) + 5, dry.json().get("bytes").asLong());
        assertEquals(1, dry.json().get("expired").asLong());
        assertFalse(Files.exists(folder.resolve("new")));
    }

    @Test
    void anEntryThatHasExpiredRemovesItsKey() throws Exception {
        Path store = folder.resolve("store");
        Cli.run("put", store, "a", "old").exits(0);
        Path file = Files.writeString(folder.resolve("entries.csv"), "expires,key,value\n1000,a,new\n");
        Cli.Result imported = Cli.run("import", store, file).exits(0);
        assertTrue(imported.out().contains("imported 0 entries, 0 B in "), imported.out());
        assertTrue(imported.out().contains("; 1 expired, 0 rejected, 0 skipped"), imported.out());
        Cli.run("get", store, "a").exits(ExitCode.NEGATIVE);
    }

    @Test
    void aBadRecordEndsTheImportOrIsLeftOut() throws Exception {
        Path file = Files.writeString(folder.resolve("entries.csv"), "key,value\na,1\nb\nc,3\n");
        Cli.Result failed = Cli.run("import", folder.resolve("new"), file).exits(ExitCode.NEGATIVE);
        assertTrue(failed.complaint().contains("entries.csv, line 3: has 1 fields"), failed.err());
        assertTrue(failed.err().contains("; 1 entry was stored before"), failed.err());
        assertFalse(Files.exists(folder.resolve("new")), "a failed import leaves no new store");

        Path empty = Files.createDirectory(folder.resolve("empty"));
        Cli.run("import", empty, file).exits(ExitCode.NEGATIVE);
        assertArrayEquals(new String[0], empty.toFile().list());

        Path old = folder.resolve("old");
        Cli.run("put", old, "x", "1").exits(0);
        Cli.run("import", old, file).exits(ExitCode.NEGATIVE);
        assertEquals("1", Cli.run("get", old, "x").exits(0).out());

        Cli.Result kept = Cli.run("import", folder.resolve("new"), file, "--keep-going", "--json")
                .exits(ExitCode.NEGATIVE);
        assertEquals(2, kept.json().get("entries").asLong());
        assertEquals(1, kept.json().get("rejected").asLong());
        assertEquals("3", Cli.run("get", folder.resolve("new"), "c").exits(0).out());
    }

    @Test
    void whatIsLeftOutIsNamedAndAllOfItOnRequest() throws Exception {
        StringBuilder lists = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            lists.append("0101").append("%02x".formatted('a' + i)).append("00"); // lists without elements
        }
        byte[] rdb = HexFormat.of()
                .parseHex(HexFormat.of().formatHex("REDIS0009".getBytes(UTF_8)) + lists + "0001780131" + "ff"
                        + "00".repeat(8));
        Path names = folder.resolve("names");
        Cli.Result imported = Cli.runWithInput(rdb, "import", folder.resolve("s"), "-", "--skipped", names)
                .exits(ExitCode.NEGATIVE);
        assertTrue(imported.out().endsWith("; 0 expired, 0 rejected, 12 skipped: list (12)\n"), imported.out());
        assertTrue(
                imported.err().startsWith("penstock: skipped list 'a'\npenstock: skipped list 'b'\n"), imported.err());
        assertTrue(imported.err().endsWith("penstock: skipped more than 10 times: list\n"), imported.err());
        assertEquals(12, Files.readAllLines(names).size());
        assertEquals("list\tl", Files.readAllLines(names).getLast());
    }

    /** The directory was empty when the import began to read, and is another's when it has something to store. */
    @Test
    void aStoreThatAnotherMakesMeanwhileIsLeftAlone() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("store"));
        InputStream entries = new ByteArrayInputStream("key,value\na,1\n".getBytes(UTF_8));
        AtomicReference<Store> other = new AtomicReference<>();
        InputStream in = new FilterInputStream(entries) {
            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                if (other.get() == null) {
                    other.set(Store.open(directory));
                    other.get().put("x".getBytes(UTF_8), "theirs".getBytes(UTF_8));
                }
                return super.read(target, from, length);
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(in, OutputStream.nullOutputStream(), err, () -> 0);
        assertEquals(ExitCode.STORE, Cli.runOn(console, "import", directory.toString(), "-", "--format", "csv"));
        other.get().close();
        assertEquals("theirs", Cli.run("get", directory, "x").exits(0).out());
    }

    /** Each with a part of its message; the name of the file is in all of them. */
    @ParameterizedTest
    @CsvSource({
        "jsonl, nonsense, 1, 'line 1: is no valid JSON'",
        "jsonl, '', 0, ''",
        "csv, '', 1, 'line 1: is empty'",
        "csv, 'key,value\n\"a', 1, 'line 2: has no closing quote'",
        "rdb, nonsense, 1, 'offset 8: is no RDB file'",
        "rdb, REDIS0009, 1, 'offset 9: ends in the middle'",
        "jsonl.gz, '\u001f\u008b', 1, 'offset 2: the gzip data end too early'",
        "jsonl.gz, '\u001f\u008b\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0003xxx', 1, 'the gzip data'",
        "jsonl.zst, '(\u00b5/\u00fd', 1, 'the zstd data end too early'",
        "jsonl.zst, '(\u00b5/\u00fd\u0004\u00ffxxxxxxxxxxxxx', 1, 'the zstd data are damaged'"
    })
    void aFileThatIsNotWhatItSaysIsRefusedInOneLine(String extension, String content, int exitCode, String message)
            throws Exception {
        Path file = Files.write(folder.resolve("file." + extension), content.getBytes(ISO_8859_1));
        Cli.Result result = Cli.run("import", folder.resolve("new"), file).exits(exitCode);
        if (exitCode != 0) {
            assertTrue(result.complaint().contains("file." + extension + ", "), result.err());
            assertTrue(result.complaint().contains(message), result.err());
            assertFalse(Files.exists(folder.resolve("new")));
        }
    }

    /** Cut anywhere, compressed or not: an error and no store, or what is complete. */
    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "csv", "rdb", "jsonl.gz", "csv.zst"})
    void aFileThatIsCutLeavesNoStore(String extension) throws Exception {
        Path store = folder.resolve("store");
        Cli.run("put", store, "one", "1").exits(0);
        Cli.run("put", store, "two", "2\n2").exits(0);
        Path file = folder.resolve("file." + extension);
        Cli.run("export", store, file).exits(0);
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(11);
        for (int i = 0; i < 4; i++) {
            Files.write(file, Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 2)));
            Cli.Result result = Cli.run("import", folder.resolve("new"), file);
            if (result.exitCode() == ExitCode.NEGATIVE) {
                assertTrue(result.complaint().matches("(?s).*file\\.[a-z.]+, (line|offset) [0-9]+: .+"), result.err());
                assertFalse(Files.exists(folder.resolve("new")));
            } else {
                result.exits(0);
                assertTrue(extension.matches("jsonl|csv"), "a line is complete by its end alone");
                for (File left : folder.resolve("new").toFile().listFiles()) {
                    Files.delete(left.toPath());
                }
                Files.delete(folder.resolve("new"));
            }
        }
    }

    /** Much of nothing in a short file: the reader gives up, whatever the format. CsvReaderTest has endless input. */
    @ParameterizedTest
    @CsvSource({"jsonl, '\n'", "jsonl, ' '", "jsonl, '{'", "csv, '\n'", "csv, 'k'", "rdb, 'R'"})
    void aBombIsDefused(String extension, String each) throws Exception {
        Path file = folder.resolve("bomb." + extension + ".gz");
        byte[] block = each.repeat(1 << 20).getBytes(UTF_8);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < 16; i++) {
                out.write(block);
            }
        }
        Cli.run("import", folder.resolve("new"), file).exits(ExitCode.NEGATIVE).complaint();
        assertFalse(Files.exists(folder.resolve("new")));
    }

    @Test
    void whatIsNoFileIsRefusedWithTheCommandForIt() throws Exception {
        Path store = folder.resolve("store");
        Cli.run("put", store, "a", "1").exits(0);
        assertTrue(Cli.run("import", folder.resolve("new"), store)
                .exits(2)
                .complaint()
                .contains("'penstock backup'"));
        assertTrue(Cli.run("import", folder.resolve("new"), folder)
                .exits(2)
                .complaint()
                .contains("'penstock load'"));
        Cli.run("import", folder.resolve("new"), folder.resolve("missing.csv")).exits(ExitCode.IO);
        assertFalse(Files.exists(folder.resolve("new")));
    }

    /** As {@code cat} makes them of two files: cut anywhere in the second, no part of it is silently missing. */
    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void severalCompressedFilesInARowAreOneAndTheLastOneIsComplete(String compression) throws Exception {
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        Cli.run("put", first, "a", "1").exits(0);
        Cli.run("put", second, "b", "2").exits(0);
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(compressed(first, compression));
        int firstLength = both.size();
        both.writeBytes(compressed(second, compression));
        byte[] whole = both.toByteArray();
        Path copy = folder.resolve("copy");
        Cli.runWithInput(whole, "import", copy, "-").exits(0);
        assertEquals("1", Cli.run("get", copy, "a").exits(0).out());
        assertEquals("2", Cli.run("get", copy, "b").exits(0).out());
        for (int length = firstLength + 1; length < whole.length; length++) {
            Cli.Result cut = Cli.runWithInput(Arrays.copyOf(whole, length), "import", copy, "-", "--dry-run")
                    .exits(ExitCode.NEGATIVE);
            assertTrue(cut.complaint().contains("the " + compression + " data "), length + ": " + cut.err());
        }
        Cli.runWithInput(Arrays.copyOf(whole, firstLength), "import", copy, "-").exits(0);
    }

    private static byte[] compressed(Path store, String compression) {
        return Cli.run("export", store, "-", "--format", "jsonl", "--compress", compression)
                .exits(0)
                .output()
                .bytes();
    }
}
