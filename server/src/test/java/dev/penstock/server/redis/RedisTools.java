package dev.penstock.server.redis;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Redis's own programs, where the machine has them; tests that need them are skipped with a message elsewhere. */
public final class RedisTools {

    private static final long TIMEOUT_SECONDS = 60;

    private RedisTools() {}

    /** The program's path; skips the calling test if it is not installed. */
    static String program(String name) {
        for (String directory : System.getenv("PATH").split(":", -1)) {
            Path program = Path.of(directory, name);
            if (Files.isExecutable(program)) {
                return program.toString();
            }
        }
        Assumptions.abort(name + " is not installed (Debian: apt-get install redis-server redis-tools): skipped");
        throw new AssertionError("not reached");
    }

    /** Runs a program to its end and returns what it printed; it must succeed. */
    public static String run(String input, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program(program)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread writer = Thread.ofVirtual().start(() -> {
            try (var output = process.getOutputStream()) {
                output.write(input.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // the program does not read its input
            }
        });
        Thread watchdog = Thread.ofVirtual().start(() -> {
            try {
                if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        });
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        int exit = process.waitFor();
        writer.join();
        watchdog.join();
        if (exit != 0) {
            throw new AssertionError(program + " exited with " + exit + ": " + printed);
        }
        return printed;
    }

    /** A real Redis server that keeps nothing, on a separate port. */
    public static final class RealRedis implements AutoCloseable {

        private final Process process;
        private final int port;

        public RealRedis(Path directory) throws Exception {
            String program = program("redis-server");
            try (ServerSocket probe = new ServerSocket(0)) {
                port = probe.getLocalPort();
            }
            process = new ProcessBuilder(
                            program,
                            "--port",
                            "" + port,
                            "--bind",
                            "127.0.0.1",
                            "--save",
                            "",
                            "--databases",
                            "1",
                            "--dir",
                            directory.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            TestServer.await("redis-server answers", () -> {
                try (RespClient client = new RespClient(port)) {
                    return client.call("PING").equals("+PONG\r\n");
                } catch (IOException e) {
                    return false;
                }
            });
        }

        public RespClient client() throws IOException {
            return new RespClient(port);
        }

        @Override
        public void close() {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
