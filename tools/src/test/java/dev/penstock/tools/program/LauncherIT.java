package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.FreePorts;
import dev.penstock.tools.WorkingCopy;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

class LauncherIT {

    private static final Path JDK = Path.of(System.getProperty("java.home"));

    /** More than it ever takes when nothing is wrong; what it really took is printed. */
    private static final long MAX_FIRST_PONG_MILLIS = 2000;

    @TempDir
    Path folder;

    private WorkingCopy copy;

    @BeforeEach
    void workingCopy() throws IOException {
        copy = new WorkingCopy(folder);
    }

    @Test
    void buildsOnFirstUseAndAgainOnlyWhenASourceIsNewer() throws Exception {
        copy.mavenBuilds();
        WorkingCopy.Run first = copy.run("--version");
        assertEquals(0, first.exitCode(), first.err());
        assertTrue(first.out().startsWith("penstock "), first.out());
        assertEquals(2, first.err().lines().count(), first.err());
        assertTrue(first.err().startsWith("penstock: building"), first.err());
        assertTrue(first.err().contains("\npenstock: starting a server once, "), first.err());
        assertEquals(List.of("-B -Dmaven.test.skip=true -Dpenstock.commit= -pl tools -am package"), copy.mavenCalls());

        WorkingCopy.Run second = copy.run("--version");
        assertEquals(first.out(), second.out());
        assertEquals("", second.err());
        assertEquals(1, copy.mavenCalls().size(), "Maven was called again");

        Files.setLastModifiedTime(copy.source(), FileTime.from(Instant.now().plusSeconds(1)));
        copy.run("--version");
        assertEquals(2, copy.mavenCalls().size(), "a newer source was not built");
    }

    /** As archives and packages have it, in a folder that their user may not write to. */
    @Test
    void startsTheJarsBesideItWithoutABuild() throws Exception {
        copy.install();
        for (String name : List.of("lib", "penstock-tools.jar")) {
            Files.move(copy.target().resolve(name), copy.folder().resolve(name));
        }
        Path link = Files.createSymbolicLink(folder.resolve("link"), copy.launcher());
        WorkingCopy.Run run = copy.run(link, JDK, "--version");
        assertEquals("", run.err());
        assertTrue(run.out().startsWith("penstock "), run.out());
        assertEquals(List.of(), copy.mavenCalls());
    }

    /** A class path cannot hold a colon, neither the JVM's nor the compiler's. */
    @Test
    void buildsAndStartsInAFolderWithAColonInItsPath() throws Exception {
        WorkingCopy colon = new WorkingCopy(folder, "working:copy: 2");
        colon.mavenBuilds();
        for (int i = 0; i < 2; i++) {
            WorkingCopy.Run run = colon.run("--version");
            assertEquals(0, run.exitCode(), run.err());
            assertTrue(run.out().startsWith("penstock "), run.out());
        }
        assertEquals(1, colon.mavenCalls().size());
        assertEquals(0, colon.run("put", "data", "key", "value").exitCode());
        assertEquals("value", colon.run("get", "data", "key").out().strip());
    }

    @Test
    void whatTheCallersShellIsSetToChangesNothing() throws Exception {
        copy.install();
        Files.createDirectories(folder.resolve("elsewhere/working copy"));
        for (String command : List.of(
                "CDPATH='" + folder.resolve("elsewhere") + "' 'working copy/penstock' --version",
                "CDPATH='" + folder + "' 'working copy/penstock' --version",
                "cd 'working copy' && CDPATH=/tmp bash penstock --version")) {
            WorkingCopy.Run run = shell("cd .. && export CDPATH && " + command);
            assertEquals(0, run.exitCode(), command + ": " + run.err());
            assertTrue(run.out().startsWith("penstock "), command + ": " + run.out());
            assertEquals(1, run.out().lines().count(), run.out());
        }
    }

    /** The options are words, and an asterisk among them is no pattern for files. */
    @Test
    void theCallersOptionsAreNotExpanded() throws Exception {
        copy.install();
        Files.createFile(copy.folder().resolve("-Xnonsense"));
        WorkingCopy.Run run = shell("PENSTOCK_JAVA_OPTS=' -Xmx64m\t-X*s9m\n' ./penstock --version");
        assertEquals(ExitCode.IO, run.exitCode());
        assertTrue(run.err().contains("-X*s9m"), run.err());
        WorkingCopy.Run good = shell("PENSTOCK_JAVA_OPTS='\n-Xmx64m\n -Dpenstock.unused=-X* ' ./penstock --version");
        assertEquals(0, good.exitCode(), good.err());
        Files.createFile(copy.folder().resolve("-Dpenstock.unused=1"));
        Files.createFile(copy.folder().resolve("-Dpenstock.unused=2"));
        assertEquals(
                0,
                shell("PENSTOCK_JAVA_OPTS='-Dpenstock.unused=*' ./penstock --version")
                        .exitCode());
    }

    /** A working copy that one user built and another runs. */
    @Test
    void theBuiltJarsAreForEverybodyToRead() throws Exception {
        for (String jar : new String[] {"penstock-store.jar", "penstock-server.jar"}) {
            Path built = Path.of("target", "lib", jar);
            assertTrue(
                    Files.getPosixFilePermissions(built).contains(PosixFilePermission.OTHERS_READ),
                    built + " is for its owner alone");
        }
    }

    @Test
    void aBuildThatFailsShowsItsOutputAndIsTriedAgain() throws Exception {
        copy.maven("echo 'cannot find symbol: Frobnicator'; exit 1");
        for (int attempt = 1; attempt <= 2; attempt++) {
            WorkingCopy.Run run = copy.run("--version");
            assertEquals(ExitCode.IO, run.exitCode());
            assertTrue(run.err().contains("cannot find symbol: Frobnicator"), run.err());
            assertEquals("", run.out());
            assertEquals(attempt, copy.mavenCalls().size());
        }
    }

    /** A first build takes minutes, most of them for downloads. */
    @Test
    void aBuildShowsHowFarItIs() throws Exception {
        copy.maven("""
                echo '[INFO] Scanning for projects...'
                echo '[INFO] Building Penstock 0.1.0-SNAPSHOT                                [1/4]'
                echo '[INFO] Downloading from central: https://example.com/a.jar'
                echo '[INFO] Downloaded from central: https://example.com/a.jar (1 kB at 1 kB/s)'
                echo '[INFO] Building Penstock Store 0.1.0-SNAPSHOT                          [2/4]'
                echo 'cannot find symbol: Frobnicator'
                exit 1""");
        WorkingCopy.Run run = copy.run("--version");
        List<String> shown = run.err().lines().toList();
        assertTrue(shown.getFirst().startsWith("penstock: building (once; "), run.err());
        assertEquals(
                List.of(
                        "penstock:   Penstock 0.1.0-SNAPSHOT, 1 of 4",
                        "penstock:   Penstock Store 0.1.0-SNAPSHOT, 2 of 4"),
                shown.subList(1, 3));
        assertTrue(shown.contains("cannot find symbol: Frobnicator"), run.err());
        assertFalse(run.err().contains("example.com"), run.err());
    }

    @Test
    void worksThroughLinksAndWithoutMaven() throws Exception {
        copy.install();
        Path links = Files.createDirectories(folder.resolve("a/b"));
        Files.createSymbolicLink(links.resolve("penstock"), Path.of("../../working copy/penstock"));
        Path link = Files.createSymbolicLink(folder.resolve("p"), Path.of("a/b/penstock"));
        WorkingCopy.Run run = copy.run(link, JDK, "--version");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().startsWith("penstock "), run.out());
        assertEquals(List.of(), copy.mavenCalls());
    }

    @Test
    void pathsAreRelativeToTheCallersFolderAndWordsAreUtf8() throws Exception {
        copy.install();
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path script = Files.writeString(folder.resolve("script"), """
                set -e
                cd '%2$s'
                '%1$s' put data ключ значение
                '%1$s' scan data --values
                '%1$s' get data 'nothing here'
                """.formatted(copy.launcher(), elsewhere));
        WorkingCopy.Run run = copy.run(Path.of("/bin/sh"), JDK, script.toString());
        assertTrue(Files.isDirectory(elsewhere.resolve("data")), run.err());
        assertEquals("ключ\tзначение\n", run.out());
        assertEquals("penstock: no such key: 'nothing here'\n", run.err());
        assertEquals(ExitCode.NEGATIVE, run.exitCode());
    }

    @Test
    void takesAJdkThatIsNewEnoughByItsReleaseFileAndNeverStartsAnother() throws Exception {
        copy.install();
        assertEquals(
                "fake JDK 26-ea\n",
                copy.run(copy.launcher(), jdk("26-ea"), "--version").out());
        for (String old : new String[] {"17.0.15", "24.0.2", "1.8.0_402", ""}) {
            WorkingCopy.Run run = copy.run(copy.launcher(), jdk(old), "--version");
            assertTrue(run.out().startsWith("penstock "), "took JDK " + old + ": " + run.out() + run.err());
        }
    }

    @Test
    void aJvmThatDoesNotStartIsNoAnswer() throws Exception {
        copy.install();
        assertEquals(0, copy.run("put", "data", "key", "value").exitCode());
        for (String options : new String[] {"-XX:+NoSuchFlag", "-Xmx1", "-Xmx8m -Xms9m"}) {
            WorkingCopy.Run run = shell("PENSTOCK_JAVA_OPTS='" + options + "' ./penstock get data key");
            assertEquals(ExitCode.IO, run.exitCode(), run.err());
            assertTrue(run.err().contains("penstock: the JVM does not start with PENSTOCK_JAVA_OPTS"), run.err());
        }
        // Each is the JVM's own, and is none of the launcher's options.
        for (String cause : new String[] {
            "export JAVA_TOOL_OPTIONS=-Xmx1",
            "export JDK_JAVA_OPTIONS=-XX:+NoSuchFlag",
            "export _JAVA_OPTIONS=-Xmx1",
            "ulimit -v 300000"
        }) {
            WorkingCopy.Run run = shell(cause + "; ./penstock get data key");
            assertEquals(ExitCode.IO, run.exitCode(), cause + ": " + run.err());
            assertTrue(run.err().contains("penstock: the JVM does not start with "), run.err());
        }
        for (String name : new String[] {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"}) {
            WorkingCopy.Run run = shell("export " + name + "=-Dfile.encoding=ISO-8859-1; ./penstock get data key");
            assertEquals("value", run.out(), run.err());
            assertEquals(0, run.exitCode(), run.err());
        }
        WorkingCopy.Run good = shell("PENSTOCK_JAVA_OPTS='-Xmx64m -Xms9m' ./penstock get data key");
        assertEquals("value", good.out(), good.err());
        assertEquals("", good.err());
    }

    /** A closed stream's number goes to the next file that is opened, which must be none of the store's. */
    @Test
    void aClosedStreamIsAnErrorAndNeverAnEmptyValueOrADamagedStore() throws Exception {
        copy.install();
        WorkingCopy.Run put = shell("./penstock put data key <&-");
        assertEquals(ExitCode.IO, put.exitCode(), put.err());
        assertEquals(1, put.err().lines().count(), put.err());
        assertFalse(Files.exists(copy.folder().resolve("data")), "something was stored");
        assertEquals(0, shell("./penstock put data key value <&- >&- 2>&-").exitCode());
        assertEquals(ExitCode.IO, shell("./penstock get data key >&-").exitCode());
        assertEquals("value", shell("./penstock get data key 2>&-").out());
        assertEquals(0, shell("./penstock put data empty </dev/null").exitCode());
        assertEquals(0, copy.run("verify", "data").exitCode());
    }

    @Test
    void aReaderThatHasHadEnoughIsNoErrorToTellOf() throws Exception {
        copy.install();
        Path lines = folder.resolve("lines");
        Files.write(
                lines,
                IntStream.range(0, 20_000)
                        .mapToObj("{\"key\":\"key%d\",\"value\":\"\"}"::formatted)
                        .toList());
        assertEquals(0, copy.run("load", "data", lines.toString()).exitCode());
        assertEquals(
                0, shell("head -c 50m /dev/zero | ./penstock put data large").exitCode());
        for (String command : new String[] {"scan data", "scan data --json", "scan data --values", "get data large"}) {
            WorkingCopy.Run run =
                    shell("(./penstock " + command + "; echo $? >code) | head -c 10 >/dev/null; cat code");
            assertEquals("", run.err(), command);
            assertEquals(ExitCode.IO + "\n", run.out(), command);
        }
    }

    @Test
    void wordsAreBytesAndFilesAreWhatTheShellMakesOfThem() throws Exception {
        copy.install();
        WorkingCopy.Run run = shell("""
                export LC_ALL=xx_XX.UTF-8
                ./penstock put data ключ значение
                ./penstock put data $'k\\xe9' --file <(echo substituted)
                echo redirected | ./penstock put data stdin --file /dev/stdin
                ./penstock scan data --values | sort
                """);
        assertEquals("k\\xe9\tsubstituted\\n\nstdin\tredirected\\n\nключ\tзначение\n", run.out(), run.err());
    }

    /** The JVM logs to standard output unless it is told otherwise, and there it would become part of a value. */
    @Test
    void aWarningOfTheJvmIsNotInTheOutput() throws Exception {
        copy.install();
        assertEquals(0, copy.run("put", "data", "key", "value").exitCode());
        WorkingCopy.Run run = shell("PENSTOCK_JAVA_OPTS=-XX:+UseLargePages ./penstock get data key");
        assertEquals("value", run.out(), run.err());
        if (Files.readString(Path.of("/proc/meminfo")).matches("(?s).*HugePages_Total: +0\n.*")) {
            assertTrue(run.err().contains("[warning][pagesize]"), run.err());
        }
    }

    @Test
    void onlyANodeOfAClusterIsRehearsedAsOne() throws Exception {
        copy.install();
        WorkingCopy.Run run = copy.run("cluster", "status", "--help");
        assertEquals(0, run.exitCode(), run.err());
        assertEquals("", run.err());
        assertFalse(Files.exists(copy.target().resolve("launcher-cluster.rehearsed")));
    }

    @Test
    void aNodeOfAClusterLoadsItsClassesFromACacheOfItsOwn() throws Exception {
        copy.install();
        String peers = "a=127.0.0.1:" + FreePorts.first(1);
        WorkingCopy.Run init = copy.run("cluster", "init", "data", "--name", "a", "--peers", peers);
        assertEquals("", init.err());
        WorkingCopy.Run node = shell("""
                export PENSTOCK_JAVA_OPTS=-Xlog:class+load=info:file=loaded.log
                exec 3< <(exec ./penstock cluster node data)
                pid=$!
                read -r line <&3
                echo "$line"
                kill "$pid"
                wait "$pid"
                """);
        assertEquals(128 + 15, node.exitCode(), node.err());
        assertTrue(node.out().startsWith("node a of the cluster penstock serving data on "), node.out());
        assertTrue(node.err().startsWith("penstock: starting a node of a cluster once, "), node.err());
        assertTrue(Files.exists(copy.target().resolve("launcher-cluster.aot")), "the rehearsal left no cache");
        List<String> loaded = Files.readAllLines(copy.folder().resolve("loaded.log"));
        for (String name : List.of("dev.penstock.cluster.ClusterServer", "org.apache.ratis.server.RaftServer")) {
            List<String> line = loaded.stream()
                    .filter(each -> each.contains(" " + name + " source: "))
                    .toList();
            assertEquals(1, line.size(), name);
            assertTrue(line.getFirst().contains("source: shared objects file"), line.toString());
        }
    }

    private WorkingCopy.Run shell(String script) throws Exception {
        Path file = Files.writeString(folder.resolve("script.sh"), script);
        return copy.run(Path.of("/bin/bash"), JDK, file.toString());
    }

    @Test
    void theFirstPongComesSoon() throws Exception {
        copy.install();
        Files.delete(copy.target().resolve("launcher.rehearsed"));
        assertEquals(0, copy.run("--version").exitCode());
        assertTrue(Files.exists(copy.target().resolve("launcher.aot")), "the rehearsal left no cache");
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            millis.add(firstPongMillis("store" + i));
        }
        System.out.println("LauncherIT: from ./penstock serve to the first PONG, ms: " + millis);
        assertTrue(millis.stream().min(Long::compare).orElseThrow() < MAX_FIRST_PONG_MILLIS, millis.toString());
    }

    private long firstPongMillis(String store) throws Exception {
        long start = System.nanoTime();
        Process server = copy.start("serve", store, "--port", "0");
        try (Jedis client =
                new Jedis(ServeCommandIT.address(server.inputReader(UTF_8).readLine()))) {
            assertEquals("PONG", client.ping());
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private Path jdk(String version) throws IOException {
        Path jdk = Files.createTempDirectory(folder, "jdk-");
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        Path java = Files.createDirectory(jdk.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'fake JDK " + version + "'\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return jdk;
    }
}
