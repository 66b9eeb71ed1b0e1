package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * The launcher in a working copy of its own, with the jars of this build and, in place of Maven, a script that writes
 * down that it was called.
 */
class LauncherIT {

    private static final Path BUILD = Path.of("target").toAbsolutePath();
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    /** More than it ever takes when nothing is wrong; what it really took is printed. */
    private static final long MAX_FIRST_PONG_MILLIS = 2000;

    @TempDir
    Path folder;

    private Path copy;
    private Path mavenCalls;

    @BeforeEach
    void workingCopy() throws IOException {
        copy = Files.createDirectories(folder.resolve("working copy"));
        mavenCalls = folder.resolve("maven-calls");
        Files.copy(Path.of("..", "penstock"), copy.resolve("penstock"));
        Files.setPosixFilePermissions(copy.resolve("penstock"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(
                Files.createDirectories(copy.resolve("tools/src/main")).resolve("Source.java"), "source");
        Files.createDirectories(folder.resolve("bin"));
        maven("exit 0");
    }

    @Test
    void buildsOnFirstUseAndAgainOnlyWhenASourceIsNewer() throws Exception {
        maven("mkdir -p tools/target && cp -R '" + BUILD + "/lib' '" + BUILD + "/penstock-tools.jar' tools/target/");
        Run first = run("--version");
        assertEquals(0, first.exitCode(), first.err());
        assertTrue(first.out().startsWith("penstock "), first.out());
        assertEquals(1, first.err().lines().count(), first.err());
        assertTrue(first.err().startsWith("penstock: building"), first.err());
        assertEquals(List.of("-q -B -DskipTests -pl tools -am package"), Files.readAllLines(mavenCalls));

        Run second = run("--version");
        assertEquals(first.out(), second.out());
        assertEquals("", second.err());
        assertEquals(1, Files.readAllLines(mavenCalls).size(), "Maven was called again");

        Files.setLastModifiedTime(
                copy.resolve("tools/src/main/Source.java"),
                FileTime.from(Instant.now().plusSeconds(1)));
        run("--version");
        assertEquals(2, Files.readAllLines(mavenCalls).size(), "a newer source was not built");
    }

    @Test
    void aBuildThatFailsShowsItsOutputAndIsTriedAgain() throws Exception {
        maven("echo 'cannot find symbol: Frobnicator'; exit 1");
        for (int attempt = 1; attempt <= 2; attempt++) {
            Run run = run("--version");
            assertEquals(ExitCode.IO, run.exitCode());
            assertTrue(run.err().contains("cannot find symbol: Frobnicator"), run.err());
            assertEquals("", run.out());
            assertEquals(attempt, Files.readAllLines(mavenCalls).size());
        }
    }

    @Test
    void worksThroughLinksAndFromAnyFolder() throws Exception {
        installJars();
        Path links = Files.createDirectories(folder.resolve("a/b"));
        Files.createSymbolicLink(links.resolve("penstock"), Path.of("../../working copy/penstock"));
        Path link = Files.createSymbolicLink(folder.resolve("p"), Path.of("a/b/penstock"));
        Run run = run(folder.resolve("bin"), link, JDK, "--version");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().startsWith("penstock "), run.out());
        assertFalse(Files.exists(mavenCalls), "Maven was called");
    }

    /** Under a locale that is not UTF-8, where a JVM alone would read the keys as question marks. */
    @Test
    void relativePathsAreTheCallersAndWordsAreUtf8() throws Exception {
        installJars();
        Path script = Files.writeString(folder.resolve("script"), """
                set -e
                '%1$s' put data ключ значение
                '%1$s' scan data --values
                '%1$s' get data 'nothing here'
                """.formatted(copy.resolve("penstock")));
        Run run = run(folder, Path.of("/bin/sh"), JDK, script.toString());
        assertTrue(Files.isDirectory(folder.resolve("data")));
        assertEquals("ключ\tзначение\n", run.out());
        assertEquals("penstock: no such key: nothing here\n", run.err());
        assertEquals(ExitCode.NEGATIVE, run.exitCode());
    }

    @Test
    void takesAJdkThatIsNewEnoughByItsReleaseFileAndNeverStartsAnother() throws Exception {
        installJars();
        Run newer = run(folder, copy.resolve("penstock"), jdk("26-ea"), "--version");
        assertEquals("fake JDK 26-ea\n", newer.out());
        for (String old : new String[] {"17.0.15", "24.0.2", "1.8.0_402", ""}) {
            Run older = run(folder, copy.resolve("penstock"), jdk(old), "--version");
            assertTrue(older.out().startsWith("penstock "), "took JDK " + old + ": " + older.out() + older.err());
        }
    }

    @Test
    void theFirstPongComesSoon() throws Exception {
        installJars();
        Files.delete(copy.resolve("tools/target/launcher.rehearsed"));
        assertEquals(0, run("--version").exitCode());
        assertTrue(Files.exists(copy.resolve("tools/target/launcher.aot")), "the rehearsal left no cache");
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            millis.add(firstPongMillis(folder.resolve("store" + i)));
        }
        System.out.println("LauncherIT: from ./penstock serve to the first PONG, ms: " + millis);
        assertTrue(millis.stream().min(Long::compare).orElseThrow() < MAX_FIRST_PONG_MILLIS, millis.toString());
    }

    private long firstPongMillis(Path store) throws Exception {
        long start = System.nanoTime();
        Process server = start(folder, copy.resolve("penstock"), JDK, "serve", store.toString(), "--port", "0");
        try (Jedis client =
                new Jedis(ServeCommandIT.address(server.inputReader(UTF_8).readLine()))) {
            assertEquals("PONG", client.ping());
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private void maven(String action) throws IOException {
        Path script = folder.resolve("bin/mvn");
        Files.writeString(script, "#!/bin/sh\necho \"$*\" >>'" + mavenCalls + "'\n" + action + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What a finished build leaves behind, but for the cache that a rehearsal makes. */
    private void installJars() throws Exception {
        Path lib = Files.createDirectories(copy.resolve("tools/target/lib"));
        try (Stream<Path> jars = Files.list(BUILD.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        Files.copy(BUILD.resolve("penstock-tools.jar"), copy.resolve("tools/target/penstock-tools.jar"));
        Files.createFile(copy.resolve("tools/target/launcher.stamp"));
        Files.createFile(copy.resolve("tools/target/launcher.rehearsed"));
    }

    private Path jdk(String version) throws IOException {
        Path jdk = Files.createTempDirectory(folder, "jdk-");
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        Path java = Files.createDirectory(jdk.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'fake JDK " + version + "'\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return jdk;
    }

    private record Run(int exitCode, String out, String err) {}

    private Run run(String... arguments) throws Exception {
        return run(folder, copy.resolve("penstock"), JDK, arguments);
    }

    private Run run(Path workingFolder, Path launcher, Path javaHome, String... arguments) throws Exception {
        Process process = start(workingFolder, launcher, javaHome, arguments);
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        int exitCode = process.waitFor();
        return new Run(exitCode, out, Files.readString(folder.resolve("stderr")));
    }

    private Process start(Path workingFolder, Path launcher, Path javaHome, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(workingFolder.toFile())
                .redirectError(folder.resolve("stderr").toFile());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().merge("PATH", folder.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        builder.environment().put("LC_ALL", "C");
        return builder.start();
    }
}
