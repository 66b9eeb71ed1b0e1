package dev.penstock.cluster.failure;

import dev.penstock.cluster.ClusterMember;
import dev.penstock.cluster.ClusterOptions;
import dev.penstock.cluster.ClusterServer;
import dev.penstock.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** One node in a process of its own, which can be killed, paused and started again on its directory. */
final class NodeProcess {

    private static final long EXIT_SECONDS = 60;

    private final ClusterMember self;
    private final List<ClusterMember> members;
    private final Path folder;
    private final List<String> prefix;
    private final Path output;
    private Process process;

    /** @param prefix what the command begins with: the name of a namespace, or another time */
    NodeProcess(ClusterMember self, List<ClusterMember> members, Path folder, List<String> prefix, Path output) {
        this.self = self;
        this.members = members;
        this.folder = folder;
        this.prefix = prefix;
        this.output = output;
    }

    /** Runs a node until it is told to end: its id, its directory, and the members. */
    public static void main(String[] arguments) throws Exception {
        List<ClusterMember> members = Arrays.stream(arguments)
                .skip(2)
                .map(text -> text.split(",", -1))
                .map(parts ->
                        new ClusterMember(parts[0], parts[1], Integer.parseInt(parts[2]), Integer.parseInt(parts[3])))
                .toList();
        ClusterOptions options = ClusterOptions.of(arguments[0], members, Path.of(arguments[1]));
        ServerOptions server = ServerOptions.defaults()
                .withBind(List.of(options.self().host()))
                .withRemoteAllowed(true);
        try (ClusterServer node = ClusterServer.start(options.withServer(server))) {
            Runtime.getRuntime().addShutdownHook(new Thread(node::close));
            node.awaitStop();
            node.failure().ifPresent(cause -> {
                cause.printStackTrace();
                Runtime.getRuntime().halt(1); // its end may wait for the disk
            });
        }
    }

    ClusterMember self() {
        return self;
    }

    Path folder() {
        return folder;
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NodeProcess.class.getName(),
                self.id(),
                folder.toString()));
        members.forEach(each -> command.add(String.join(
                ",", each.id(), each.host(), Integer.toString(each.port()), Integer.toString(each.raftPort()))));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
    }

    boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** As {@code kill -9}. */
    void kill() {
        List<ProcessHandle> all = all();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each -> each.onExit().join());
    }

    void pause() throws Exception {
        signal("STOP");
    }

    void resume() throws Exception {
        signal("CONT");
    }

    /** Ends in good order. */
    void stop() throws Exception {
        List<ProcessHandle> all = all();
        signal("TERM");
        try {
            for (ProcessHandle each : all) {
                each.onExit().get(EXIT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (TimeoutException e) {
            kill();
            throw new AssertionError("node " + self.id() + " does not end\n" + log(), e);
        }
    }

    /** The node, and what it was started by. */
    private List<ProcessHandle> all() {
        return Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
    }

    private void signal(String name) throws Exception {
        for (ProcessHandle each : all()) {
            Shell.run("kill", "-" + name, Long.toString(each.pid()));
        }
    }

    String log() throws IOException {
        List<String> lines = Files.readAllLines(output);
        return "node " + self.id() + ":\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }
}
