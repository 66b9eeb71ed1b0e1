package dev.penstock.tools.top;

import dev.penstock.tools.client.RefusedException;
import dev.penstock.tools.client.RespConnection;
import dev.penstock.tools.client.RespValue;
import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.client.ServerInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server, by INFO, CLIENT LIST and SLOWLOG GET, and by LATENCY HISTOGRAM where INFO has no durations. What the user
 * may not read, or the server does not have, is left out.
 */
public final class ServerSource implements TopSource {

    private static final String COMMAND_PREFIX = "cmdstat_";
    private static final String SLOW_COUNT = "20";
    private static final List<String> WAYS = List.of("copy", "mapped", "sendfile", "splice", "direct");
    private static final int SLOW_FIELDS = 4;

    private final ServerAccess access;
    private final RespConnection connection;
    private @Nullable TopReading before;

    private ServerSource(ServerAccess access, RespConnection connection) {
        this.access = access;
        this.connection = connection;
    }

    /** @throws IOException if there is no server, or it lets nobody in */
    public static ServerSource open(ServerAccess access) throws IOException {
        try {
            return new ServerSource(access, RespConnection.open(access));
        } catch (RefusedException e) {
            throw refused(access, e);
        }
    }

    private static IOException refused(ServerAccess access, RefusedException refusal) {
        return new IOException(access.address() + ": the server refused: " + refusal.getMessage(), refusal);
    }

    @Override
    public TopFrame next() throws IOException {
        TopReading now = read();
        TopFrame frame = frame(before, now);
        before = now;
        return frame;
    }

    private TopReading read() throws IOException {
        Map<String, String> info;
        try {
            info = ServerInfo.parse(connection.request("INFO", "all").asText());
        } catch (RefusedException e) {
            throw refused(access, e);
        }
        String title = access.address() + "  " + ServerInfo.product(info);
        if (info.containsKey("uptime_in_seconds")) {
            title += "  up " + FrameBuilder.time(whole(info.get("uptime_in_seconds")));
        }
        if (!info.containsKey(Latencies.FIGURE)) {
            info = new HashMap<>(info);
            info.put(Latencies.FIGURE, Latencies.ofRedis(ask("LATENCY", "HISTOGRAM")));
        }
        return new TopReading(System.nanoTime(), title, info, List.of(clients(), slow(info)));
    }

    private TopTable clients() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (String line : ask("CLIENT", "LIST").asText().lines().toList()) {
            Map<String, String> fields = new HashMap<>();
            for (String field : line.split(" ", -1)) {
                int equals = field.indexOf('=');
                if (equals > 0) {
                    fields.put(field.substring(0, equals), field.substring(equals + 1));
                }
            }
            rows.add(List.of(
                    fields.getOrDefault("addr", "?"),
                    fields.getOrDefault("name", ""),
                    fields.getOrDefault("cmd", ""),
                    FrameBuilder.time(whole(fields.get("idle"))),
                    FrameBuilder.time(whole(fields.get("age"))),
                    FrameBuilder.bytes((double) whole(fields.get("tot-mem")))));
        }
        return new TopTable("clients", List.of("client", "name", "command", ">idle", ">age", ">memory"), rows);
    }

    private TopTable slow(Map<String, String> info) throws IOException {
        long nowSeconds = info.containsKey("server_time_usec")
                ? whole(info.get("server_time_usec")) / 1_000_000
                : System.currentTimeMillis() / 1000;
        List<List<String>> rows = new ArrayList<>();
        for (RespValue entry : ask("SLOWLOG", "GET", SLOW_COUNT).asItems()) {
            List<RespValue> fields = entry.asItems();
            if (fields.size() < SLOW_FIELDS) {
                continue;
            }
            StringBuilder words = new StringBuilder();
            fields.get(3)
                    .asItems()
                    .forEach(word -> words.append(words.isEmpty() ? "" : " ").append(word.asText()));
            rows.add(List.of(
                    FrameBuilder.time(
                                    Math.max(0, nowSeconds - whole(fields.get(1).asText()))) + " ago",
                    String.format(Locale.ROOT, "%.1f", whole(fields.get(2).asText()) / 1000.0),
                    fields.size() > SLOW_FIELDS ? fields.get(SLOW_FIELDS).asText() : "",
                    words.toString()));
        }
        return new TopTable("slow", List.of(">slow", ">ms", "client", "command"), rows);
    }

    private RespValue ask(String... words) throws IOException {
        try {
            return connection.request(words);
        } catch (RefusedException e) {
            return new RespValue.Missing();
        }
    }

    static long whole(@Nullable String digits) {
        try {
            return digits == null ? 0 : Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** @param before null if there is none */
    static TopFrame frame(@Nullable TopReading before, TopReading now) {
        FrameBuilder frame = new FrameBuilder(before, now);
        double hits = frame.growth("keyspace_hits");
        double reads = hits + frame.growth("keyspace_misses");
        TopTable commands = commands(frame, now);
        frame.perSecond("perSecond", "", "total_commands_processed");
        if (reads > 0) {
            frame.figure("hitRatio", "hits", String.format(Locale.ROOT, "%.1f %%", 100 * hits / reads), hits / reads);
        } else {
            frame.figure("hitRatio", "hits", "-", null);
        }
        frame.figure("meanMicros", "mean", micros(meanMicros(frame, now)), meanMicros(frame, now))
                .perSecond("errorsPerSecond", "errors", "total_error_replies")
                .section("requests");
        Latencies.section(frame);
        frame.count("clients", "clients", "connected_clients")
                .perSecond("connectionsPerSecond", "new", "total_connections_received")
                .bytesPerSecond("receivedPerSecond", "in", "total_net_input_bytes")
                .bytesPerSecond("sentPerSecond", "out", "total_net_output_bytes")
                .section("network");
        for (String way : WAYS) {
            frame.bytesPerSecond(way + "PerSecond", way, "transfer_" + way + "_bytes_out");
        }
        if (now.has("transfer_disk_reads")) {
            frame.perSecond("diskReadsPerSecond", "disk reads", "transfer_disk_reads");
        }
        frame.section("transfers");
        String keyspace = now.figures().getOrDefault("db0", "keys=0,expires=0");
        long keys = field(keyspace, "keys");
        long expiring = field(keyspace, "expires");
        frame.figure("keys", "keys", FrameBuilder.amount((double) keys), keys)
                .figure("expiring", "expiring", FrameBuilder.amount((double) expiring), expiring)
                .bytes("fileBytes", "files", "store_file_bytes")
                .count("segments", "segments", "store_segments")
                .bytes("liveBytes", "live", "store_live_bytes")
                .section("store");
        frame.text("state", "", "compaction_state")
                .bytesPerSecond("movedPerSecond", "moved", "compaction_moved_bytes")
                .count("retiredSegments", "segments retired", "compaction_retired_segments")
                .bytes("waitingBytes", "waiting", "store_waiting_bytes")
                .text("writeAmplification", "written per byte", "write_amplification")
                .section("compaction");
        frame.bytes("usedBytes", "used", "used_memory")
                .bytes("residentBytes", "resident", "used_memory_rss")
                .bytes("heapBytes", "heap", "used_memory_heap")
                .bytes("indexBytes", "index", "used_memory_index")
                .section("memory");
        List<TopTable> tables = new ArrayList<>(List.of(commands));
        tables.addAll(now.tables());
        return frame.build(tables);
    }

    /** What commands took since the reading before, each alone. */
    private static TopTable commands(FrameBuilder frame, TopReading now) {
        record Use(String name, double perSecond, double micros, double share) {}
        double all = 0;
        List<Use> uses = new ArrayList<>();
        for (String name : now.figures().keySet()) {
            if (name.startsWith(COMMAND_PREFIX)) {
                all += frame.growthOf(name, "usec");
            }
        }
        for (String name : now.figures().keySet()) {
            double calls = name.startsWith(COMMAND_PREFIX) ? frame.growthOf(name, "calls") : 0;
            if (calls > 0) {
                double usec = frame.growthOf(name, "usec");
                uses.add(new Use(
                        name.substring(COMMAND_PREFIX.length()),
                        calls / frame.seconds(),
                        usec / calls,
                        all > 0 ? usec / all : 0));
            }
        }
        uses.sort((a, b) -> Double.compare(b.perSecond, a.perSecond));
        return new TopTable(
                "commands",
                List.of("command", ">per second", ">mean us", ">of the time"),
                uses.stream()
                        .map(use -> List.of(
                                use.name,
                                FrameBuilder.amount(use.perSecond),
                                String.format(Locale.ROOT, "%.1f", use.micros),
                                String.format(Locale.ROOT, "%.1f %%", 100 * use.share)))
                        .toList());
    }

    private static double meanMicros(FrameBuilder frame, TopReading now) {
        double calls = 0;
        double usec = 0;
        for (String name : now.figures().keySet()) {
            if (name.startsWith(COMMAND_PREFIX)) {
                calls += frame.growthOf(name, "calls");
                usec += frame.growthOf(name, "usec");
            }
        }
        return calls > 0 ? usec / calls : 0;
    }

    private static String micros(double micros) {
        return String.format(Locale.ROOT, "%.1f us", micros);
    }

    /** A number out of text such as "keys=3,expires=1". */
    static long field(String text, String name) {
        for (String part : text.split(",", -1)) {
            if (part.startsWith(name + "=")) {
                return whole(part.substring(name.length() + 1));
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
