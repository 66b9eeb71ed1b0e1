package dev.penstock.store.threat.place;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A path is bytes: two directories whose names Java shows as the same text are two. */
@Tag("slow")
class PathBytesTest {

    @TempDir
    Path temporary;

    @ParameterizedTest
    @CsvSource({
        "C, --enable-native-access=ALL-UNNAMED, ANSI_X3.4-1968",
        "C.UTF-8, --enable-native-access=ALL-UNNAMED, UTF-8",
        "C, --illegal-native-access=deny, ANSI_X3.4-1968"
    })
    void aStoreIsInTheDirectoryThatWasGivenThoughItsNameIsNoText(String locale, String access, String encoding)
            throws Exception {
        run(new ProcessBuilder(
                "sh",
                "-c",
                "cd \"$1\" && mkdir \"$(printf 'caf\\351')\" \"$(printf 'caf\\350')\"",
                "sh",
                "" + temporary));
        ProcessBuilder child = new ProcessBuilder(new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                access,
                "-Dsun.jnu.encoding=" + encoding,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NonTextPath.class.getName(),
                temporary.toString())));
        child.environment().put("LC_ALL", locale);
        assertEquals("2 done", run(child));
    }

    /** What it printed. */
    private static String run(ProcessBuilder command) throws IOException, InterruptedException {
        Process process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
        return printed.strip();
    }
}
