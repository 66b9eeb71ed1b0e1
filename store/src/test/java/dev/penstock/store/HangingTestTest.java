package dev.penstock.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A hanging test fails the build: each module limits the time of every test, the build that of every module. */
class HangingTestTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String TIMEOUT = "junit.jupiter.execution.timeout.";

    @Test
    void everyModuleLimitsTheTimeOfATest() throws IOException {
        List<Path> modules;
        try (var folders = Files.find(ROOT, 2, (path, attributes) -> attributes.isDirectory())) {
            modules = folders.filter(folder -> Files.isDirectory(folder.resolve("src/test/java")))
                    .toList();
        }
        assertTrue(modules.contains(ROOT.resolve("store")) && modules.contains(ROOT.resolve("store/typed")));
        for (Path module : modules) {
            Properties properties = new Properties();
            try (Reader reader =
                    Files.newBufferedReader(module.resolve("src/test/resources/junit-platform.properties"))) {
                properties.load(reader);
            }
            String name = module.getFileName().toString();
            assertEquals("5 m", properties.get(TIMEOUT + "default"), name);
            assertEquals("SEPARATE_THREAD", properties.get(TIMEOUT + "thread.mode.default"), name);
            assertEquals("true", properties.get(TIMEOUT + "threaddump.enabled"), name);
        }
    }

    /** This test is not on the thread that the build waits for. */
    @Test
    void theLimitIsInForce() {
        String thread = Thread.currentThread().getName();
        assertTrue(thread.startsWith("junit-timeout-thread"), thread);
    }

    @Test
    void theBuildLimitsTheTimeOfAllTestsOfAModule() throws IOException {
        String build = Files.readString(ROOT.resolve("pom.xml"));
        String limit = "<forkedProcessTimeoutInSeconds>${test.jvm.seconds}</forkedProcessTimeoutInSeconds>";
        assertEquals(2, build.split(Pattern.quote(limit), -1).length - 1);
    }
}
