package dev.penstock.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** What {@code .ci/release} made, and how tests run programs on it. */
final class Staging {

    static final String VERSION = System.getProperty("penstock.version");
    static final Path FOLDER = Path.of(System.getProperty("penstock.staging"));
    static final Path MAVEN = FOLDER.resolve("maven");
    static final Path FILES = FOLDER.resolve("files");
    static final Path JDK = Path.of(System.getProperty("java.home"));

    private Staging() {}

    /** A file of the repository of libraries, such as {@code penstock-store} with {@code -sources.jar}. */
    static Path artifact(String name, String ending) {
        Path file = MAVEN.resolve("dev/penstock").resolve(name).resolve(VERSION).resolve(name + "-" + VERSION + ending);
        assertTrue(Files.isRegularFile(file), file + " is missing");
        return file;
    }

    static String entry(Path jar, String name) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            ZipEntry entry = file.getEntry(name);
            assertTrue(entry != null, jar + " has no " + name);
            try (InputStream in = file.getInputStream(entry)) {
                return new String(in.readAllBytes(), UTF_8);
            }
        }
    }

    /** What a program prints on both streams; it must end with 0. */
    static String run(Path folder, Map<String, String> environment, List<String> command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", JDK.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), () -> command + ": " + printed);
        return printed;
    }

    static String run(Path folder, String... command) throws Exception {
        return run(folder, Map.of(), List.of(command));
    }
}
