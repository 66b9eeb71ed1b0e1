package dev.penstock.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Javadoc of the public packages can be made without a warning: every link leads somewhere, the HTML is sound. */
class JavadocTest {

    private static final List<String> PUBLIC =
            List.of("dev.penstock.server", "dev.penstock.store", "dev.penstock.store.check");

    @TempDir
    Path folder;

    /** A missing tag is no fault: a parameter called key needs no sentence. */
    @Test
    void thePublicPackagesHaveSoundJavadoc() throws IOException {
        StringWriter messages = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of(
                "-quiet",
                "-Werror",
                "-Xdoclint:all,-missing",
                "-d",
                folder.toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                "-sourcepath",
                "../store/src/main/java:../server/src/main/java"));
        arguments.addAll(PUBLIC);
        PrintWriter out = new PrintWriter(messages, true);
        int failed = ToolProvider.findFirst("javadoc").orElseThrow().run(out, out, arguments.toArray(String[]::new));
        assertEquals(0, failed, messages.toString());
        assertEquals(PUBLIC, Files.readAllLines(folder.resolve("element-list")));
    }
}
