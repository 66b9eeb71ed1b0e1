package dev.penstock.server;

import com.sun.management.ThreadMXBean;
import dev.penstock.store.Store;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A server in a separate JVM, which can be given little of everything, and which ends with its parent. */
public final class ChildServer implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private final int port;
    private final int tlsPort;
    private final int metricsPort;
    private final int httpPort;
    private final Path errors;

    /** @param shellPrefix what the shell does before it becomes the JVM, such as a limit */
    public ChildServer(Path directory, String shellPrefix, String... jvmArguments) throws IOException {
        this(directory, shellPrefix, List.of(), jvmArguments);
    }

    /** @param wrapper a program with its arguments that starts the JVM and watches it */
    public ChildServer(Path directory, List<String> wrapper) throws IOException {
        this(directory, "", wrapper);
    }

    private ChildServer(Path directory, String shellPrefix, List<String> wrapper, String... jvmArguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(jvmArguments));
        command.addAll(List.of("-Xlog:disable", "-Xlog:all=warning:stderr")); // standard output has the answers alone
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Dpenstock.test.loops=" + TestServer.LOOPS);
        command.add("--add-exports");
        command.add("java.base/sun.nio.ch=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(ChildServer.class.getName());
        command.add(directory.toString());
        String line = shellPrefix + "exec '" + String.join("' '", command) + "'";
        errors = Files.createTempFile("penstock-child-", ".err");
        process = new ProcessBuilder("sh", "-c", line)
                .redirectError(errors.toFile())
                .start();
        output = process.inputReader(StandardCharsets.UTF_8);
        String first = output.readLine();
        if (first == null) {
            throw new IOException("the child server did not start: " + errors());
        }
        String[] ports = first.split(" ", -1);
        port = Integer.parseInt(ports[0]);
        tlsPort = Integer.parseInt(ports[1]);
        metricsPort = Integer.parseInt(ports[2]);
        httpPort = Integer.parseInt(ports[3]);
    }

    public int port() {
        return port;
    }

    /** Of a server that was given a certificate as the system property {@code penstock.test.certificate}. */
    public int tlsPort() {
        return tlsPort;
    }

    /** Of a server that was given any system property {@code penstock.test.metrics}. */
    public int metricsPort() {
        return metricsPort;
    }

    /** Of a server that was given any system property {@code penstock.test.http}. */
    public int httpPort() {
        return httpPort;
    }

    /** Bytes that the event loop has allocated on the heap so far. */
    long allocatedByLoop() throws IOException {
        return ask("allocated");
    }

    /** Has the child open files until the process may open no more; returns how many. */
    public long takeDescriptors() throws IOException {
        return ask("take");
    }

    /** Has the child close those files. */
    public void freeDescriptors() throws IOException {
        ask("free");
    }

    private long ask(String what) throws IOException {
        process.getOutputStream().write((what + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        return Long.parseLong(output.readLine());
    }

    /** The lines of its log so far that contain a text. */
    public List<String> logged(String text) throws IOException {
        return errors().lines().filter(line -> line.contains(text)).toList();
    }

    private String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for the end and returns the exit code. */
    public int await() {
        return process.onExit().join().exitValue();
    }

    /** A line of the process's status that is a number of KiB, such as VmHWM, its largest resident size. */
    public long statusKib(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no " + field);
    }

    /** Processor time used so far, in ticks of 10 ms. */
    public long processorTicks() throws IOException {
        String[] fields = Files.readString(Path.of("/proc/" + process.pid() + "/stat"))
                .replaceFirst(".*\\) ", "")
                .split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        System.err.print(errors());
        Files.delete(errors);
    }

    public static void main(String[] arguments) throws Exception {
        try (Store store = Store.open(Path.of(arguments[0]));
                PenstockServer server = PenstockServer.start(store, options());
                BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, store)));
            PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            output.println(server.port() + " " + server.tlsPort().orElse(0) + " "
                    + server.metricsPort().orElse(0) + " " + server.httpPort().orElse(0));
            List<InputStream> taken = new ArrayList<>();
            for (String line = input.readLine(); line != null; line = input.readLine()) { // until the parent ends
                switch (line) {
                    case "take" -> output.println(takeDescriptors(taken));
                    case "free" -> output.println(closeAll(taken));
                    default -> output.println(loopAllocation());
                }
            }
        }
    }

    /**
     * With all classes loaded: those of the tests' class path are files of their own, which could not be opened later.
     */
    private static int takeDescriptors(List<InputStream> taken) throws Exception {
        for (String part : System.getProperty("java.class.path").split(":", -1)) {
            Path root = Path.of(part);
            if (root.toString().endsWith("classes")) {
                loadClasses(root);
            }
        }
        // A server that has just started opens files and closes them again: what becomes free is taken as well.
        for (int failed = 0; failed < 30; ) {
            try {
                taken.add(new FileInputStream("/dev/null"));
                failed = 0;
            } catch (IOException none) {
                failed++;
                Thread.sleep(10);
            }
        }
        return taken.size();
    }

    private static void loadClasses(Path root) throws Exception {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString().replace('/', '.');
                if (!name.endsWith("-info.class")) {
                    Class.forName(name.substring(0, name.length() - ".class".length()), false, loader());
                }
            }
        }
    }

    private static ClassLoader loader() {
        return ChildServer.class.getClassLoader();
    }

    private static int closeAll(List<InputStream> taken) throws IOException {
        int count = taken.size();
        for (InputStream stream : taken) {
            stream.close();
        }
        taken.clear();
        return count;
    }

    private static ServerOptions options() {
        ServerOptions options = ServerOptions.defaults().withPort(0).withEventLoops(TestServer.LOOPS);
        if (System.getProperty("penstock.test.metrics") != null) {
            options = options.withMetricsPort(0);
        }
        if (System.getProperty("penstock.test.http") != null) {
            options = options.withHttpPort(0);
        }
        String password = System.getProperty("penstock.test.password");
        if (password != null) {
            options = options.withPassword(password).withMaxClients(3000);
        }
        if (System.getProperty("penstock.test.clients") != null) {
            options = options.withMaxClients(Integer.getInteger("penstock.test.clients"));
        }
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
