package dev.penstock.server;

import com.sun.management.ThreadMXBean;
import dev.penstock.store.Store;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server in a JVM of its own, which can be given little of everything, and which ends with its parent. */
final class ChildServer implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private final int port;
    private final int tlsPort;

    /** @param shellPrefix what the shell does before it becomes the JVM, such as a limit */
    ChildServer(Path directory, String shellPrefix, String... jvmArguments) throws IOException {
        this(directory, shellPrefix, List.of(), jvmArguments);
    }

    /** @param wrapper a program with its arguments that starts the JVM and watches it */
    ChildServer(Path directory, List<String> wrapper) throws IOException {
        this(directory, "", wrapper);
    }

    private ChildServer(Path directory, String shellPrefix, List<String> wrapper, String... jvmArguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(jvmArguments));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Dpenstock.test.loops=" + TestServer.LOOPS);
        command.add("--add-exports");
        command.add("java.base/sun.nio.ch=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(ChildServer.class.getName());
        command.add(directory.toString());
        String line = shellPrefix + "exec '" + String.join("' '", command) + "'";
        process = new ProcessBuilder("sh", "-c", line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = process.inputReader(StandardCharsets.UTF_8);
        String first = output.readLine();
        if (first == null) {
            throw new IOException("the child server did not start");
        }
        String[] ports = first.split(" ", -1);
        port = Integer.parseInt(ports[0]);
        tlsPort = Integer.parseInt(ports[1]);
    }

    int port() {
        return port;
    }

    /** Of a server that was given a certificate as the system property {@code penstock.test.certificate}. */
    int tlsPort() {
        return tlsPort;
    }

    /** Bytes that the event loop has allocated on the heap so far. */
    long allocatedByLoop() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return Long.parseLong(output.readLine());
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Waits for the end and returns the exit code. */
    int await() {
        return process.onExit().join().exitValue();
    }

    /** A line of the process's status that is a number of KiB, such as VmHWM, its largest resident size. */
    long statusKib(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no " + field);
    }

    /** Processor time used so far, in ticks of 10 ms. */
    long processorTicks() throws IOException {
        String[] fields = Files.readString(Path.of("/proc/" + process.pid() + "/stat"))
                .replaceFirst(".*\\) ", "")
                .split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    public static void main(String[] arguments) throws Exception {
        try (Store store = Store.open(Path.of(arguments[0]));
                PenstockServer server = PenstockServer.start(store, options());
                BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, store)));
            PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            output.println(server.port() + " " + server.tlsPort().orElse(0));
            while (input.readLine() != null) { // until the parent ends
                output.println(loopAllocation());
            }
        }
    }

    private static ServerOptions options() {
        ServerOptions options = ServerOptions.defaults().withPort(0).withEventLoops(TestServer.LOOPS);
        String certificate = System.getProperty("penstock.test.certificate");
        return certificate == null
                ? options
                : options.withTls(
                        new ServerOptions.Tls(0, Path.of(certificate + ".crt"), Path.of(certificate + ".key")));
    }

    /** As the command line does at a signal. */
    private static void end(PenstockServer server, Store store) {
        server.close();
        store.close();
    }

    private static long loopAllocation() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            if (threads.getThreadInfo(id).getThreadName().equals("penstock-loop")) {
                return threads.getThreadAllocatedBytes(id);
            }
        }
        throw new AssertionError("no event loop");
    }
}
