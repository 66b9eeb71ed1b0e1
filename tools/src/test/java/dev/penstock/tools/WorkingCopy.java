package dev.penstock.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A working copy with the real launcher and, in place of Maven, a script that writes down that it was called. Its
 * folder is the one that commands run in.
 */
public final class WorkingCopy {

    private static final Path BUILD = Path.of("target").toAbsolutePath();
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    private final Path folder;
    private final Path surroundings;

    /** @param surroundings an empty folder; the working copy is one in it */
    public WorkingCopy(Path surroundings) throws IOException {
        this(surroundings, "working copy");
    }

    /** @param name of the working copy's folder */
    public WorkingCopy(Path surroundings, String name) throws IOException {
        this.surroundings = surroundings;
        this.folder = Files.createDirectories(surroundings.resolve(name));
        Files.copy(Path.of("..", "penstock"), launcher());
        Files.setPosixFilePermissions(launcher(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(Files.createDirectories(source().getParent()).resolve(source().getFileName()), "source");
        Files.createDirectories(surroundings.resolve("bin"));
        maven("exit 0");
    }

    /** What one run left behind. */
    public record Run(int exitCode, String out, String err) {}

    public Path folder() {
        return folder;
    }

    public Path launcher() {
        return folder.resolve("penstock");
    }

    public Path source() {
        return folder.resolve("tools/src/main/Source.java");
    }

    public Path target() {
        return folder.resolve("tools/target");
    }

    /** The command lines that Maven was called with. */
    public List<String> mavenCalls() throws IOException {
        Path calls = surroundings.resolve("maven-calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    /** What Maven does beside writing down its call. */
    public void maven(String action) throws IOException {
        Path script = surroundings.resolve("bin/mvn");
        Files.writeString(
                script, "#!/bin/sh\necho \"$*\" >>'" + surroundings.resolve("maven-calls") + "'\n" + action + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Lets Maven build what this build has built. */
    public void mavenBuilds() throws IOException {
        maven("mkdir -p tools/target && cp -R '" + BUILD + "/lib' '" + BUILD + "/penstock-tools.jar' tools/target/");
    }

    /** What a finished build leaves behind; the rehearsal, which takes seconds, is marked as done. */
    public void install() throws IOException {
        Path lib = Files.createDirectories(target().resolve("lib"));
        try (Stream<Path> jars = Files.list(BUILD.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        Files.copy(BUILD.resolve("penstock-tools.jar"), target().resolve("penstock-tools.jar"));
        Files.createFile(target().resolve("launcher.stamp"));
        Files.createFile(target().resolve("launcher.rehearsed"));
    }

    /** Runs the launcher. */
    public Run run(String... arguments) throws Exception {
        return run(launcher(), JDK, arguments);
    }

    /** Runs any program in this working copy's folder. */
    public Run run(Path program, Path javaHome, String... arguments) throws Exception {
        Path errors = surroundings.resolve("stderr");
        Process process = start(program, javaHome, errors, arguments);
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        int exitCode = process.waitFor();
        return new Run(exitCode, out, Files.readString(errors));
    }

    /** Starts the launcher. */
    public Process start(String... arguments) throws IOException {
        // Not to the file of run: a server that was started goes on to log.
        return start(launcher(), JDK, surroundings.resolve("stderr-of-started"), arguments);
    }

    private Process start(Path program, Path javaHome, Path errors, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors.toFile());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().merge("PATH", surroundings.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        // A locale that is not UTF-8, where a JVM alone would read keys as question marks.
        builder.environment().put("LC_ALL", "C");
        return builder.start();
    }
}
