package dev.penstock.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project outside of Penstock builds and runs with the published libraries, by Maven and their BOM. */
class ConsumerIT {

    /** The plugins are those that the build of Penstock used, so that they are in the local repository. */
    private static final String POM = """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>com.example</groupId>
              <artifactId>consumer</artifactId>
              <version>1</version>
              <properties>
                <maven.compiler.release>25</maven.compiler.release>
                <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
              </properties>
              <dependencyManagement>
                <dependencies>
                  <dependency>
                    <groupId>dev.penstock</groupId>
                    <artifactId>penstock-bom</artifactId>
                    <version>VERSION</version>
                    <type>pom</type>
                    <scope>import</scope>
                  </dependency>
                </dependencies>
              </dependencyManagement>
              <dependencies>
                <dependency>
                  <groupId>dev.penstock</groupId>
                  <artifactId>LIBRARY</artifactId>
                </dependency>
              </dependencies>
              <build>
                <plugins>
                  <plugin>
                    <artifactId>maven-resources-plugin</artifactId>
                    <version>3.3.1</version>
                  </plugin>
                  <plugin>
                    <artifactId>maven-compiler-plugin</artifactId>
                    <version>3.14.1</version>
                  </plugin>
                </plugins>
              </build>
            </project>
            """;

    private static final String EMBEDDED = """
            import dev.penstock.store.Store;
            import java.nio.file.Path;

            public class Program {
                public static void main(String[] arguments) {
                    try (Store store = Store.open(Path.of("data"))) {
                        store.put("greeting".getBytes(), "hello".getBytes());
                        System.out.println(new String(store.getBytes("greeting".getBytes())));
                    }
                }
            }
            """;

    private static final String TYPED = """
            import dev.penstock.typed.Codecs;
            import dev.penstock.typed.TypedStore;
            import java.nio.file.Path;

            public class Program {
                public static void main(String[] arguments) {
                    try (TypedStore<String, Long> counts =
                            TypedStore.open(Path.of("data"), Codecs.strings(), Codecs.longs())) {
                        counts.put("visits", 1L);
                        System.out.println(counts.get("visits") + 1);
                    }
                }
            }
            """;

    private static final String SERVER = """
            import dev.penstock.server.PenstockServer;
            import dev.penstock.server.ServerOptions;
            import dev.penstock.store.Store;
            import java.io.BufferedReader;
            import java.io.InputStreamReader;
            import java.net.Socket;
            import java.nio.file.Path;

            public class Program {
                public static void main(String[] arguments) throws Exception {
                    try (Store store = Store.open(Path.of("data"));
                            PenstockServer server = PenstockServer.start(store, ServerOptions.defaults().withPort(0))) {
                        try (Socket client = new Socket("127.0.0.1", server.port())) {
                            client.getOutputStream().write("SET greeting hello\\r\\nPING\\r\\n".getBytes());
                            new BufferedReader(new InputStreamReader(client.getInputStream()))
                                    .lines().takeWhile(line -> !line.equals("+PONG")).count();
                        }
                        System.out.println(new String(store.getBytes("greeting".getBytes())));
                    }
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void aProgramEmbedsTheStore() throws Exception {
        String classPath = build("penstock-store", EMBEDDED);
        assertEquals(1, classPath.split(":", -1).length, classPath);
        assertEquals("hello", start(classPath));
    }

    @Test
    void aProgramUsesTypedKeys() throws Exception {
        String classPath = build("penstock-typed", TYPED);
        assertEquals(2, classPath.split(":", -1).length, classPath);
        assertEquals("2", start(classPath));
    }

    @Test
    void aProgramEmbedsTheServer() throws Exception {
        String classPath = build("penstock-server", SERVER);
        assertFalse(classPath.contains("/org/junit/"), classPath);
        assertEquals("hello", start(classPath));
    }

    /** Returns the class path of the project's dependencies. */
    private String build(String library, String program) throws Exception {
        Path source = Files.createDirectories(folder.resolve("src/main/java")).resolve("Program.java");
        Files.writeString(source, program);
        Files.writeString(
                folder.resolve("pom.xml"),
                POM.replace("VERSION", Staging.VERSION).replace("LIBRARY", library));
        new Consumer(folder, folder)
                .maven(
                        "compile",
                        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath",
                        "-Dmdep.outputFile=class-path");
        return Files.readString(folder.resolve("class-path")).strip();
    }

    private String start(String classPath) throws Exception {
        return Staging.run(
                        folder,
                        Map.of(),
                        List.of(
                                Staging.JDK.resolve("bin/java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                "target/classes:" + classPath,
                                "Program"))
                .lines()
                .reduce((_, last) -> last)
                .orElseThrow();
    }
}
