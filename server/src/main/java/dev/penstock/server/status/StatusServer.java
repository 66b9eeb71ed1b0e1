package dev.penstock.server.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.server.command.Hub;
import dev.penstock.server.command.IncidentLog.Kind;
import dev.penstock.server.command.Overview;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/**
 * A small HTTP server for people and collectors of metrics on this machine: {@code /} is a page, {@code /metrics} the
 * Prometheus format. It only shows, needs no password and shows neither keys nor values, and answers only to the names of
 * this machine, so that no web page from elsewhere can read it through the browser of somebody here.
 *
 * <p>Its threads are its own; the event loops notice it by the figures it reads.
 */
public final class StatusServer implements AutoCloseable {

    private static final Pattern LOCAL = Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?");
    private static final int BACKLOG = 16;

    /** Limits of the JDK's server, which has none unless told, and reads them when it is first used. */
    private static final String[][] LIMITS = {
        {"sun.net.httpserver.maxReqTime", "10"},
        {"sun.net.httpserver.maxRspTime", "10"},
        {"sun.net.httpserver.idleInterval", "10"}
    };

    /** Enough that a few dozen clients that never finish a request keep nobody else out. */
    private static final int MOST_CONNECTIONS = 64;

    /** Of the descriptors that clients leave, where the process may have few. */
    private static final int FEW_CONNECTIONS = 16;

    private static final int MANY_DESCRIPTORS = 512;

    private final Hub hub;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("penstock-status").factory());

    private StatusServer(Hub hub, int port, int spareDescriptors) throws IOException {
        this.hub = hub;
        for (String[] limit : LIMITS) {
            limit(limit[0], limit[1]);
        }
        int connections = spareDescriptors < MANY_DESCRIPTORS ? FEW_CONNECTIONS : MOST_CONNECTIONS;
        limit("jdk.httpserver.maxConnections", Integer.toString(connections));
        try {
            InetAddress host = InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
            server = HttpServer.create(new InetSocketAddress(host, port), BACKLOG);
        } catch (IOException e) {
            throw new IOException("cannot listen on 127.0.0.1 metrics-port " + port + ": " + e.getMessage(), e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * @param port 0 lets the system choose one
     * @param spareDescriptors file descriptors that the process may use for connections
     */
    public static StatusServer start(Hub hub, int port, int spareDescriptors) throws IOException {
        StatusServer status = new StatusServer(hub, port, spareDescriptors);
        status.server.start();
        return status;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            String host = exchange.getRequestHeaders().getFirst("Host");
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                refuse(exchange, 405, "This page can only be read.");
            } else if (host == null || !LOCAL.matcher(host).matches()) {
                refuse(exchange, 403, "Ask for localhost or 127.0.0.1.");
            } else {
                switch (exchange.getRequestURI().getPath()) {
                    case "/" -> page(exchange);
                    case "/metrics" -> metrics(exchange);
                    default -> refuse(exchange, 404, "There are / and /metrics.");
                }
            }
        } catch (RuntimeException e) {
            hub.incidents()
                    .note(Kind.FAILED_PAGE, System.currentTimeMillis(), Level.WARNING, "the status page failed", e);
        }
    }

    private void page(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders()
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'");
        byte[] page = new StatusPage(Overview.of(hub)).html().getBytes(StandardCharsets.UTF_8);
        send(exchange, 200, "text/html; charset=utf-8", page);
    }

    private void metrics(HttpExchange exchange) throws IOException {
        MetricsFormat format = MetricsFormat.of(exchange.getRequestHeaders().get("Accept"));
        MetricsText metrics = new MetricsText(Overview.of(hub), format);
        ByteArrayOutputStream body = new ByteArrayOutputStream(8192);
        metrics.writeTo(body);
        send(exchange, 200, metrics.contentType(), body.toByteArray());
    }

    private static void refuse(HttpExchange exchange, int status, String reason) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", (reason + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** Stops at once. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
