package dev.penstock.tools.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Javadoc of the public API is complete, without warnings, and shows nothing internal. */
class JavadocTest {

    private static final String SETTINGS = "dev.penstock.server.config";
    private static final List<String> PUBLIC = List.of(
            "dev.penstock.server",
            SETTINGS,
            "dev.penstock.store",
            "dev.penstock.store.check",
            "dev.penstock.store.repair");
    /** The classes of the settings' package that the pages show, as in the root's pom. */
    private static final List<String> SETTING_CLASSES = List.of("Setting", "SettingTable");

    private static final Pattern EXPORT = Pattern.compile("(?m)^ *exports ([\\w.]+);");
    private static final Pattern INTERNAL = Pattern.compile("dev[./]penstock[./]store[./](internal|transfer)");

    @TempDir
    Path folder;

    @Test
    void theModulesExportThePublicPackages() throws IOException {
        List<String> exported = new ArrayList<>();
        for (String module : List.of("server", "store")) {
            String descriptor = Files.readString(Path.of("..", module, "src/main/module/module-info.java"));
            EXPORT.matcher(descriptor).results().forEach(export -> exported.add(export.group(1)));
        }
        assertEquals(PUBLIC, exported);
    }

    @Test
    void theJavadocOfThePublicPackagesIsComplete() throws IOException {
        StringWriter messages = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of(
                "-quiet",
                "-Werror",
                "-public",
                "-Xdoclint:all",
                "-d",
                folder.toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                "-sourcepath",
                "../store/src/main/java:../server/src/main/java"));
        PUBLIC.stream().filter(name -> !name.equals(SETTINGS)).forEach(arguments::add);
        SETTING_CLASSES.forEach(
                name -> arguments.add("../server/src/main/java/" + SETTINGS.replace('.', '/') + "/" + name + ".java"));
        PrintWriter out = new PrintWriter(messages, true);
        int failed = ToolProvider.findFirst("javadoc").orElseThrow().run(out, out, arguments.toArray(String[]::new));
        assertEquals(0, failed, messages.toString());
        assertEquals(PUBLIC, Files.readAllLines(folder.resolve("element-list")));
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> pages =
                    files.filter(file -> file.toString().endsWith(".html")).toList();
            List<Path> leaks = new ArrayList<>();
            for (Path page : pages) {
                if (INTERNAL.matcher(Files.readString(page)).find()) {
                    leaks.add(page);
                }
            }
            assertEquals(List.of(), leaks);
            assertTrue(pages.size() > PUBLIC.size(), "only " + pages.size() + " pages");
        }
    }
}
