package dev.penstock.server.report;

import dev.penstock.server.TransferMode;
import dev.penstock.server.metrics.LatencyHistogram;
import dev.penstock.server.metrics.LoopMetrics;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.shard.GroupState;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.store.Store;
import dev.penstock.store.StoreStats;
import dev.penstock.store.StoreStats.CompactionStats;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The text of INFO, under the names that redis-cli and dashboards read. */
public final class InfoReport {

    /** The version of Redis whose replies are given; clients decide by it what they may use. */
    public static final String REDIS_VERSION = "7.0.15";

    private static final List<String> SECTIONS = List.of(
            "server",
            "clients",
            "memory",
            "persistence",
            "stats",
            "replication",
            "cpu",
            "modules",
            "commandstats",
            "errorstats",
            "cluster",
            "keyspace",
            "penstock");

    /** Returned only on request, or with everything. */
    private static final String LONG_SECTION = "commandstats";

    private static final long NANOS_PER_MICRO = 1_000;

    private final ServerContext server;
    private final StringBuilder text = new StringBuilder();
    private @Nullable StoreStats storeStats; // once it was requested

    public InfoReport(ServerContext server) {
        this.server = server;
    }

    /** The sections that the request's arguments name, all if it has none. */
    public String of(Request request) {
        Set<String> wanted = new LinkedHashSet<>();
        for (int i = 1; i < request.count(); i++) {
            String name = request.text(i).toLowerCase(Locale.ROOT);
            switch (name) {
                case "default" -> wanted.addAll(usual());
                case "all", "everything" -> wanted.addAll(SECTIONS);
                default -> wanted.add(name);
            }
        }
        if (request.count() == 1) {
            wanted.addAll(usual());
        }
        SECTIONS.stream().filter(wanted::contains).forEach(this::write);
        return text.toString();
    }

    private static List<String> usual() {
        return SECTIONS.stream()
                .filter(section -> !section.equals(LONG_SECTION))
                .toList();
    }

    private void write(String section) {
        if (!text.isEmpty()) {
            text.append("\r\n");
        }
        String title =
                section.equals("cpu") ? "CPU" : section.substring(0, 1).toUpperCase(Locale.ROOT) + section.substring(1);
        text.append("# ").append(title).append("\r\n");
        switch (section) {
            case "server" -> server();
            case "clients" -> clients();
            case "memory" -> memory();
            case "persistence" -> persistence();
            case "stats" -> stats();
            case "replication" -> replication();
            case "cpu" -> cpu();
            case "modules" -> {
                // There are none.
            }
            case "commandstats" -> commandStatistics();
            case "errorstats" ->
                server.metrics().errorCounts().forEach((code, count) -> line("errorstat_" + code, "count=" + count));
            case "cluster" -> line("cluster_enabled", server.router().map() == null ? 0 : 1);
            case "keyspace" -> keyspace();
            case "penstock" -> penstock();
            default -> throw new IllegalStateException(section);
        }
    }

    private void server() {
        line("redis_version", REDIS_VERSION);
        line("penstock_version", MetricsSnapshot.version());
        line("redis_mode", server.router().map() == null ? "standalone" : "cluster");
        line("server_name", "penstock");
        line(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        line("arch_bits", 64);
        line("java_version", Runtime.version().toString());
        line("process_id", ProcessHandle.current().pid());
        line("run_id", server.runId());
        line("tcp_port", server.settings().port());
        line("server_time_usec", System.currentTimeMillis() * 1000);
        line("uptime_in_seconds", server.uptimeSeconds());
        line("uptime_in_days", server.uptimeSeconds() / 86_400);
    }

    private void clients() {
        line("connected_clients", server.clientCount());
        line("maxclients", server.settings().maxClients());
        line("blocked_clients", 0);
    }

    private void memory() {
        MemoryUsage memory = MemoryUsage.of(storeStats());
        long used = memory.usedBytes();
        long peak = server.usedMemoryPeak(used);
        line("used_memory", used);
        line("used_memory_human", human(used));
        memory.residentBytes().ifPresent(resident -> line("used_memory_rss", resident));
        line("used_memory_peak", peak);
        line("used_memory_peak_human", human(peak));
        line("maxmemory", 0);
        line("maxmemory_human", "0B");
        line("maxmemory_policy", "noeviction");
        memory.residentBytes()
                .ifPresent(resident ->
                        line("mem_fragmentation_ratio", String.format(Locale.ROOT, "%.2f", (double) resident / used)));
        line("used_memory_heap", memory.heapBytes());
        line("used_memory_buffers", memory.bufferBytes());
        line("used_memory_index", memory.indexBytes());
        line("mem_clients_normal", server.requestBytes() + server.replyBytes());
    }

    private static String human(long bytes) {
        return String.format(Locale.ROOT, "%.2fM", bytes / (1024.0 * 1024));
    }

    private static String kibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / 1024.0);
    }

    private void persistence() {
        line("loading", 0);
        line("rdb_bgsave_in_progress", server.saving().isRunning() ? 1 : 0);
        line("rdb_last_save_time", server.lastSaveSeconds());
        line("rdb_last_bgsave_status", server.saving().hasFailed() ? "err" : "ok");
        line("aof_enabled", 0);
        line("aof_rewrite_in_progress", server.compaction().isRunning() ? 1 : 0);
    }

    private void stats() {
        line("total_connections_received", server.metrics().count(LoopMetrics::connections));
        line("total_commands_processed", server.metrics().count(LoopMetrics::commands));
        line("instantaneous_ops_per_sec", server.metrics().perSecond(LoopMetrics::commands));
        line("total_net_input_bytes", server.metrics().count(LoopMetrics::inputBytes));
        line("total_net_output_bytes", server.metrics().count(LoopMetrics::outputBytes));
        line("instantaneous_input_kbps", kibibytes(server.metrics().perSecond(LoopMetrics::inputBytes)));
        line("instantaneous_output_kbps", kibibytes(server.metrics().perSecond(LoopMetrics::outputBytes)));
        line("rejected_connections", server.metrics().count(LoopMetrics::rejectedConnections));
        line("expired_keys", server.store().expiredCount());
        line("evicted_keys", 0);
        line("keyspace_hits", server.metrics().count(LoopMetrics::hits));
        line("keyspace_misses", server.metrics().count(LoopMetrics::misses));
        line("total_error_replies", server.metrics().count(LoopMetrics::errors));
    }

    private void replication() {
        GroupState group = server.router().group();
        if (group != null) {
            new GroupLines(group, (name, value) -> line(name, String.valueOf(value))).write(server.runId());
            return;
        }
        line("role", "master");
        line("connected_slaves", 0);
        line("master_failover_state", "no-failover");
        line("master_replid", server.runId());
        line("master_repl_offset", 0);
    }

    private void cpu() {
        ProcessorTime.ofProcess().ifPresent(time -> {
            line("used_cpu_sys", String.format(Locale.ROOT, "%.6f", time.systemSeconds()));
            line("used_cpu_user", String.format(Locale.ROOT, "%.6f", time.userSeconds()));
        });
    }

    private void commandStatistics() {
        server.metrics().commandMetrics().forEach((name, metrics) -> {
            long calls = metrics.calls().count();
            if (calls + metrics.rejected().count() > 0) {
                double micros = (double) metrics.nanos().count() / NANOS_PER_MICRO;
                line(
                        "cmdstat_" + name,
                        String.format(
                                Locale.ROOT,
                                "calls=%d,usec=%.0f,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
                                calls,
                                micros,
                                micros / Math.max(1, calls),
                                metrics.rejected().count(),
                                metrics.failed().count()));
            }
        });
    }

    private void keyspace() {
        long count = server.store().count();
        if (count > 0) {
            line("db0", "keys=" + count + ",expires=" + server.store().expiringCount() + ",avg_ttl=0");
        }
    }

    private void penstock() {
        Store store = server.store();
        line("store_file_bytes", store.fileBytes());
        line("store_live_bytes", store.liveBytes());
        line("store_segments", storeStats().segments().size());
        compaction(storeStats().compaction());
        line("command_durations_usec", durations(server.metrics().latencies()));
        line("timed_out_connections", server.metrics().count(LoopMetrics::timedOutConnections));
        line("refused_passwords", server.metrics().count(LoopMetrics::refusedPasswords));
        line("http_requests", server.metrics().count(LoopMetrics::httpRequests));
        line("http_errors", server.metrics().count(LoopMetrics::httpErrors));
        line("transfer_mode", server.settings().transfers().mode().label());
        transfers(server.metrics().transfers());
        httpTransfers(server.metrics().httpTransfers());
    }

    /** Counts by the upper bounds of their buckets, without empty buckets. */
    private static String durations(LatencyHistogram latencies) {
        StringJoiner counts = new StringJoiner(",");
        for (int i = 0; i < LatencyHistogram.BUCKETS; i++) {
            if (latencies.count(i) > 0) {
                counts.add((i == LatencyHistogram.BUCKETS - 1 ? "inf" : Long.toString(1L << i)) + "="
                        + latencies.count(i));
            }
        }
        return counts.toString();
    }

    private StoreStats storeStats() {
        if (storeStats == null) {
            storeStats = server.store().stats();
        }
        return storeStats;
    }

    private void compaction(CompactionStats compaction) {
        line("store_waiting_bytes", compaction.waitingBytes());
        line("compaction_state", compaction.state().name().toLowerCase(Locale.ROOT));
        line("compaction_moved_bytes", compaction.movedBytes());
        line("compaction_retired_segments", compaction.segmentsRetired());
        line("write_amplification", String.format(Locale.ROOT, "%.2f", compaction.writeAmplification()));
    }

    private void transfers(TransferCounts counts) {
        for (TransferMode mode : TransferCounts.WAYS_OUT) {
            line(
                    "transfer_" + mode.label() + "_bytes_out",
                    counts.sentBytes(mode).count());
            line(
                    "transfer_" + mode.label() + "_chunks_out",
                    counts.sentChunks(mode).count());
            line(
                    "transfer_" + mode.label() + "_bytes_in",
                    counts.receivedBytes(mode).count());
        }
        line("transfer_disk_reads", counts.diskReads().count());
    }

    private void httpTransfers(TransferCounts counts) {
        for (TransferMode mode : TransferCounts.WAYS_OUT) {
            line("http_" + mode.label() + "_values_out", counts.sentValues(mode).count());
            line("http_" + mode.label() + "_bytes_out", counts.sentBytes(mode).count());
            line(
                    "http_" + mode.label() + "_values_in",
                    counts.receivedValues(mode).count());
            line(
                    "http_" + mode.label() + "_bytes_in",
                    counts.receivedBytes(mode).count());
        }
    }

    private void line(String name, long value) {
        line(name, Long.toString(value));
    }

    private void line(String name, String value) {
        text.append(name).append(':').append(value).append("\r\n");
    }
}
