package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code repair} prints, and its exit codes. */
class RepairCommandTest {

    private static final String LOG = "0000000001.log";

    @TempDir
    Path folder;

    private Path store;
    private Path out;

    @BeforeEach
    void fill() {
        store = folder.resolve("store");
        out = folder.resolve("new");
        try (Store open = Store.open(store, StoreOptions.defaults().withSegmentSize(1 << 20))) {
            for (int i = 0; i < 300; i++) {
                open.put(("key" + i).getBytes(UTF_8), ("value" + i).getBytes(UTF_8));
            }
            open.put("odd \n<b>".getBytes(UTF_8), "spoiled".getBytes(UTF_8));
        }
    }

    private void spoil(String text) throws IOException {
        byte[] content = Files.readAllBytes(store.resolve(LOG));
        content[new String(content, ISO_8859_1).indexOf(text)] ^= 1;
        Files.write(store.resolve(LOG), content);
    }

    @Test
    void aSoundStoreIsCompleteAndTheNewOneIsOrdinary() {
        Cli.Result text = Cli.run("repair", store, "--out", out).exits(ExitCode.OK);
        assertTrue(text.out().contains("salvaged     301 keys"), text.out());
        assertEquals(
                "complete: nothing that was current is missing", text.lines().getLast());
        Cli.run("verify", out).exits(ExitCode.OK);
        assertEquals(
                "value7", Cli.run("get", out, "key7").exits(ExitCode.OK).out().strip());
    }

    /** The store logs to standard error, and the new one is nothing to recover. */
    @Test
    void nothingIsSaidOfTheNewStoreOnItsWay() throws Exception {
        try (Child repair = Child.start("repair", store, "--out", out)) {
            assertEquals(ExitCode.OK, repair.await());
            assertEquals("", repair.errors());
        }
    }

    @Test
    void aDamagedValueIsNamedByKeyFileAndOffsetAndVerifyNamesTheCommand() throws IOException {
        spoil("spoiled");
        String verify = Cli.run("verify", store).exits(ExitCode.NEGATIVE).out();
        assertTrue(verify.contains("[value-damaged]"), verify);
        assertTrue(verify.contains("penstock repair " + store + " --out NEW"), verify);
        assertEquals(
                "value-damaged",
                Cli.run("verify", store, "--json")
                        .exits(ExitCode.NEGATIVE)
                        .json()
                        .at("/findings/0/code")
                        .asText());
        String text =
                Cli.run("repair", store, "--out", out).exits(ExitCode.NEGATIVE).out();
        assertTrue(text.startsWith("corruption: " + LOG + " at offset "), text);
        assertTrue(text.contains("; key odd \\n<b> [value-damaged]"), text);
        assertTrue(text.contains("INCOMPLETE: 1 loss is listed above"), text);
        Cli.run("get", out, "odd \n<b>").exits(ExitCode.NEGATIVE);
    }

    @Test
    void jsonIsOneObjectALine() throws IOException {
        spoil("spoiled");
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Cli.run("repair", store, "--out", out, "--json")
                .exits(ExitCode.NEGATIVE)
                .lines()) {
            lines.add(Json.MAPPER.readTree(line));
        }
        assertEquals(2, lines.size());
        assertEquals("loss", lines.getFirst().get("type").asText());
        assertEquals("odd \n<b>", lines.getFirst().get("key").asText());
        assertEquals("summary", lines.getLast().get("type").asText());
        assertEquals(300, lines.getLast().get("salvagedKeys").asLong());
        assertFalse(lines.getLast().get("complete").asBoolean());
    }

    /** However much is lost, people see a page of it. */
    @Test
    void aLongReportIsCutForPeople() throws IOException {
        Files.delete(store.resolve("CHECKPOINT"));
        byte[] content = Files.readAllBytes(store.resolve(LOG));
        for (int at = new String(content, ISO_8859_1).indexOf("value0"); at < content.length - 200; at += 60) {
            content[at] ^= 1;
        }
        Files.write(store.resolve(LOG), content);
        Cli.Result text = Cli.run("repair", store, "--out", out).exits(ExitCode.NEGATIVE);
        assertTrue(text.lines().size() < 220, text.out());
        assertTrue(text.out().contains(" more; --json lists all"), text.out());
    }

    @Test
    void nothingIsOverwrittenAndMistakesAreNamed() throws IOException {
        Files.createDirectory(out);
        Files.writeString(out.resolve("notes"), "mine");
        assertTrue(Cli.run("repair", store, "--out", out)
                .exits(ExitCode.STORE)
                .complaint()
                .contains("is not empty"));
        assertTrue(Cli.run("repair", store, "--out", store.resolve("new"))
                .exits(ExitCode.STORE)
                .complaint()
                .contains("is in the directory of a store"));
        assertTrue(Cli.run("repair", store, "--out", folder.resolve("a/b"))
                .exits(ExitCode.STORE)
                .complaint()
                .contains("create the parent directory"));
        assertTrue(Cli.run("repair", folder.resolve("none"), "--out", out)
                .exits(ExitCode.STORE)
                .complaint()
                .contains("no such directory"));
        Cli.run("repair", store).exits(ExitCode.USAGE);
        Path junk = Files.createDirectory(folder.resolve("junk"));
        Files.write(junk.resolve(LOG), new byte[5000]);
        assertTrue(Cli.run("repair", junk, "--out", folder.resolve("x"))
                .exits(ExitCode.STORE)
                .complaint()
                .contains("nothing can be salvaged"));
        assertFalse(Files.exists(folder.resolve("x")));
    }
}
