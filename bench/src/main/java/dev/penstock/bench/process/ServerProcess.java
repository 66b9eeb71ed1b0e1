package dev.penstock.bench.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A server that this harness started and ends. It answers on loopback only, its output goes to a file that is shown
 * when it fails, and it dies with the harness even when that is interrupted.
 */
public final class ServerProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = 500_000;
    private static final long STOP_LIMIT_SECONDS = 10;

    private final Process process;
    private final Path log;
    private final InetSocketAddress address;
    private final Thread atExit = new Thread(this::kill);

    /** Starts the command; it need not accept connections yet. */
    public ServerProcess(List<String> command, int port, Path log) throws IOException {
        this.log = log;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Runtime.getRuntime().addShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This JVM is ending already, and nobody would end the process later.
            process.destroyForcibly();
            throw e;
        }
    }

    /** A port that was free a moment ago. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public long pid() {
        return process.pid();
    }

    public InetSocketAddress address() {
        return address;
    }

    /** Returns as soon as the server answers the question; throws if it ends or takes a minute. */
    public void awaitAnswer(Question question) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!answers(question)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("the server does not answer; it printed:\n" + Files.readString(log));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private boolean answers(Question question) {
        try (BlockingClient connection = new BlockingClient(address)) {
            question.ask(connection);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Fails with an IOException as long as the server is not ready. */
    @FunctionalInterface
    public interface Question {
        void ask(BlockingClient connection) throws IOException;
    }

    /** User and system time of the process and its children so far; the kernel counts in steps of 10 ms. */
    public Duration processorTime() throws IOException {
        long ticks = 0;
        for (ProcessHandle handle : withChildren()) {
            ticks += ticks(handle.pid());
        }
        return Duration.ofMillis(ticks * 1000 / TicksPerSecond.VALUE);
    }

    private List<ProcessHandle> withChildren() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    private static long ticks(long pid) throws IOException {
        try {
            return parseTicks(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** The sum of the fields utime and stime; the name before them is in parentheses and may hold anything. */
    static long parseTicks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    /** Asks the server to stop, and makes it stop if it does not. */
    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        List<ProcessHandle> all = withChildren();
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the process and its children as SIGKILL does; does not wait for their end. */
    public void kill() {
        withChildren().forEach(ProcessHandle::destroyForcibly);
    }

    /** The unit of processor time in /proc; asked once, because it takes a process. */
    private static final class TicksPerSecond {

        static final long VALUE = ask();

        private static long ask() {
            try {
                return Long.parseLong(
                        ExternalProgram.output(List.of("getconf", "CLK_TCK")).strip());
            } catch (IOException e) {
                throw new IllegalStateException("getconf tells no clock tick", e);
            }
        }
    }
}
