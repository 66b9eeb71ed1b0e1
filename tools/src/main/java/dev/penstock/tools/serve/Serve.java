package dev.penstock.tools.serve;

import dev.penstock.server.PenstockServer;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.config.SettingTable;
import dev.penstock.store.Release;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ExitHook;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.RawFileNames;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Owns a store and serves it until a signal, or a client's SHUTDOWN, ends it. On a signal, a shutdown hook stops the
 * server and delays the exit of the JVM until the store is closed.
 */
public final class Serve {

    public static final String PASSWORD_VARIABLE = "PENSTOCK_PASSWORD";

    private final Console console;
    private final ServerLog log;
    private final Path directory;
    private final StoreOptions storeOptions;
    private final ServerOptions options;

    public Serve(Console console, ServerLog log, Path directory, StoreOptions storeOptions, ServerOptions options) {
        this.console = console;
        this.log = log;
        this.directory = directory;
        this.storeOptions = storeOptions;
        this.options = options;
    }

    /**
     * What {@code serve DIR} and {@code serve DIR --port N} mean; null for any other command line, and where the
     * environment has a password, which is an option too.
     */
    public static @Nullable Serve plain(Console console, String... arguments) {
        boolean plain = System.getenv(PASSWORD_VARIABLE) == null
                && (arguments.length == 2 || arguments.length == 4)
                && arguments[0].equals("serve")
                && !arguments[1].isEmpty()
                && !ServerAddress.isTcp(arguments[1])
                && !arguments[1].startsWith("-");
        if (!plain) {
            return null;
        }
        ServerOptions options = ServerOptions.defaults();
        if (arguments.length == 4) {
            if (!arguments[2].equals("--port")) {
                return null;
            }
            try {
                options = options.with(SettingTable.PORT, arguments[3]);
            } catch (IllegalArgumentException refused) {
                return null; // the parser has a message for it
            }
        }
        return new Serve(
                console,
                ServerLog.plain(),
                RawFileNames.checkedDirectory(RawFileNames.path(arguments[1])),
                StoreOptions.defaults(),
                options);
    }

    public int run() throws IOException, InterruptedException {
        return ServerRun.logged(log, directory, this::serve);
    }

    private int serve() throws IOException, InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        try (ServiceNotifier notifier =
                new ServiceNotifier(System.getenv(), ProcessHandle.current().pid())) {
            notifier.opening();
            long startNanos = System.nanoTime();
            boolean served = false;
            try (Store store = Store.open(directory, storeOptions)) {
                long openedMillis = (System.nanoTime() - startNanos) / 1_000_000;
                try (PenstockServer server = start(store)) {
                    if (ExitHook.add(
                            new Thread(() -> ServerRun.stop(log, notifier, server::close, closed), "penstock-stop"))) {
                        List<String> lines = announcement(server, store, openedMillis);
                        announce(lines);
                        served = true;
                        notifier.ready(lines.getFirst(), server::isLive);
                        server.awaitStop();
                        notifier.stopping();
                        log.event("stopped serving; closing the store");
                    }
                }
            }
            if (served) {
                log.event("stopped");
            }
        } finally {
            closed.countDown();
        }
        return ExitCode.OK;
    }

    private PenstockServer start(Store store) throws IOException {
        try {
            return PenstockServer.start(store, options);
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    /** To standard output, so that a script sees that the server is ready, and to the log. */
    private void announce(List<String> lines) throws IOException {
        for (String line : lines) {
            console.line(log.shown(line));
        }
        console.flush();
        log.event("started Penstock " + Release.current().version() + " with Java " + Runtime.version() + ", process "
                + ProcessHandle.current().pid() + ": " + String.join(", ", lines));
    }

    private List<String> announcement(PenstockServer server, Store store, long openedMillis) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder("serving ").append(directory);
        String before = " on ";
        for (String host : server.addresses()) {
            boolean colons = host.indexOf(':') >= 0;
            line.append(before).append(colons ? "[" : "").append(host).append(colons ? "]" : "");
            line.append(':').append(server.port());
            before = " and ";
        }
        line.append(": ").append(Size.count(store.count(), "key", "keys"));
        lines.add(line.append(", opened in ").append(openedMillis).append(" ms").toString());
        server.tlsPort().ifPresent(port -> lines.add("with TLS on port " + port));
        server.httpPort().ifPresent(port -> lines.add("HTTP on port " + port));
        server.httpsPort().ifPresent(port -> lines.add("HTTPS on port " + port));
        server.metricsPort()
                .ifPresent(port -> lines.add("status page on http://" + metricsHost() + ":" + port
                        + "/, metrics on /metrics, probes on /livez and /readyz"));
        return lines;
    }

    /** The first address, in the form of a URL. */
    private String metricsHost() {
        String host = options.metricsBind().getFirst();
        String name = host.startsWith("-") ? host.substring(1) : host;
        return name.indexOf(':') >= 0 ? "[" + name + "]" : name;
    }
}
