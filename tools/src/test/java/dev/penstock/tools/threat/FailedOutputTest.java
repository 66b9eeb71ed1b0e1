package dev.penstock.tools.threat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.process.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Standard output that takes nothing: a full disk, or a reader that has gone. */
class FailedOutputTest {

    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    Path folder;

    private Path fill() {
        Path store = folder.resolve("store");
        try (Store open = Store.open(store)) {
            for (int i = 0; i < 3000; i++) {
                open.put(("key " + i).getBytes(UTF_8), new byte[1000]);
            }
        }
        return store;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get STORE key~7",
                "get STORE key~7 --json",
                "scan STORE",
                "scan STORE --json --values",
                "export STORE - --format csv",
                "export STORE - --format jsonl --compress gzip",
                "inspect STORE",
                "verify STORE --json",
                "compact STORE --dry-run",
                "top STORE --once --interval 0.1",
                "version",
                "completion bash",
                "--help"
            })
    void aFullDiskIsReportedOnceWithTheNameOfTheOutput(String words) throws IOException {
        assumeTrue(Files.exists(FULL), "no device that is always full");
        String[] arguments = words.replace("STORE", fill().toString()).split(" ", -1);
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i].replace('~', ' ');
        }
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (InputStream none = new ByteArrayInputStream(new byte[0]);
                FileOutputStream full = new FileOutputStream(FULL.toFile())) {
            assertEquals(ExitCode.IO, Cli.runOn(new Console(none, full, errors, () -> 0), arguments));
        }
        assertEquals("penstock: standard output: No space left on device\n", errors.toString(UTF_8));
    }

    /** An import lists what it leaves out; without the whole list it has failed, and its store is removed. */
    @Test
    void aFileThatTakesNothingIsNamed() throws IOException {
        assumeTrue(Files.exists(FULL), "no device that is always full");
        Path store = fill();
        Path lines = folder.resolve("lines");
        Files.writeString(lines, "{\"key\":\"a\",\"value\":\"\"}\n");
        byte[] list = HexFormat.of()
                .parseHex(HexFormat.of().formatHex("REDIS0009".getBytes(UTF_8)) + "01016c00" + "0001780131" + "ff"
                        + "00".repeat(8));
        Path dump = Files.write(folder.resolve("dump.rdb"), list);
        Path made = folder.resolve("made");
        Object[][] commands = {
            {"export", store, FULL, "--format", "csv"},
            {"inspect", store, "--html", FULL},
            {"load", store, lines, "--ack-log", FULL},
            {"import", made, dump, "--skipped", FULL}
        };
        for (Object[] command : commands) {
            String error = Cli.run(command).exits(ExitCode.IO).err();
            assertTrue(error.endsWith("penstock: /dev/full: No space left on device\n"), error);
            assertFalse(error.contains("is left with a part"), error);
        }
        assertFalse(Files.exists(made));
    }

    @Test
    void aReaderThatHasGoneIsNoErrorToReport() throws Exception {
        Path store = fill();
        Path errors = folder.resolve("errors");
        String program = String.join(
                " ",
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-Xlog:disable",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.penstock.tools.Penstock");
        for (String command : new String[] {"scan %s --values", "export %s - --format rdb"}) {
            String line = program + " " + command.formatted(store) + " 2>" + errors + " | head -c 1 >/dev/null";
            Process pipe = new ProcessBuilder("bash", "-c", line + "; exit ${PIPESTATUS[0]}")
                    .inheritIO()
                    .start();
            assertEquals(ExitCode.IO, pipe.waitFor());
            assertTrue(Files.readString(errors).isEmpty(), Files.readString(errors));
        }
    }
}
