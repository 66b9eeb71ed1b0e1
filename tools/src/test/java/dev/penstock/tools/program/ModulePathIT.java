package dev.penstock.tools.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program with a module descriptor embeds the server, and serves HTTP, from the jars on its module path. */
class ModulePathIT {

    private static final Path LIB = Path.of("target/lib");

    /** The server and what it needs. Other jars here belong to the command line. */
    private static final List<String> NEEDED = List.of(
            "agrona",
            "jackson-core",
            "mime-db",
            "netty-",
            "penstock-server",
            "penstock-store",
            "prometheus-",
            "tls-channel",
            "slf4j-api");

    private static final String DESCRIPTOR = """
            module user.app {
                requires dev.penstock.server;
                requires java.net.http;
            }
            """;

    private static final String PROGRAM = """
            package user;

            import dev.penstock.server.PenstockServer;
            import dev.penstock.server.ServerOptions;
            import dev.penstock.store.Store;
            import java.net.URI;
            import java.net.http.HttpClient;
            import java.net.http.HttpRequest;
            import java.net.http.HttpRequest.BodyPublishers;
            import java.net.http.HttpResponse.BodyHandlers;
            import java.nio.file.Path;

            public class App {
                public static void main(String[] arguments) throws Exception {
                    ServerOptions options = ServerOptions.defaults().withPort(0).withHttpPort(0);
                    try (Store store = Store.open(Path.of(arguments[0]));
                            PenstockServer server = PenstockServer.start(store, options);
                            HttpClient client = HttpClient.newHttpClient()) {
                        URI film = URI.create("http://localhost:" + server.httpPort().orElseThrow() + "/film.webm");
                        var put = HttpRequest.newBuilder(film).PUT(BodyPublishers.ofString("hello")).build();
                        System.out.println(client.send(put, BodyHandlers.ofString()).statusCode());
                        var got = client.send(HttpRequest.newBuilder(film).build(), BodyHandlers.ofString());
                        System.out.println(got.body() + " " + got.headers().firstValue("content-type").orElseThrow());
                        System.out.println(PenstockServer.class.getModule());
                    }
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void aModuleEmbedsTheServerAndServesHttp() throws Exception {
        String jars;
        try (Stream<Path> files = Files.list(LIB)) {
            jars = files.filter(ModulePathIT::isNeeded).map(Path::toString).collect(Collectors.joining(":"));
        }
        Path sources = Files.createDirectories(folder.resolve("src/user")).getParent();
        Path descriptor = Files.writeString(sources.resolve("module-info.java"), DESCRIPTOR);
        Path program = Files.writeString(sources.resolve("user/App.java"), PROGRAM);
        Path classes = Files.createDirectory(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "this Java has a compiler");
        assertEquals(
                0,
                compiler.run(
                        null,
                        null,
                        null,
                        "-p",
                        jars,
                        "-d",
                        classes.toString(),
                        descriptor.toString(),
                        program.toString()));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=dev.penstock.store",
                        "-p",
                        jars + ":" + classes,
                        "-m",
                        "user.app/user.App",
                        folder.resolve("store").toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.endsWith("201\nhello video/webm\nmodule dev.penstock.server\n"), output);
    }

    private static boolean isNeeded(Path jar) {
        return NEEDED.stream().anyMatch(name -> jar.getFileName().toString().startsWith(name));
    }
}
