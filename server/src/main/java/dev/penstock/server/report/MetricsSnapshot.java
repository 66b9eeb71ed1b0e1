package dev.penstock.server.report;

import dev.penstock.server.TransferMode;
import dev.penstock.server.metrics.LatencyHistogram;
import dev.penstock.server.metrics.LoopMetrics;
import dev.penstock.server.report.Metric.Unit;
import dev.penstock.server.session.ClientLine;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.shard.GroupState;
import dev.penstock.server.transfer.Counter;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.store.Release;
import dev.penstock.store.StoreStats;
import dev.penstock.store.StoreStats.CompactionState;
import dev.penstock.store.StoreStats.SegmentStats;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a running server at a moment; a figure that is added here is on the status page and in the metrics.
 * Any thread; figures of event loops may be slightly out of date.
 */
public final class MetricsSnapshot {

    /** Figures that belong together. */
    public record Section(String title, List<Metric> metrics) {}

    /** How long something took, each time since the start. */
    public record Durations(String name, String title, LatencyHistogram latencies) {}

    private final ServerContext server;
    private final StoreStats stats;
    private final @Nullable GroupState group;

    private MetricsSnapshot(ServerContext server) {
        this.server = server;
        this.stats = server.store().stats();
        this.group = server.router().group();
    }

    /** The state of things. */
    public static MetricsSnapshot of(ServerContext server) {
        return new MetricsSnapshot(server);
    }

    public List<Section> sections() {
        List<Section> sections = new ArrayList<>(List.of(
                new Section("Store", store(stats)),
                new Section("Commands", commands()),
                new Section("Clients", clients()),
                new Section("Large values", transfers()),
                new Section("HTTP", http()),
                new Section("Memory", memory())));
        if (group != null) {
            sections.add(1, new Section("Cluster", GroupMetrics.of(group)));
        }
        return sections;
    }

    /** The group of a node of a cluster; null if the server is none. */
    public @Nullable GroupState group() {
        return group;
    }

    private List<Metric> store(StoreStats store) {
        List<Metric> metrics = new ArrayList<>(storeMetrics(store));
        freeBytes()
                .ifPresent(free -> metrics.add(
                        3,
                        Metric.gauge("store_disk_free_bytes", "Free space on the disk", free)
                                .in(Unit.BYTES)));
        return metrics;
    }

    /** What the file system of the store's directory can still take; nothing if the system does not say. */
    private OptionalLong freeBytes() {
        try {
            return OptionalLong.of(
                    Files.getFileStore(server.store().directory()).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Space of the segment that is being written, and of the next one, that holds no records yet. */
    private static long preallocatedBytes(StoreStats store) {
        long used = store.segments().stream().mapToLong(SegmentStats::usedBytes).sum() + store.largeValueBytes();
        return Math.max(0, store.fileBytes() - used);
    }

    private List<Metric> storeMetrics(StoreStats store) {
        return List.of(
                Metric.gauge("keys", "Keys", store.keyCount()),
                Metric.gauge("store_failed", "Writing has ended", server.store().hasFailed() ? 1 : 0),
                Metric.gauge("store_file_bytes", "Size of all files", store.fileBytes())
                        .in(Unit.BYTES),
                Metric.gauge("store_preallocated_bytes", "Allocated in advance", preallocatedBytes(store))
                        .in(Unit.BYTES),
                Metric.gauge("store_live_bytes", "Live bytes", store.liveBytes())
                        .in(Unit.BYTES),
                Metric.gauge("store_dead_bytes", "Dead bytes", store.deadBytes())
                        .in(Unit.BYTES),
                Metric.gauge(
                                "store_waiting_bytes",
                                "Emptied files that the next checkpoint deletes",
                                store.compaction().waitingBytes())
                        .in(Unit.BYTES),
                Metric.counter(
                                "store_appended_bytes",
                                "Appended to the log",
                                store.compaction().appendedBytes())
                        .in(Unit.BYTES),
                Metric.counter(
                                "store_compaction_moved_bytes",
                                "Copied by compaction",
                                store.compaction().movedBytes())
                        .in(Unit.BYTES),
                Metric.counter(
                        "store_compaction_retired_segments",
                        "Segments emptied by compaction",
                        store.compaction().segmentsRetired()),
                Metric.gauge(
                        "store_compaction_running",
                        "Compaction is running",
                        store.compaction().state() == CompactionState.RUNNING ? 1 : 0),
                Metric.gauge(
                        "store_segments",
                        "Segments of the log",
                        store.segments().size()),
                Metric.gauge("store_large_values", "Large values", store.largeValueCount()),
                Metric.gauge("store_large_value_bytes", "Size of large values", store.largeValueBytes())
                        .in(Unit.BYTES),
                Metric.counter("store_expired_keys", "Keys removed because they expired", store.expiredCount()),
                Metric.gauge(
                                "index_bytes",
                                "Index, outside the heap",
                                store.index().bytes())
                        .in(Unit.BYTES),
                Metric.gauge(
                                "index_load_ratio",
                                "Load of the index",
                                Math.round(100 * store.index().load()))
                        .in(Unit.PERCENT));
    }

    private List<Metric> commands() {
        return List.of(
                Metric.counter("commands", "Commands executed", server.metrics().total(LoopMetrics::commands)),
                Metric.counter(
                        "error_replies", "Error replies", server.metrics().total(LoopMetrics::errors)),
                Metric.counter(
                        "keyspace_hits",
                        "Reads that found their key",
                        server.metrics().total(LoopMetrics::hits)),
                Metric.counter(
                        "keyspace_misses",
                        "Reads that found no key",
                        server.metrics().total(LoopMetrics::misses)),
                Metric.gauge(
                        "slow_log_entries",
                        "Entries of the slow log",
                        server.slowLog().length()),
                Metric.counter(
                                "received_bytes",
                                "Received from clients",
                                server.metrics().total(LoopMetrics::inputBytes))
                        .in(Unit.BYTES),
                Metric.counter("sent_bytes", "Sent to clients", server.metrics().total(LoopMetrics::outputBytes))
                        .in(Unit.BYTES));
    }

    private List<Metric> clients() {
        return List.of(
                Metric.gauge("connected_clients", "Connected clients", server.clientCount()),
                Metric.gauge(
                        "max_clients", "Most clients at once", server.settings().maxClients()),
                Metric.counter(
                        "connections_accepted",
                        "Connections accepted",
                        server.metrics().total(LoopMetrics::connections)),
                Metric.counter(
                        "connections_rejected",
                        "Connections rejected at the limit",
                        server.metrics().total(LoopMetrics::rejectedConnections)),
                Metric.counter(
                        "connections_timed_out",
                        "Connections timed out",
                        server.metrics().total(LoopMetrics::timedOutConnections)),
                Metric.counter(
                        "passwords_refused", "Wrong passwords", server.metrics().total(LoopMetrics::refusedPasswords)));
    }

    /** By transfer mode. Small values are sent with the replies and are not counted. */
    private List<Metric> transfers() {
        TransferCounts counts = server.metrics().transfers();
        List<Metric> metrics = new ArrayList<>();
        for (TransferMode mode : TransferCounts.WAYS_OUT) {
            String way = mode.label();
            metrics.add(
                    bytes("transfer_" + way + "_sent_bytes", "Large values sent by " + way, counts.sentBytes(mode)));
            if (TransferCounts.WAYS_IN.contains(mode)) {
                metrics.add(bytes(
                        "transfer_" + way + "_received_bytes",
                        "Large values received by " + way,
                        counts.receivedBytes(mode)));
            }
        }
        metrics.add(Metric.counter(
                "transfer_disk_reads",
                "Reads by disk reader threads",
                counts.diskReads().total()));
        return metrics;
    }

    /** The part of HTTP in what is counted for all clients, and how many values that were. */
    private List<Metric> http() {
        TransferCounts counts = server.metrics().httpTransfers();
        List<Metric> metrics = new ArrayList<>(List.of(
                Metric.counter("http_requests", "Requests", server.metrics().total(LoopMetrics::httpRequests)),
                Metric.counter("http_errors", "Errors", server.metrics().total(LoopMetrics::httpErrors))));
        for (TransferMode mode : TransferCounts.WAYS_OUT) {
            String way = mode.label();
            metrics.add(Metric.counter(
                    "http_" + way + "_sent_values",
                    "Large values sent by " + way,
                    counts.sentValues(mode).total()));
            metrics.add(bytes("http_" + way + "_sent_bytes", "Bytes sent by " + way, counts.sentBytes(mode)));
            if (TransferCounts.WAYS_IN.contains(mode)) {
                metrics.add(Metric.counter(
                        "http_" + way + "_received_values",
                        "Large values received by " + way,
                        counts.receivedValues(mode).total()));
                metrics.add(bytes(
                        "http_" + way + "_received_bytes", "Bytes received by " + way, counts.receivedBytes(mode)));
            }
        }
        return metrics;
    }

    private static Metric bytes(String name, String text, Counter counter) {
        return Metric.counter(name, text, counter.total()).in(Unit.BYTES);
    }

    private List<Metric> memory() {
        Runtime runtime = Runtime.getRuntime();
        List<Metric> metrics = new ArrayList<>(List.of(
                Metric.gauge("heap_used_bytes", "Heap in use", runtime.totalMemory() - runtime.freeMemory()),
                Metric.gauge("heap_max_bytes", "Largest heap", runtime.maxMemory()),
                Metric.gauge("request_buffer_bytes", "Buffers of unfinished requests", server.requestBytes()),
                Metric.gauge("reply_buffer_bytes", "Buffers of unsent replies", server.replyBytes())));
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                metrics.add(Metric.gauge("direct_buffer_bytes", "Direct buffers", pool.getMemoryUsed()));
            }
        }
        metrics.replaceAll(metric -> metric.in(Unit.BYTES));
        return metrics;
    }

    public long commandsPerSecond() {
        return server.metrics().perSecond(LoopMetrics::commands);
    }

    public long receivedBytesPerSecond() {
        return server.metrics().perSecond(LoopMetrics::inputBytes);
    }

    public long sentBytesPerSecond() {
        return server.metrics().perSecond(LoopMetrics::outputBytes);
    }

    public long uptimeSeconds() {
        return server.uptimeSeconds();
    }

    /** The version of the server, which is that of the store. */
    public static String version() {
        return Release.current().version();
    }

    public Path directory() {
        return server.store().directory();
    }

    public int port() {
        return server.settings().port();
    }

    /** Commands first. */
    public List<Durations> durations() {
        return List.of(
                new Durations(
                        "command_duration_seconds",
                        "Duration of commands",
                        server.metrics().latencies()),
                new Durations(
                        "store_force_duration_seconds",
                        "Duration of forces to the device",
                        LatencyHistogram.of(stats.forceCounts())));
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
        Stream<ClientLine> lines = server.sessions().stream().map(session -> session.line(now));
        return lines.sorted(Comparator.comparingLong(ClientLine::heldBytes)
                        .reversed()
                        .thenComparingLong(ClientLine::id))
                .limit(limit)
                .toList();
    }
}
