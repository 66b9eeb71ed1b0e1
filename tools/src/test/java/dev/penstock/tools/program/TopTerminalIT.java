package dev.penstock.tools.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.server.PenstockServer;
import dev.penstock.server.ServerOptions;
import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code top} on a terminal that tmux makes. */
class TopTerminalIT {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    Path folder;

    private Path socket;

    @BeforeEach
    void needsTmux() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "tmux"))),
                "tmux is not installed; top is tested without a terminal alone");
        socket = folder.resolve("tmux");
    }

    @AfterEach
    void killTmux() throws Exception {
        if (socket != null) {
            tmux("kill-server");
        }
    }

    private String tmux(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tmux", "-S", socket.toString(), "-f", "/dev/null"));
        command.addAll(Arrays.asList(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = String.join("\n", process.inputReader().lines().toList());
        process.waitFor();
        return output;
    }

    /** Starts top in a window of the given size, followed by a line with its exit code. */
    private void start(int columns, int rows, String terminal, String target) throws Exception {
        String line = ("TERM=%s %s --enable-native-access=ALL-UNNAMED -cp %s %s top %s --interval 0.25;"
                        + " echo ended with $?; cat")
                .formatted(
                        terminal,
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        System.getProperty("java.class.path"),
                        Cli.mainClass(),
                        target);
        // A class path is longer than what tmux takes for a command.
        Path script = Files.writeString(folder.resolve("top.sh"), "trap : INT\n" + line + "\n");
        tmux("new-session", "-d", "-x", "" + columns, "-y", "" + rows, "sh " + script);
    }

    private List<String> await(String what, Predicate<List<String>> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            List<String> screen = tmux("capture-pane", "-p").lines().toList();
            if (condition.test(screen)) {
                return screen;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no " + what + " in\n" + String.join("\n", screen));
            }
        }
    }

    private static Predicate<List<String>> line(String text) {
        return screen -> screen.stream().anyMatch(line -> line.contains(text));
    }

    @Test
    void keysAndSizesAreHeededAndTheTerminalIsGivenBack() throws Exception {
        try (Store store = Store.open(folder.resolve("store"));
                PenstockServer server =
                        PenstockServer.start(store, ServerOptions.defaults().withPort(0))) {
            start(100, 30, "screen", "127.0.0.1:" + server.port());
            List<String> screen = await("first frame", line("q quit   p pause   s sort: as given"));
            assertEquals("127.0.0.1:" + server.port(), screen.getFirst().replaceFirst(" .*", ""));
            assertTrue(screen.getLast().startsWith("q quit"), "the footer is the last of 30 lines");
            await("table of commands", line("PER SECOND  MEAN US"));
            tmux("send-keys", "p");
            await("pause", line("PAUSED"));
            tmux("send-keys", "s");
            await("sorting", line("s sort: column 1"));
            tmux("send-keys", "+");
            await("interval", line("every 0.5 s"));
            tmux("send-keys", "p");
            await("end of the pause", line("PAUSED").negate());
            tmux("resize-window", "-x", "50", "-y", "12");
            List<String> small = await(
                    "smaller screen",
                    lines -> lines.size() == 12
                            && lines.getLast().startsWith("q quit")
                            && lines.getFirst().startsWith("127.0.0.1:"));
            assertTrue(small.stream().allMatch(line -> line.length() <= 50), String.join("\n", small));
            tmux("send-keys", "q");
            await("end", lines -> lines.getFirst().equals("ended with 0"));
        }
    }

    @Test
    void aServerThatGoesAwayEndsInOneLineOnACleanTerminal() throws Exception {
        try (Store store = Store.open(folder.resolve("store"))) {
            PenstockServer server =
                    PenstockServer.start(store, ServerOptions.defaults().withPort(0));
            start(100, 30, "screen", "127.0.0.1:" + server.port());
            await("first frame", line("q quit"));
            server.close();
            List<String> screen = await("end", line("ended with 4"));
            assertTrue(screen.getFirst().startsWith("penstock: 127.0.0.1:" + server.port() + ": "), screen.getFirst());
        }
    }

    @Test
    void aDumbTerminalGetsFramesOneBelowTheOther() throws Exception {
        try (Store store = Store.open(folder.resolve("store"))) {
            start(90, 50, "dumb", folder.resolve("store").toString());
            await(
                    "two frames",
                    screen -> screen.stream()
                                    .filter(line -> line.startsWith("store      keys 0"))
                                    .count()
                            >= 2);
            tmux("send-keys", "C-c");
            await("end", line("ended with 130"));
            assertEquals(0, store.count());
        }
    }
}
