package dev.penstock.server.command;

import dev.penstock.server.TransferMode;
import dev.penstock.server.command.Figure.Unit;
import dev.penstock.server.transfer.Counter;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.store.StoreStats;
import dev.penstock.store.StoreStats.CompactionState;
import dev.penstock.store.StoreStats.SegmentStats;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The figures of a running server at a moment; a figure that is added here is on the status page and in the metrics. Any
 * thread: what event loops work on is seen as it was a moment ago.
 */
public final class Overview {

    /** Figures that belong together. */
    public record Section(String title, List<Figure> figures) {}

    /** How long something took, each time since the start. */
    public record Durations(String name, String title, Latencies latencies) {}

    private final Hub hub;
    private final StoreStats stats;

    private Overview(Hub hub) {
        this.hub = hub;
        this.stats = hub.store().stats();
    }

    /** The state of things. */
    public static Overview of(Hub hub) {
        return new Overview(hub);
    }

    public List<Section> sections() {
        return List.of(
                new Section("Store", store(stats)),
                new Section("Commands", commands()),
                new Section("Clients", clients()),
                new Section("Large values", transfers()),
                new Section("Memory", memory()));
    }

    /** All that the store tells of itself. */
    private static List<Figure> store(StoreStats store) {
        return List.of(
                Figure.gauge("keys", "Keys", store.keyCount()),
                Figure.gauge("store_file_bytes", "Size of the files", store.fileBytes())
                        .in(Unit.BYTES),
                Figure.gauge("store_live_bytes", "Live in them", store.liveBytes())
                        .in(Unit.BYTES),
                Figure.gauge("store_dead_bytes", "Dead in them", store.deadBytes())
                        .in(Unit.BYTES),
                Figure.gauge(
                                "store_waiting_bytes",
                                "Emptied, and deleted with the next checkpoint",
                                store.compaction().waitingBytes())
                        .in(Unit.BYTES),
                Figure.counter(
                                "store_appended_bytes",
                                "Written to the log",
                                store.compaction().appendedBytes())
                        .in(Unit.BYTES),
                Figure.counter(
                                "store_compaction_moved_bytes",
                                "Of that, by compaction",
                                store.compaction().movedBytes())
                        .in(Unit.BYTES),
                Figure.counter(
                        "store_compaction_retired_segments",
                        "Segments emptied",
                        store.compaction().segmentsRetired()),
                Figure.gauge(
                        "store_compaction_running",
                        "Compaction is under way",
                        store.compaction().state() == CompactionState.RUNNING ? 1 : 0),
                Figure.gauge(
                        "store_segments",
                        "Segments of the log",
                        store.segments().size()),
                Figure.gauge("store_large_values", "Values in files of their own", store.largeValueCount()),
                Figure.gauge("store_large_value_bytes", "Size of those", store.largeValueBytes())
                        .in(Unit.BYTES),
                Figure.counter("store_expired_keys", "Keys removed as they expired", store.expiredCount()),
                Figure.gauge(
                                "index_bytes",
                                "Index, outside the heap",
                                store.index().bytes())
                        .in(Unit.BYTES),
                Figure.gauge(
                                "index_load_ratio",
                                "Index load",
                                Math.round(100 * store.index().load()))
                        .in(Unit.PERCENT));
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
                Figure.gauge("connected_clients", "Connected now", hub.clientCount()),
                Figure.gauge("max_clients", "Most at once", hub.settings().maxClients()),
                Figure.counter("connections_accepted", "Connections accepted", hub.total(s -> s.connections)),
                Figure.counter(
                        "connections_rejected", "Turned away at the limit", hub.total(s -> s.rejectedConnections)),
                Figure.counter("connections_timed_out", "Timed out", hub.total(s -> s.timedOutConnections)),
                Figure.counter("passwords_refused", "Wrong passwords", hub.total(s -> s.refusedPasswords)));
    }

    /** By the way they took; small values travel with the replies and are not among them. */
    private List<Figure> transfers() {
        TransferCounts counts = hub.transfers();
        List<Figure> figures = new ArrayList<>();
        for (TransferMode mode : TransferCounts.WAYS_OUT) {
            String way = mode.label();
            figures.add(bytes("transfer_" + way + "_sent_bytes", "Sent by " + way, counts.sentBytes(mode)));
            if (TransferCounts.WAYS_IN.contains(mode)) {
                figures.add(
                        bytes("transfer_" + way + "_received_bytes", "Received by " + way, counts.receivedBytes(mode)));
            }
        }
        figures.add(Figure.counter(
                "transfer_disk_reads",
                "Reads beside the event loop",
                counts.diskReads().total()));
        return figures;
    }

    private static Figure bytes(String name, String text, Counter counter) {
        return Figure.counter(name, text, counter.total()).in(Unit.BYTES);
    }

    private List<Figure> memory() {
        Runtime runtime = Runtime.getRuntime();
        List<Figure> figures = new ArrayList<>(List.of(
                Figure.gauge("heap_used_bytes", "Heap in use", runtime.totalMemory() - runtime.freeMemory()),
                Figure.gauge("heap_max_bytes", "Heap at most", runtime.maxMemory()),
                Figure.gauge("request_buffer_bytes", "Buffers of unfinished requests", hub.requestBytes()),
                Figure.gauge("reply_buffer_bytes", "Buffers of replies not yet taken", hub.replyBytes())));
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

    /** Commands first. */
    public List<Durations> durations() {
        return List.of(
                new Durations("command_duration_seconds", "Time that commands took", hub.latencies()),
                new Durations(
                        "store_force_duration_seconds",
                        "Time that forces to the device took",
                        Latencies.of(stats.forceCounts())));
    }

    /** The segments of the log with the most dead bytes first, at most so many. */
    public List<SegmentStats> segments(int limit) {
        return stats.segments().stream()
                .sorted(Comparator.comparingLong(SegmentStats::deadBytes).reversed())
                .limit(limit)
                .toList();
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
