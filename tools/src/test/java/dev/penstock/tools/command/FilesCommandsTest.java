package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.program.JdkTreeIT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** inspect, verify and compact on a sound store. */
public class FilesCommandsTest {

    private static final int KEY_COUNT = 3000;
    private static final int VALUE_LENGTH = 10_000;

    @TempDir
    Path folder;

    private Path store;

    @BeforeEach
    void fill() {
        store = folder.resolve("store");
        try (Store open = Store.open(store)) {
            for (int i = 0; i < KEY_COUNT; i++) {
                open.put(("key" + i).getBytes(UTF_8), new byte[VALUE_LENGTH]);
            }
            for (int i = 0; i < KEY_COUNT; i += 2) {
                open.remove(("key" + i).getBytes(UTF_8));
            }
        }
    }

    @Test
    void inspectCountsWhatIsThere() throws Exception {
        JsonNode json = Cli.run("inspect", store, "--json").exits(0).json();
        assertEquals(KEY_COUNT / 2, json.get("keyCount").asLong());
        assertTrue(json.get("liveBytes").asLong() >= (long) KEY_COUNT / 2 * VALUE_LENGTH, json.toString());
        assertTrue(json.get("deadBytes").asLong() >= (long) KEY_COUNT / 2 * VALUE_LENGTH, json.toString());
        assertTotalBytes(store, json);
        assertEquals(36, json.get("storeId").asText().length());
        long tombstones = 0;
        for (JsonNode segment : json.get("segments")) {
            tombstones += segment.get("tombstoneCount").asLong();
        }
        assertEquals(KEY_COUNT / 2, tombstones);

        Cli.Result text = Cli.run("inspect", store).exits(0);
        assertTrue(text.lines().contains("keys            1500"), text.out());
        assertTrue(text.out().contains("\nsegment "), text.out());
        assertTrue(text.out().contains(json.get("storeId").asText()), text.out());
    }

    /** Give or take the store's identity; the checkpoint may or may not be among what is counted. */
    public static void assertTotalBytes(Path store, JsonNode summary) throws IOException {
        long missing = JdkTreeIT.bytesOfFiles(store) - summary.get("totalBytes").asLong();
        long checkpoint = Files.size(store.resolve("CHECKPOINT"));
        assertTrue(missing >= 0 && missing < 4096 + checkpoint, () -> missing + " bytes are missing in " + summary);
    }

    @Test
    void verifyOfASoundStoreSaysSo() throws Exception {
        Cli.Result text = Cli.run("verify", store).exits(0);
        assertTrue(text.out().startsWith("sound: "), text.out());
        assertEquals(1, text.lines().size());
        try (Store open = Store.open(store)) {
            open.put("large".getBytes(UTF_8), new byte[Store.MAX_KEY_LENGTH << 5]);
        }
        JsonNode json = Cli.run("verify", store, "--json").exits(0).json();
        JsonNode summary = Cli.run("inspect", store, "--json").exits(0).json();
        assertEquals(1, json.get("largeValueCount").asInt());
        assertEquals(summary.get("segments").size(), json.get("segmentCount").asInt() + 1, summary.toString());
        assertTrue(Cli.run("verify", store).out().contains(", 1 large value, "));
        assertTrue(json.get("sound").asBoolean());
        assertTrue(json.get("recordCount").asLong() >= KEY_COUNT, json.toString());
        assertTrue(json.get("bytesRead").asLong() >= (long) KEY_COUNT * VALUE_LENGTH, json.toString());
    }

    @Test
    void compactGivesRoomBackAndKeepsWhatIsLive() throws Exception {
        long before = JdkTreeIT.bytesOfFiles(store);
        JsonNode forecast =
                Cli.run("compact", store, "--dry-run", "--json").exits(0).json();
        assertEquals(before, JdkTreeIT.bytesOfFiles(store), "a dry run changes nothing");
        assertTrue(Cli.run("compact", store, "--dry-run").exits(0).out().contains("would copy "));
        JsonNode json = Cli.run("compact", store, "--json").exits(0).json();
        long freed = json.get("bytesBefore").asLong() - json.get("bytesAfter").asLong();
        long foretold = forecast.get("bytesBefore").asLong()
                - forecast.get("bytesAfter").asLong();
        assertTrue(Math.abs(freed - foretold) <= foretold / 20, () -> forecast + " and " + json);
        assertTrue(json.get("recordsMoved").asLong() > 0, json.toString());
        assertTrue(json.get("recordsDropped").asLong() > 0, json.toString());
        long live = (long) KEY_COUNT / 2 * VALUE_LENGTH;
        assertTrue(JdkTreeIT.bytesOfFiles(store) <= live + live / 10, () -> before + " -> " + json);
        assertEquals(KEY_COUNT / 2, Cli.run("scan", store).exits(0).lines().size());
        Cli.run("verify", store).exits(0);
        String again = Cli.run("compact", store).exits(0).lines().getLast();
        assertTrue(
                again.matches("0 records moved, 0 dropped, 0 segments retired, 0 B freed in \\S+ s, "
                        + "0 B of the log per second"),
                again);
    }

    @Test
    void aBackupIsTakenBesideItsOwnerAndRestoredWithoutOverwritingAnything() throws Exception {
        Path backup = store.resolveSibling("backup");
        Path restored = store.resolveSibling("restored");
        JsonNode first = Cli.run("backup", store, backup, "--json").exits(0).json();
        assertTrue(first.get("fileCount").asInt() > 0, first.toString());
        assertTrue(Cli.run("backup", store, backup).exits(0).out().contains(" copied"));
        Cli.run("verify", backup).exits(0);
        assertTrue(Cli.run("restore", restored, backup).exits(0).out().contains(", sound"));
        assertEquals(
                Cli.run("scan", store).exits(0).lines().stream().sorted().toList(),
                Cli.run("scan", restored).exits(0).lines().stream().sorted().toList());
        // Whichever way round the two are given by mistake, nothing that was written to is replaced.
        Cli.run("put", restored, "key", "value").exits(0);
        Cli.run("backup", backup, restored).exits(ExitCode.STORE);
        Cli.run("restore", restored, backup).exits(ExitCode.STORE);
        assertEquals(
                "penstock: " + store + " is the store itself; give another directory",
                Cli.run("backup", store, store).exits(ExitCode.STORE).complaint());
        assertEquals("value", Cli.run("get", restored, "key").exits(0).out().strip());
    }

    @Test
    void aBackupThatIsMissingOrDamagedIsTheOneThatIsNamed() throws IOException {
        Path target = store.resolveSibling("restored");
        Path missing = store.resolveSibling("missing");
        assertEquals(
                "penstock: " + missing
                        + ": no such directory to restore from; first comes the store to make, then the backup",
                Cli.run("restore", target, missing).exits(ExitCode.STORE).complaint());
        assertTrue(!Files.exists(target), "something was made");
        Cli.run("put", store, "k", "v").exits(0);
        Path backup = store.resolveSibling("backup");
        Cli.run("backup", store, backup).exits(0);
        Files.write(backup.resolve("STORE"), new byte[64]);
        String complaint =
                Cli.run("restore", target, backup).exits(ExitCode.STORE).complaint();
        assertTrue(complaint.contains(backup.toString()) && !complaint.contains(target.toString()), complaint);
    }
}
