package dev.penstock.server.command;

import dev.penstock.server.command.Figure.Unit;
import dev.penstock.store.Store;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The figures of a running server, gathered when asked for; a figure that is added here is on the status page and in the
 * metrics. Any thread: what event loops work on is seen as it was a moment ago.
 */
public final class Overview {

    /** Figures that belong together. */
    public record Section(String title, List<Figure> figures) {}

    private final Hub hub;

    public Overview(Hub hub) {
        this.hub = hub;
    }

    public List<Section> sections() {
        return List.of(
                new Section("Store", store()),
                new Section("Commands", commands()),
                new Section("Clients", clients()),
                new Section("Memory", memory()));
    }

    /** All that the store tells of itself. */
    private List<Figure> store() {
        Store store = hub.store();
        long fileBytes = store.fileBytes();
        long liveBytes = store.liveBytes();
        return List.of(
                Figure.gauge("keys", "Keys", store.count()),
                Figure.gauge("store_file_bytes", "Size of the files", fileBytes).in(Unit.BYTES),
                Figure.gauge("store_live_bytes", "Live in them", liveBytes).in(Unit.BYTES),
                Figure.gauge("store_dead_bytes", "Dead in them", fileBytes - liveBytes)
                        .in(Unit.BYTES));
    }

    private List<Figure> commands() {
        return List.of(
                Figure.counter("commands", "Commands executed", hub.total(s -> s.commands)),
                Figure.counter("error_replies", "Answered with an error", hub.total(s -> s.errors)),
                Figure.counter("keyspace_hits", "Reads that found their key", hub.total(s -> s.hits)),
                Figure.counter("keyspace_misses", "Reads that did not", hub.total(s -> s.misses)),
                Figure.gauge(
                        "slow_log_entries",
                        "Commands in the slow log",
                        hub.slowLog().length()),
                Figure.counter("received_bytes", "Received", hub.total(s -> s.inputBytes))
                        .in(Unit.BYTES),
                Figure.counter("sent_bytes", "Sent", hub.total(s -> s.outputBytes))
                        .in(Unit.BYTES));
    }

    private List<Figure> clients() {
        return List.of(
                Figure.gauge("connected_clients", "Connected now", hub.sessionCount()),
                Figure.gauge("max_clients", "Most at once", hub.settings().maxClients()),
                Figure.counter("connections_accepted", "Connections accepted", hub.total(s -> s.connections)),
                Figure.counter(
                        "connections_rejected", "Turned away at the limit", hub.total(s -> s.rejectedConnections)),
                Figure.counter("connections_timed_out", "Timed out", hub.total(s -> s.timedOutConnections)),
                Figure.counter("passwords_refused", "Wrong passwords", hub.total(s -> s.refusedPasswords)));
    }

    private List<Figure> memory() {
        Runtime runtime = Runtime.getRuntime();
        long requests = 0;
        long replies = 0;
        for (Session session : hub.sessions()) {
            requests += session.link().inputCapacity();
            replies += session.link().outputBufferedBytes();
        }
        List<Figure> figures = new ArrayList<>(List.of(
                Figure.gauge("heap_used_bytes", "Heap in use", runtime.totalMemory() - runtime.freeMemory()),
                Figure.gauge("heap_max_bytes", "Heap at most", runtime.maxMemory()),
                Figure.gauge("request_buffer_bytes", "Buffers of unfinished requests", requests),
                Figure.gauge("reply_buffer_bytes", "Buffers of replies not yet taken", replies)));
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                figures.add(Figure.gauge("direct_buffer_bytes", "Direct buffers", pool.getMemoryUsed()));
            }
        }
        figures.replaceAll(figure -> figure.in(Unit.BYTES));
        return figures;
    }

    public long commandsPerSecond() {
        return hub.perSecond(s -> s.commands);
    }

    public long receivedBytesPerSecond() {
        return hub.perSecond(s -> s.inputBytes);
    }

    public long sentBytesPerSecond() {
        return hub.perSecond(s -> s.outputBytes);
    }

    public long uptimeSeconds() {
        return hub.uptimeSeconds();
    }

    public int port() {
        return hub.settings().port();
    }

    public Latencies latencies() {
        return hub.latencies();
    }

    /** The clients that hold the most memory first, at most so many. */
    public List<ClientLine> clients(int limit) {
        long now = System.currentTimeMillis();
        Stream<ClientLine> lines = hub.sessions().stream().map(session -> session.line(now));
        return lines.sorted(Comparator.comparingLong(ClientLine::heldBytes)
                        .reversed()
                        .thenComparingLong(ClientLine::id))
                .limit(limit)
                .toList();
    }
}
