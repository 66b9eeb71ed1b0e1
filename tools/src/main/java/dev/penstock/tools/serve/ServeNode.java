package dev.penstock.tools.serve;

import dev.penstock.cluster.ClusterMember;
import dev.penstock.cluster.ClusterOptions;
import dev.penstock.cluster.ClusterServer;
import dev.penstock.server.ServerOptions;
import dev.penstock.store.Release;
import dev.penstock.store.StoreOptions;
import dev.penstock.tools.cluster.NodeFile;
import dev.penstock.tools.cluster.NodeLines;
import dev.penstock.tools.cluster.Peer;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ExitHook;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Runs a node of a cluster until a signal, or a client's SHUTDOWN, ends it. A node that is supervised also stops when
 * its standard input ends, and prints what {@link NodeLines} says. On a signal, a shutdown hook stops the node and
 * delays the exit of the JVM until its store is closed.
 *
 * <p>The only class that knows the module of the cluster, so that no other command loads it.
 */
public final class ServeNode {

    private final Console console;
    private final ServerLog log;
    private final Path directory;
    private final NodeFile node;
    private final StoreOptions storeOptions;
    private final ServerOptions options;
    private final boolean isSupervised;

    public ServeNode(
            Console console,
            ServerLog log,
            Path directory,
            NodeFile node,
            StoreOptions storeOptions,
            ServerOptions options,
            boolean isSupervised) {
        this.console = console;
        this.log = log;
        this.directory = directory;
        this.node = node;
        this.storeOptions = storeOptions;
        this.options = options;
        this.isSupervised = isSupervised;
    }

    public int run() throws IOException, InterruptedException {
        return ServerRun.logged(log, directory.resolve("store"), this::serve);
    }

    private int serve() throws IOException, InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        try (ServiceNotifier notifier =
                new ServiceNotifier(System.getenv(), ProcessHandle.current().pid())) {
            notifier.opening();
            try (ClusterServer server = start()) {
                if (ExitHook.add(
                        new Thread(() -> ServerRun.stop(log, notifier, server::close, closed), "penstock-stop"))) {
                    announce(server, notifier);
                    server.awaitStop();
                    notifier.stopping();
                    log.event("stopped serving; closing the store");
                    server.failure().ifPresent(this::fail);
                }
            }
            log.event("stopped");
        } finally {
            closed.countDown();
        }
        return ExitCode.OK;
    }

    private ClusterServer start() throws IOException {
        try {
            List<ClusterMember> members = node.peers().stream()
                    .map(peer -> new ClusterMember(peer.name(), peer.host(), peer.port(), peer.logPort()))
                    .toList();
            return ClusterServer.start(ClusterOptions.of(node.self().name(), members, directory)
                    .withGroup(node.cluster())
                    .withServer(options)
                    .withStore(storeOptions)
                    .withListener(this::onLeader));
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private void announce(ClusterServer server, ServiceNotifier notifier) throws IOException {
        Peer self = node.self();
        String line = "node %s of the cluster %s serving %s on %s, with its log on port %d"
                .formatted(self.name(), node.cluster(), directory, self.address(), self.logPort());
        if (server.metricsPort().isPresent()) {
            line += ", status page on port " + server.metricsPort().getAsInt();
        }
        print(isSupervised ? NodeLines.ready(self) : log.shown(line));
        log.event("started Penstock " + Release.current().version() + " with Java " + Runtime.version() + ", process "
                + ProcessHandle.current().pid() + ": " + line);
        notifier.ready(line, server::isLive);
        if (isSupervised) {
            Thread.ofPlatform().daemon().name("penstock-supervisor").start(() -> awaitEndOfInput(server));
        }
    }

    private synchronized void print(String line) throws IOException {
        console.line(line);
        console.flush();
    }

    /** The log has a line for each change of leader, on every node. A supervisor hears of it once. */
    private void onLeader(String leader, long term) {
        if (isSupervised && leader.equals(node.self().name())) {
            try {
                print(NodeLines.leads(term));
            } catch (IOException e) {
                // The program that started this one has gone. Standard input ends with it, which stops the node.
            }
        }
    }

    private void awaitEndOfInput(ClusterServer server) {
        try (InputStream in = console.in()) {
            while (in.read() >= 0) {
                // Nothing is said there.
            }
        } catch (IOException e) {
            // That is its end too.
        }
        log.event("stopping: the process that started this one told it to, or has ended");
        server.close();
    }

    private void fail(Throwable cause) {
        throw new ToolException(
                ExitCode.STORE,
                "node " + node.self().name() + " stopped because of an error: " + cause.getMessage()
                        + ". The log has details; fix the cause, then start the node again",
                cause);
    }
}
