package dev.penstock.server.status;

import dev.penstock.server.metrics.LatencyHistogram;
import dev.penstock.server.report.Metric;
import dev.penstock.server.report.MetricsSnapshot;
import dev.penstock.server.report.MetricsSnapshot.Durations;
import dev.penstock.server.report.MetricsSnapshot.Section;
import dev.penstock.server.session.ClientLine;
import dev.penstock.server.shard.GroupState;
import dev.penstock.store.StoreStats.SegmentStats;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The status page: one HTML document without scripts and without resources from elsewhere. All text in it is escaped,
 * since clients choose their names.
 */
final class StatusPage {

    private static final int CLIENTS = 100;
    private static final int SEGMENTS = 20;
    private static final String STYLE = """
            :root { color-scheme: light dark; --back: #fafaf8; --card: #fff; --text: #1c1c1a; --dim: #63635e;
                --line: #deded8; --mark: #2f6f8f; }
            @media (prefers-color-scheme: dark) { :root { --back: #161718; --card: #1f2123; --text: #e8e8e4;
                --dim: #a0a09a; --line: #36383b; --mark: #6fb3d2; } }
            * { box-sizing: border-box }
            body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--back); color: var(--text);
                font: 15px/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums }
            h1 { font-size: 1.3rem; margin: 0 }
            h2 { font-size: 1rem; margin: 0 0 .5rem }
            header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; margin-bottom: 1rem }
            header p, .none { color: var(--dim); margin: 0 }
            .grid { columns: 20rem 3; column-gap: 1rem }
            .grid section { break-inside: avoid; margin-bottom: 1rem }
            .tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
                margin-bottom: 1rem }
            .tiles div, section { background: var(--card); border: 1px solid var(--line); border-radius: 6px;
                padding: .8rem 1rem }
            .tiles b { display: block; font-size: 1.25rem; font-weight: 600; white-space: nowrap }
            .tiles span { color: var(--dim) }
            section { overflow-x: auto }
            main > section { margin-top: 1rem }
            a { color: var(--mark) }
            table { border-collapse: collapse; width: 100% }
            td, th { padding: .2rem .6rem .2rem 0; text-align: left; border-top: 1px solid var(--line);
                overflow-wrap: anywhere }
            th { color: var(--dim); font-weight: 500 }
            tr:first-child > * { border-top: 0 }
            .n { text-align: right; white-space: nowrap; padding-right: 0 }
            .clients .n { padding-right: .6rem }
            .nodes { margin-bottom: 1rem }
            .nodes .n { padding-right: .6rem }
            .note { color: var(--dim); margin: .5rem 0 0 }
            header p { overflow-wrap: anywhere }
            @media (max-width: 44rem) {
                body { padding: 1rem }
                .clients thead { display: none }
                .clients tr { display: block; border-top: 1px solid var(--line); padding: .4rem 0 }
                .clients tr:first-child { border-top: 0 }
                .clients td { display: flex; gap: 1rem; justify-content: space-between; border: 0; padding: .1rem 0;
                    text-align: right }
                .clients td::before { content: attr(data-name); color: var(--dim); white-space: nowrap }
                .clients td:empty { display: none }
                .clients .n { padding-right: 0 }
            }
            .bar { width: 50% }
            td:has(+ .bar) { white-space: nowrap }
            .bar i { display: block; height: .7rem; min-width: 1px; border-radius: 2px; background: var(--mark) }
            """;

    static final int REFRESH_SECONDS = 5;

    private static final List<String> CLIENT_COLUMNS =
            List.of("Id", "Address", "Name", "Library", "Age", "Idle", "Last command", "Buffers");
    private static final Set<String> NUMBERS = Set.of("Id", "Age", "Idle", "Buffers");

    private final MetricsSnapshot snapshot;
    private final boolean refreshes;
    private final StringBuilder html = new StringBuilder(16 * 1024);

    /** @param refreshes whether the page refreshes itself */
    StatusPage(MetricsSnapshot snapshot, boolean refreshes) {
        this.snapshot = snapshot;
        this.refreshes = refreshes;
    }

    String html() throws IOException {
        html.append("""
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><title>Penstock</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <link rel="icon" href="data:,">
                <style>
                """).append(STYLE).append("</style></head><body>\n");
        List<Section> sections = snapshot.sections();
        List<Durations> durations = snapshot.durations();
        header();
        html.append("<main>");
        tiles(sections, durations.getFirst().latencies());
        GroupState group = snapshot.group();
        if (group != null) {
            html.append(new GroupTable(group, snapshot.port()).html());
        }
        html.append("<div class=\"grid\">\n");
        sections.stream().filter(StatusPage::isUsed).forEach(this::section);
        durations.forEach(this::durations);
        segments(snapshot.segments(SEGMENTS));
        html.append("</div>\n");
        clients(snapshot.clients(CLIENTS));
        return html.append("</main></body></html>\n").toString();
    }

    private void header() throws IOException {
        html.append("<header><h1>Penstock ")
                .append(Text.escaped(MetricsSnapshot.version()))
                .append("</h1><p>")
                .append(Text.escaped(snapshot.directory().toAbsolutePath().toString()))
                .append(" on port ")
                .append(snapshot.port())
                .append(", up ")
                .append(Text.duration(snapshot.uptimeSeconds()))
                .append("; ")
                .append(
                        refreshes
                                ? "refreshed every " + REFRESH_SECONDS + " seconds, <a href=\"/still\">stop</a>"
                                : "not refreshed, <a href=\"/\">start</a>")
                .append("; <a href=\"/metrics\">metrics</a></p></header>\n");
    }

    private void tiles(List<Section> sections, LatencyHistogram latencies) {
        html.append("<div class=\"tiles\">\n");
        tile("keys", metric(sections, "keys"));
        tile("stored", metric(sections, "store_live_bytes"));
        tile("clients", metric(sections, "connected_clients"));
        tile("commands/s", Text.number(snapshot.commandsPerSecond()));
        tile("received/s", Text.bytes(snapshot.receivedBytesPerSecond()));
        tile("sent/s", Text.bytes(snapshot.sentBytesPerSecond()));
        tile("99 of 100 took", "\u2264 " + Text.seconds(latencies.quantileSeconds(0.99)));
        html.append("</div>\n");
    }

    private static String metric(List<Section> sections, String name) {
        return sections.stream()
                .flatMap(section -> section.metrics().stream())
                .filter(metric -> metric.name().equals(name))
                .map(StatusPage::shown)
                .findFirst()
                .orElseThrow();
    }

    private void tile(String name, String value) {
        html.append("<div><b>")
                .append(Text.escaped(value))
                .append("</b><span>")
                .append(Text.escaped(name))
                .append("</span></div>\n");
    }

    /** A server without HTTP has nothing but zeros to show of it. */
    private static boolean isUsed(Section section) {
        return section.metrics().stream().anyMatch(metric -> metric.value() != 0);
    }

    private void section(Section section) {
        html.append("<section><h2>").append(Text.escaped(section.title())).append("</h2><table>\n");
        for (Metric metric : section.metrics()) {
            row(metric.text(), shown(metric));
        }
        html.append("</table>");
        if (section.title().equals("Store")) {
            html.append("<p class=\"note\">The active segment and the next one are allocated in full, so that writes")
                    .append(" do not wait for space. Closing the store frees the unused part.</p>");
        }
        html.append("</section>\n");
    }

    private static String shown(Metric metric) {
        return switch (metric.unit()) {
            case NUMBER -> Text.number(metric.value());
            case BYTES -> Text.bytes(metric.value());
            case PERCENT -> metric.value() + " %";
        };
    }

    private void row(String name, String value) {
        html.append("<tr><td>")
                .append(Text.escaped(name))
                .append("</td><td class=\"n\">")
                .append(Text.escaped(value))
                .append("</td></tr>\n");
    }

    private void durations(Durations durations) {
        LatencyHistogram latencies = durations.latencies();
        html.append("<section><h2>").append(Text.escaped(durations.title())).append("</h2>");
        long count = latencies.count();
        if (count == 0) {
            html.append("<p class=\"none\">There were none yet.</p></section>\n");
            return;
        }
        html.append("<table>\n");
        for (int i = 0; i < LatencyHistogram.BUCKETS; i++) {
            long inBucket = latencies.count(i);
            if (inBucket > 0) {
                latency(i, inBucket, 100.0 * inBucket / count);
            }
        }
        html.append("</table></section>\n");
    }

    private void latency(int bucket, long count, double percent) {
        boolean last = bucket == LatencyHistogram.BUCKETS - 1;
        String bound = Text.seconds(LatencyHistogram.boundSeconds(last ? bucket - 1 : bucket));
        bar((last ? "> " : "\u2264 ") + bound, percent, Text.number(count));
    }

    private void segments(List<SegmentStats> segments) {
        html.append("<section><h2>Segments: dead bytes</h2>");
        if (segments.isEmpty()) {
            html.append("<p class=\"none\">There are none yet.</p></section>\n");
            return;
        }
        html.append("<table>\n");
        for (SegmentStats segment : segments) {
            double percent = 100.0 * segment.deadBytes() / Math.max(1, segment.usedBytes());
            bar(segment.file(), percent, Text.bytes(segment.deadBytes()));
        }
        html.append("</table></section>\n");
    }

    private void bar(String name, double percent, String value) {
        html.append("<tr><td>")
                .append(Text.escaped(name))
                .append("</td><td class=\"bar\"><i style=\"width:")
                .append(String.format(Locale.ROOT, "%.1f", percent))
                .append("%\"></i></td><td class=\"n\">")
                .append(Text.escaped(value))
                .append("</td></tr>\n");
    }

    private void clients(List<ClientLine> clients) {
        html.append("<section><h2>Clients</h2>");
        if (clients.isEmpty()) {
            html.append("<p class=\"none\">No client is connected.</p></section>\n");
            return;
        }
        html.append("<table class=\"clients\">\n<thead><tr>");
        for (String column : CLIENT_COLUMNS) {
            html.append(NUMBERS.contains(column) ? "<th class=\"n\">" : "<th>")
                    .append(column)
                    .append("</th>");
        }
        html.append("</tr></thead>\n<tbody>");
        for (ClientLine client : clients) {
            List<String> cells = List.of(
                    Long.toString(client.id()),
                    client.address(),
                    client.name(),
                    client.library(),
                    Text.duration(client.ageSeconds()),
                    Text.duration(client.idleSeconds()),
                    client.lastCommand(),
                    Text.bytes(client.heldBytes()));
            html.append("<tr>");
            for (int i = 0; i < cells.size(); i++) {
                clientCell(CLIENT_COLUMNS.get(i), cells.get(i));
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></section>\n");
    }

    /** A narrow screen shows a client's cells below each other, each with the name of its column. */
    private void clientCell(String column, String text) {
        html.append(NUMBERS.contains(column) ? "<td class=\"n\" data-name=\"" : "<td data-name=\"")
                .append(column)
                .append("\">")
                .append(Text.escaped(text))
                .append("</td>");
    }
}
