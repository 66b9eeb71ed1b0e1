package dev.penstock.tools;

import dev.penstock.server.PenstockServer;
import dev.penstock.server.ServerOptions;
import dev.penstock.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code penstock serve}: owns the store until a signal, or a client's SHUTDOWN, ends it. A signal is handled by the
 * JVM's own way out: a hook asks the server to stop and holds the JVM until the store is closed.
 */
@Command(
        name = "serve",
        description = {
            "Serve the store to Redis clients. A directory that is missing or empty becomes a store.",
            "Prints one line when it is ready; SIGTERM, SIGINT and a client's SHUTDOWN stop it, with everything stored."
        })
final class ServeCommand extends StoreCommand {

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "" + ServerOptions.DEFAULT_PORT,
            description = "TCP port; 0 takes any that is free. ${DEFAULT-VALUE} if not given.")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "HOST",
            split = ",",
            description = "Addresses to listen on. Those of this machine alone if not given.")
    private List<String> hosts;

    @Option(
            names = "--allow-remote",
            description = "Allow --bind to an address that other machines can reach. There is no password: "
                    + "whoever can connect can read and delete everything.")
    private boolean remoteAllowed;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServerOptions options = options();
        CountDownLatch closed = new CountDownLatch(1);
        long startNanos = System.nanoTime();
        try (Store store = openOrCreate()) {
            long openedMillis = (System.nanoTime() - startNanos) / 1_000_000;
            try (PenstockServer server = start(store, options)) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, closed), "penstock-stop"));
                announce(server, store, openedMillis);
                server.awaitStop();
            }
        } finally {
            closed.countDown();
        }
        return ExitCode.OK;
    }

    private ServerOptions options() {
        try {
            ServerOptions options = ServerOptions.defaults().withPort(port).withRemoteAllowed(remoteAllowed);
            return hosts == null ? options : options.withBind(hosts);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private PenstockServer start(Store store, ServerOptions options) throws IOException {
        try {
            return PenstockServer.start(store, options);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage() + " (--allow-remote)", e);
        }
    }

    private void announce(PenstockServer server, Store store, long openedMillis) throws IOException {
        List<String> sockets = server.addresses().stream()
                .map(host -> (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + server.port())
                .toList();
        console()
                .line("serving " + store.directory() + " on " + String.join(" and ", sockets) + ": " + store.count()
                        + " keys, opened in " + openedMillis + " ms");
        console().flush();
    }

    private static void stop(PenstockServer server, CountDownLatch closed) {
        server.close();
        try {
            closed.await();
        } catch (InterruptedException e) {
            // The JVM is on its way out all the same; what is not closed is recovered by the next open.
            Thread.currentThread().interrupt();
        }
    }
}
