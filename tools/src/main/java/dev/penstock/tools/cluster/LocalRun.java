package dev.penstock.tools.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ExitHook;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs the nodes of a {@link LocalCluster}, each in a process of its own, until a signal ends this process. Prints a
 * line for each node that is ready, each change of leader and each node that ends. A node that ends is restarted after
 * {@value #RESTART_MILLIS} ms; one that does not get ready then stays down, and the others go on while they are more
 * than half. If standard output fails, all nodes are stopped.
 *
 * <p>One thread runs it, and prints what the nodes say; others bring that, and the JVM's hook stops it. The lock is
 * held while a line is printed; that of the processes while one is started, so that none is missed when they stop.
 */
public final class LocalRun {

    private static final long RESTART_MILLIS = 3000;
    private static final long STOP_SECONDS = 30;
    private static final int FIRST_SIGNAL = 128;
    private static final int INTERRUPTED = FIRST_SIGNAL + 2;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final String LOG_LEVEL = "--log-level=warning";

    private final Console console;
    private final LocalCluster cluster;
    private final OptionalInt metricsPort;

    @GuardedBy("processes")
    private final Map<String, NodeProcess> processes = new HashMap<>();

    private final BlockingQueue<Event> events = new DelayQueue<>();
    private volatile boolean isStopping;

    /** Belong to the thread that runs it. */
    private final List<Peer> ready = new ArrayList<>();

    private boolean isExplained;

    /** @param metricsPort of the first node; the next nodes have the next ports */
    public LocalRun(Console console, LocalCluster cluster, OptionalInt metricsPort) {
        this.console = console;
        this.cluster = cluster;
        this.metricsPort = metricsPort;
    }

    private enum Kind {
        READY,
        LEADS,
        ENDED,
        START
    }

    /** What the thread that runs it has to look at, at a time. */
    private record Event(Kind kind, Peer peer, String text, int exitCode, long atNanos) implements Delayed {

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.signum(atNanos - ((Event) other).atNanos);
        }
    }

    /** Returns when the cluster cannot go on, with the exit code of the node that was one too many. */
    public int run() throws IOException, InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        if (!ExitHook.add(new Thread(() -> stopAndSay(stopped), "penstock-stop"))) {
            return ExitCode.OK;
        }
        try {
            console.line(
                    "starting " + Size.count(cluster.peers().size(), "node", "nodes") + " in " + cluster.directory());
            console.flush();
            for (Peer peer : cluster.peers()) {
                start(peer);
            }
            return watch();
        } finally {
            if (!isStopping) {
                stop();
            }
            stopped.countDown();
        }
    }

    private int watch() throws IOException, InterruptedException {
        while (true) {
            Event event = events.take();
            if (isStopping) {
                continue; // until the JVM has ended
            }
            Peer peer = event.peer();
            switch (event.kind()) {
                case READY -> {
                    say(event.text());
                    ready.add(peer);
                }
                case LEADS -> {
                    say(event.text());
                    explain();
                }
                case START -> start(peer);
                case ENDED -> {
                    int exitCode = ended(peer, event.exitCode());
                    if (exitCode != ExitCode.OK) {
                        return exitCode;
                    }
                }
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // its end is an event
    private void start(Peer peer) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(cluster.folder(peer).toString(), "--supervised", LOG_LEVEL));
        metricsPort.ifPresent(first ->
                arguments.add("--metrics-port=" + (first + cluster.peers().indexOf(peer))));
        synchronized (processes) {
            if (isStopping) {
                return;
            }
            NodeProcess process = NodeProcess.start(peer.name(), arguments, this::said, this::logged);
            processes.put(peer.name(), process);
            process.exit().thenAccept(exitCode -> add(Kind.ENDED, peer, "", exitCode, 0));
        }
    }

    private void startLater(Peer peer) {
        add(Kind.START, peer, "", 0, RESTART_MILLIS);
    }

    private void add(Kind kind, Peer peer, String text, int exitCode, long delayMillis) {
        long atNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
        events.add(new Event(kind, peer, text, exitCode, atNanos));
    }

    /** A line of a node that is supervised: it is ready, or leads. */
    private void said(String name, String line) {
        Peer peer = cluster.peers().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        add(line.startsWith(NodeLines.LEADS) ? Kind.LEADS : Kind.READY, peer, name + " " + line, 0, 0);
    }

    private synchronized void logged(String name, String line) {
        console.err().println(name + ": " + line);
    }

    private synchronized void say(String text) throws IOException {
        console.line(LocalTime.now(ZoneId.systemDefault())
                        .truncatedTo(ChronoUnit.MILLIS)
                        .format(TIME) + "  " + text);
        console.flush();
    }

    /** How to use it, once: when it can be used. */
    private synchronized void explain() throws IOException {
        if (isExplained) {
            return;
        }
        isExplained = true;
        Peer first = cluster.peers().getFirst();
        console.line("");
        console.line("The cluster is ready.");
        console.line("  connect   redis-cli -c -p " + first.port());
        console.line("  state     penstock cluster status " + first.address());
        console.line("  stop      Ctrl-C");
        console.line("");
        console.flush();
    }

    /** Returns other than 0 if the others cannot go on. */
    private int ended(Peer peer, int exitCode) throws IOException {
        NodeProcess process;
        int left;
        synchronized (processes) {
            process = processes.remove(peer.name());
            left = processes.size();
        }
        if (process == null) {
            return ExitCode.OK;
        }
        boolean wasReady = ready.remove(peer);
        if (exitCode == INTERRUPTED) {
            // By Ctrl-C as a rule, which the terminal sends to all processes: this one stops before anything starts.
            startLater(peer);
            return ExitCode.OK;
        }
        String how = exitCode > FIRST_SIGNAL
                ? "was ended by signal " + (exitCode - FIRST_SIGNAL)
                : "ended with exit code " + exitCode;
        String what = peer.name() + " (process " + process.pid() + ") " + how;
        if (wasReady) {
            say(what + "; it starts again in " + RESTART_MILLIS / 1000 + " s");
            startLater(peer);
            return ExitCode.OK;
        }
        if (isExplained && left > cluster.peers().size() / 2) {
            say(what + " before it was ready; the others go on without it. Stop the cluster and start it to try again");
            return ExitCode.OK;
        }
        say(what + " before it was ready; stopping the others");
        return exitCode == ExitCode.OK || exitCode > FIRST_SIGNAL ? ExitCode.IO : exitCode;
    }

    /** On a thread of the JVM that ends. */
    private void stopAndSay(CountDownLatch stopped) {
        if (isStopping) {
            awaitQuietly(stopped);
            return;
        }
        sayAtTheEnd("stopping");
        stop();
        sayAtTheEnd("stopped");
    }

    private void sayAtTheEnd(String text) {
        try {
            say(text);
        } catch (IOException e) {
            // Standard output is closed. The nodes stop, and the exit code is that of the signal.
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(STOP_SECONDS + 5, TimeUnit.SECONDS); // longer than the other thread waits for the nodes
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stop() {
        List<NodeProcess> running;
        synchronized (processes) {
            isStopping = true;
            running = List.copyOf(processes.values());
        }
        running.forEach(NodeProcess::stop);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        for (NodeProcess process : running) {
            try {
                process.exit().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException e) {
                sayAtTheEnd(
                        "process " + process.pid() + " does not stop; it is killed, which loses nothing acknowledged");
                process.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.kill();
            }
        }
    }
}
