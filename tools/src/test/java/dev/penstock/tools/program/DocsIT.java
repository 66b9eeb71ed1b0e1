package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Child;
import dev.penstock.tools.Cli;
import dev.penstock.tools.Installed;
import dev.penstock.tools.RedisServer;
import dev.penstock.tools.WorkingCopy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/** What the pages for users say can be done is done: each Java snippet is compiled and run, each command executed. */
class DocsIT {

    private static final Path ROOT = Path.of("..");
    private static final Pattern SNIPPET =
            Pattern.compile("^```(\\w+)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    @TempDir
    Path folder;

    private WorkingCopy copy;

    @BeforeEach
    void workingCopy() throws IOException {
        copy = new WorkingCopy(folder);
        copy.install();
    }

    @Test
    void theReadmesExamplesRun() throws Exception {
        assertServes(snippets("README.md", "sh"));
        assertEquals("5 bytes from 'h'\n", runJava(theOne(snippets("README.md", "java"))));
    }

    @Test
    void theQuickstartForEmbeddingRuns() throws Exception {
        // The page's reader has a JDK 25 on the path.
        Path java = Files.writeString(
                folder.resolve("bin/java"),
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java") + "' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> blocks = snippets("docs/start/embedded.md", "sh");
        assertEquals(3, blocks.size());
        assertSucceeds(blocks.get(0));
        assertEquals("hello\n", assertSucceeds(blocks.get(1)));
        assertEquals("hello", assertSucceeds(blocks.get(2)).strip());
    }

    /** The clients in Java connect to a port that is free rather than to the one they name. */
    @Test
    void theQuickstartForServersRuns() throws Exception {
        assertServes(snippets("docs/start/server.md", "sh"));
        Path film = Files.write(
                copy.folder().resolve("film.mkv"),
                "a film of many frames".repeat(300_000).getBytes(UTF_8));
        List<String> snippets = snippets("docs/start/server.md", "java");
        assertEquals(2, snippets.size());
        Process server = copy.start("serve", "data", "--port", "0");
        try {
            String port = Integer.toString(
                    ServeCommandIT.address(server.inputReader(UTF_8).readLine()).getPort());
            assertEquals("hello\n", runJava(snippets.get(0).replace("6380", port)));
            assertEquals("+OK\r\n", runJava(snippets.get(1).replace("6380", port)));
            assertEquals(-1, Files.mismatch(film, copy.folder().resolve("copy.mkv")));
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void theCommandsOfTheGuidesDoWhatTheySay() throws Exception {
        Path page = copy.folder().resolve("docs/guide/operating.md");
        Files.createDirectories(page.getParent());
        Files.copy(ROOT.resolve("docs/guide/operating.md"), page);
        List<String> operating = snippets("docs/guide/operating.md", "sh");
        assertEquals(2, operating.size());
        String looked = assertSucceeds(operating.get(0));
        assertTrue(looked.contains("# Operating a store"), looked);
        String loaded = assertSucceeds(operating.get(1));
        assertTrue(loaded.endsWith("\nhello"), "the loaded value was not printed: " + loaded);
        assertSucceeds("rm -r copy");
        String imported = assertSucceeds(theOne(snippets("docs/guide/exchange.md", "sh")));
        assertTrue(imported.contains("\nimported ") && imported.endsWith("\nhello"), imported);
        String restored = assertSucceeds(theOne(snippets("docs/guide/backup.md", "sh")));
        assertTrue(restored.strip().endsWith(", sound"), restored);
    }

    /** From a real redis-server, with values that no text holds and with expiries; and the check finds differences. */
    @Test
    void dataMovesFromRedisAsTheGuideSays() throws Exception {
        Path redisFolder = Files.createDirectories(folder.resolve("redis"));
        List<String> blocks = snippets("docs/guide/moving-from-redis.md", "sh");
        assertEquals(3, blocks.size());
        try (RedisServer redis = RedisServer.start(redisFolder);
                Jedis source = new Jedis("127.0.0.1", redis.port())) {
            Process server = copy.start("serve", "data", "--port", "0");
            try {
                HostAndPort address =
                        ServeCommandIT.address(server.inputReader(UTF_8).readLine());
                for (int i = 0; i < 20; i++) {
                    source.set("key" + i, "value" + i);
                }
                source.set("binary".getBytes(UTF_8), new byte[] {0, '\r', '\n', -1, -128});
                source.set("large".getBytes(UTF_8), new byte[3 << 20]);
                source.setex("expiring", 1000, "value");
                source.rpush("list", "element");
                List<String> moving = blocks.stream()
                        .map(block -> block.replace("6379", "" + redis.port()).replace("6380", "" + address.getPort()))
                        .toList();
                assertSucceeds(moving.get(0));
                assertThrows(AssertionError.class, () -> assertSucceeds(moving.get(1)), "a list was moved");
                source.del("list");
                assertSucceeds(moving.get(0));
                String moved = assertSucceeds(moving.get(1));
                assertTrue(moved.contains("errors: 0, "), moved);
                assertEquals("the same keys\n", assertSucceeds(moving.get(2)));
                try (Jedis target = new Jedis(address)) {
                    target.set("key1", "another value");
                    target.persist("expiring");
                    target.del("key2");
                }
                String compared = assertSucceeds(moving.get(2));
                for (String difference : List.of("< key2", "differs: key1\n", "differs: expiring\n")) {
                    assertTrue(compared.contains(difference), compared);
                }
                assertFalse(compared.contains("the same keys"), compared);
            } finally {
                server.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void theJavaOfTheGuideToEmbeddingRuns() throws Exception {
        Path film = Files.write(copy.folder().resolve("film.mkv"), new byte[5 << 20]);
        List<String> snippets = snippets("docs/guide/embedding.md", "java");
        assertEquals(5, snippets.size(), "the last one is run by docs/examples");
        assertEquals("5 bytes from 'h'\n", runJava(snippets.get(0)));
        assertEquals("3 keys\n", runJava(snippets.get(1)));
        assertEquals("", runJava(snippets.get(2)));
        assertEquals("4096 of " + Files.size(film) + " bytes\n", runJava(snippets.get(3)));
        assertEquals(-1, Files.mismatch(film, copy.folder().resolve("copy.mkv")));
        WorkingCopy.Run stored = copy.run("get", "data", "film", "--json");
        assertTrue(stored.out().contains("\"length\":" + Files.size(film)), stored.out() + stored.err());
    }

    @Test
    void theTestCommandOfTheReadmeIsWhatCiRuns() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        assertTrue(readme.contains("`mvn -B verify`"));
        assertTrue(Files.readString(ROOT.resolve(".ci/run")).matches("(?s).*\nmvn -B .*verify\n"));
    }

    @Test
    void everySubcommandExitCodeAndOptionOfServeIsDocumented() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/guide/operating.md"))
                + Files.readString(ROOT.resolve("docs/reference/exit-codes.md"));
        List<String> names = Cli.run("--help").exits(0).lines().stream()
                .filter(line -> line.matches("  [a-z0-9]+ {2,}.*"))
                .map(line -> line.strip().replaceFirst(" .*", ""))
                .toList();
        assertTrue(names.size() >= 11 + 6, names.toString());
        for (String name : names) {
            assertTrue(
                    page.contains("| `" + name + " ")
                            || page.contains("| `" + name + "` ")
                            || page.contains("\n| " + name + " | "),
                    name);
        }
        String settings = Files.readString(ROOT.resolve("docs/reference/settings.md"));
        List<String> options = Pattern.compile("(?m)^ +(?:-\\w, )?(--[a-z-]+)")
                .matcher(Cli.run("serve", "--help").exits(0).out())
                .results()
                .map(option -> option.group(1))
                .filter(option ->
                        !List.of("--help", "--version", "--stacktrace").contains(option))
                .toList();
        assertTrue(options.size() > 20, options.toString());
        for (String option : options) {
            assertTrue(settings.contains("| `" + option + " ") || settings.contains("| `" + option + "` "), option);
        }
    }

    private static String theOne(List<String> blocks) {
        assertEquals(1, blocks.size());
        return blocks.getFirst();
    }

    private static List<String> snippets(String page, String language) throws IOException {
        return SNIPPET.matcher(Files.readString(ROOT.resolve(page)))
                .results()
                .filter(snippet -> snippet.group(1).equals(language))
                .map(snippet -> snippet.group(2))
                .toList();
    }

    /** Runs a block as a script, in the working copy; gives what it printed. */
    private String assertSucceeds(String block) throws Exception {
        Path script = Files.writeString(folder.resolve("block.sh"), "set -e\n" + block);
        WorkingCopy.Run run = copy.run(Path.of("/bin/sh"), Path.of(System.getProperty("java.home")), script.toString());
        assertEquals(0, run.exitCode(), block + run.out() + run.err());
        assertEquals("", run.err());
        return run.out();
    }

    /** The first block starts a server, on a port that is free rather than the one it has; the second uses it. */
    private void assertServes(List<String> blocks) throws Exception {
        assertEquals(2, blocks.size());
        List<String> serve = new ArrayList<>(List.of(blocks.getFirst().strip().split(" ", -1)));
        assertEquals("./penstock", serve.removeFirst());
        serve.addAll(List.of("--port", "0"));
        serve.replaceAll(word -> word.equals("8080") ? "0" : word);
        Process server = copy.start(serve.toArray(String[]::new));
        try {
            BufferedReader said = server.inputReader(UTF_8);
            String ready = said.readLine();
            String http = serve.contains("--http-port") ? said.readLine().replaceFirst("HTTP on port ", "") : "";
            assertTrue(ready.startsWith("serving data on 127.0.0.1:"), ready);
            try (Jedis client = new Jedis(ServeCommandIT.address(ready))) {
                for (String line : blocks.getLast().lines().toList()) {
                    if (line.startsWith("curl ")) {
                        assertCurl(line.replace("localhost:8080", "localhost:" + http));
                    } else {
                        assertRedisCli(client, line);
                    }
                }
            }
            server.toHandle().destroy();
            assertEquals(Child.SIGTERMED, server.waitFor());
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    /** Runs curl if there is one, in the folder of the working copy, which gets a film for it. */
    private void assertCurl(String line) throws Exception {
        byte[] film = "a film of many frames".repeat(300_000).getBytes(UTF_8);
        Files.write(copy.folder().resolve("film.mkv"), film);
        if (!Installed.has("curl")) {
            return;
        }
        assertSucceeds(line.replace("curl ", "curl -sSf "));
        if (line.contains("the-rest")) {
            byte[] rest = Arrays.copyOfRange(film, 1_000_000, film.length);
            assertArrayEquals(rest, Files.readAllBytes(copy.folder().resolve("the-rest")));
        }
    }

    /** Sends what redis-cli would. */
    private static void assertRedisCli(Jedis client, String line) {
        assertTrue(line.startsWith("redis-cli -p 6380 "), line);
        String[] words = line.substring("redis-cli -p 6380 ".length()).split(" ", -1);
        String[] arguments = Stream.of(words).skip(1).toArray(String[]::new);
        Object reply = client.sendCommand(() -> words[0].getBytes(UTF_8), arguments);
        String expected = words[0].equals("get") ? "hello" : "OK";
        assertEquals(expected, new String((byte[]) reply, UTF_8), line);
    }

    /** Compiles the lines of a method and runs them in the working copy; gives what they printed. */
    private String runJava(String body) throws Exception {
        Path source = Files.writeString(folder.resolve("Snippet.java"), """
                import static java.lang.foreign.ValueLayout.JAVA_BYTE;
                import static java.nio.charset.StandardCharsets.UTF_8;
                import static java.nio.file.StandardOpenOption.*;
                import dev.penstock.store.*;
                import java.io.*;
                import java.lang.foreign.MemorySegment;
                import java.net.Socket;
                import java.nio.channels.FileChannel;
                import java.nio.file.*;
                import java.time.Duration;
                import redis.clients.jedis.Jedis;

                class Snippet {
                    public static void main(String[] arguments) throws Exception {
                """ + body + "    }\n}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean compiled = compiler.getTask(
                        messages,
                        null,
                        null,
                        List.of("-d", folder.toString(), "-cp", libraries(), "-Werror", "-Xlint:all"),
                        null,
                        compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source))
                .call();
        assertTrue(compiled, messages.toString());
        WorkingCopy.Run run = copy.run(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Path.of(System.getProperty("java.home")),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                folder + ":" + libraries(),
                "Snippet");
        assertEquals("", run.err());
        assertEquals(0, run.exitCode());
        return run.out();
    }

    /** What an embedder needs on the class path, the store and what it depends on; and for clients, Jedis. */
    private String libraries() {
        Path lib = copy.target().resolve("lib");
        String jedis = Stream.of(System.getProperty("java.class.path").split(":", -1))
                .filter(entry -> entry.matches(".*/(jedis|slf4j-api|slf4j-nop|commons-pool2|gson|json)-[^/]*\\.jar"))
                .collect(Collectors.joining(":"));
        return lib.resolve("penstock-store.jar") + ":" + jedis;
    }
}
