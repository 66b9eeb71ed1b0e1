package dev.penstock.tools.inspect;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.store.check.CheckpointSummary;
import dev.penstock.store.check.CompactionForecast;
import dev.penstock.store.check.Histogram;
import dev.penstock.store.check.PrefixSummary;
import dev.penstock.store.check.RecordSummary;
import dev.penstock.store.check.SegmentMap;
import dev.penstock.store.check.SegmentSummary;
import dev.penstock.store.check.StoreDetails;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.text.Size;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * An inspection as one HTML page that loads nothing. Its length is bounded for any store: maps are summed up, and
 * tables show a limited number of rows. Whatever a key holds, it is data of the page and never a part of its markup.
 */
public final class InspectionHtml {

    /** Cells of the maps of all segments, which {@link #page} sums up. */
    public static final int MAP_CELLS = 1 << 16;

    private static final int MOST_STRIPS = 256;
    private static final int MOST_COLUMNS = 256;
    private static final int MOST_ROWS = 1000;
    /** A share of a column is a hexadecimal digit. */
    private static final int FULL_SHARE = 15;

    private static final String DATA = "@DATA@";

    private InspectionHtml() {}

    /**
     * Returns the page.
     *
     * @param problem what is to be said first; empty if the store is sound enough to open
     */
    public static byte[] page(Inspection inspection, String problem) throws IOException {
        String template = template();
        int at = template.indexOf(DATA);
        String page = template.substring(0, at)
                + escape(data(inspection, problem).toString())
                + template.substring(at + DATA.length());
        return page.getBytes(UTF_8);
    }

    private static String template() throws IOException {
        try (InputStream resource = InspectionHtml.class.getResourceAsStream("report.html")) {
            if (resource == null) {
                throw new FileNotFoundException("report.html is missing in the program");
            }
            return new String(resource.readAllBytes(), UTF_8);
        }
    }

    /** JSON that no parser of HTML takes for a tag, an entity or the end of the script. */
    private static String escape(String json) {
        return json.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
    }

    private static ObjectNode data(Inspection inspection, String problem) {
        StoreDetails details = inspection.details();
        ObjectNode data = Json.MAPPER.createObjectNode();
        data.put("directory", Labels.path(inspection.directory()));
        data.put("time", inspection.time().truncatedTo(ChronoUnit.SECONDS).toString());
        data.put("storeId", details.summary().storeId().toString());
        data.put("problem", problem);
        tiles(data.putArray("tiles"), inspection);
        strips(data, details.maps());
        ArrayNode histograms = data.putArray("histograms");
        histogram(histograms, "Key length", "", details.keyLengths().buckets(), Labels::bytes);
        histogram(histograms, "Value length", "", details.valueLengths().buckets(), Labels::bytes);
        histogram(
                histograms,
                "Age in writes",
                "How many writes there were since.",
                details.ages().buckets(),
                Labels::writes);
        histogram(
                histograms,
                "Age of files",
                "Files by the time of their last change, with the bytes of live records.",
                inspection.fileAges(),
                InspectionText.timeNaming(Inspection.AGES));
        histogram(
                histograms,
                "Time to live",
                "Only keys that expire.",
                details.timesToLive().buckets(),
                InspectionText.timeNaming(Labels.TTL_BOUNDS));
        ArrayNode tables = data.putArray("tables");
        largest(tables, details.largest());
        prefixes(tables, details);
        segments(tables, details.summary().segments());
        return data;
    }

    private static void tiles(ArrayNode tiles, Inspection inspection) {
        StoreDetails details = inspection.details();
        tile(tiles, String.format(Locale.ROOT, "%,d", details.summary().keyCount()), "keys");
        tile(tiles, Size.of(details.summary().liveBytes()), "live");
        tile(tiles, Size.of(details.summary().deadBytes()), "dead");
        tile(tiles, Size.of(details.summary().totalBytes()), "files");
        CompactionForecast forecast = details.compaction();
        tile(tiles, Size.of(forecast.bytesBefore() - forecast.bytesAfter()), "a full compaction frees");
        CheckpointSummary checkpoint = details.checkpoint();
        tile(
                tiles,
                checkpoint == null ? "none" : Labels.duration(inspection.checkpointAgeMillis()),
                "age of the checkpoint");
        tile(tiles, Size.of(details.replayBytes()), "replayed by the next open");
        tile(
                tiles,
                inspection.openMillis() < 0 ? "refused" : Labels.duration(inspection.openMillis()),
                "to open, with the files in memory");
        tile(
                tiles,
                Size.of(details.index().bytes()),
                String.format(Locale.ROOT, "index, load %.2f", details.index().load()));
        if (details.expiringCount() > 0) {
            tile(tiles, String.format(Locale.ROOT, "%,d", details.expiringCount()), "keys expire");
        }
    }

    private static void tile(ArrayNode tiles, String value, String name) {
        tiles.addObject().put("value", value).put("name", name);
    }

    private static void histogram(
            ArrayNode histograms,
            String title,
            String note,
            List<Histogram.Bucket> buckets,
            InspectionText.Naming naming) {
        ObjectNode histogram = histograms.addObject().put("title", title).put("note", note);
        ArrayNode rows = histogram.putArray("rows");
        for (int i = 0; i < buckets.size(); i++) {
            Histogram.Bucket bucket = buckets.get(i);
            rows.addObject()
                    .put("label", naming.name(buckets, i))
                    .put("count", bucket.count())
                    .put("bytes", bucket.bytes());
        }
    }

    // --- the map ---

    private static void strips(ObjectNode data, List<SegmentMap> maps) {
        int perStrip = Math.max(1, Math.ceilDiv(maps.size(), MOST_STRIPS));
        data.put("segmentsPerStrip", perStrip);
        ArrayNode strips = data.putArray("strips");
        for (int first = 0; first < maps.size(); first += perStrip) {
            strip(strips.addObject(), maps.subList(first, Math.min(maps.size(), first + perStrip)));
        }
    }

    private static void strip(ObjectNode strip, List<SegmentMap> maps) {
        int cells = maps.stream().mapToInt(SegmentMap::cellCount).sum();
        int columns = Math.min(MOST_COLUMNS, cells);
        SegmentMap.State[] states = SegmentMap.State.values();
        long[][] bytes = new long[columns][states.length];
        long live = 0;
        long total = 0;
        int cell = 0;
        for (SegmentMap map : maps) {
            for (int i = 0; i < map.cellCount(); i++, cell++) {
                long[] column = bytes[(int) ((long) cell * columns / cells)];
                for (int state = 0; state < states.length; state++) {
                    column[state] += map.bytes(i, states[state]);
                    total += map.bytes(i, states[state]);
                }
                live += map.bytes(i, SegmentMap.State.LIVE);
            }
        }
        StringBuilder text = new StringBuilder(columns * states.length);
        for (long[] column : bytes) {
            shares(column, text);
        }
        String first = maps.getFirst().file();
        strip.put(
                "name",
                maps.size() == 1 ? first : first + " to " + maps.getLast().file());
        strip.put("bytes", total);
        strip.put("live", total == 0 ? 0 : Math.round(100.0 * live / total));
        strip.put("columns", columns);
        strip.put("cells", text.toString());
    }

    /** The shares of a column, which fill it: what there is any of has a share, and damage is never rounded away. */
    private static void shares(long[] column, StringBuilder text) {
        long total = 0;
        for (long each : column) {
            total += each;
        }
        int[] shares = new int[column.length];
        int sum = 0;
        int most = 0;
        for (int state = 0; state < column.length; state++) {
            shares[state] =
                    column[state] == 0 ? 0 : (int) Math.max(1, Math.round((double) FULL_SHARE * column[state] / total));
            sum += shares[state];
            most = shares[state] > shares[most] ? state : most;
        }
        shares[most] = Math.clamp(shares[most] + FULL_SHARE - (long) sum, 0, FULL_SHARE);
        for (int share : shares) {
            text.append(Character.forDigit(share, 16));
        }
    }

    // --- the tables ---

    private static ArrayNode table(ArrayNode tables, String title, String note, String... columns) {
        ObjectNode table = tables.addObject().put("title", title).put("note", note);
        ArrayNode heads = table.putArray("columns");
        for (String column : columns) {
            String[] nameAndKind = column.split("=", -1);
            heads.addObject().put("name", nameAndKind[0]).put("kind", nameAndKind[1]);
        }
        return table.putArray("rows");
    }

    private static void largest(ArrayNode tables, List<RecordSummary> largest) {
        ArrayNode rows = table(
                tables, "Largest values", "", "value=bytes", "key=key", "file=text", "offset=count", "sequence=count");
        for (RecordSummary record : largest) {
            rows.addArray()
                    .add(record.valueLength())
                    .add(Labels.key(record.key()))
                    .add(record.file())
                    .add(record.offset())
                    .add(record.sequence());
        }
    }

    private static void prefixes(ArrayNode tables, StoreDetails details) {
        String note = details.prefixShortfall() == 0
                ? ""
                : "There are very many prefixes: each count may be up to " + details.prefixShortfall() + " too low.";
        ArrayNode rows = table(tables, "Commonest key prefixes", note, "prefix=key", "keys=count", "bytes=bytes");
        for (PrefixSummary prefix : details.prefixes()) {
            rows.addArray()
                    .add(prefix.prefix().length == 0 ? "(none)" : Labels.key(prefix.prefix()))
                    .add(prefix.keyCount())
                    .add(prefix.bytes());
        }
    }

    /** Those with the most dead bytes, if there are very many. */
    private static void segments(ArrayNode tables, List<SegmentSummary> all) {
        List<SegmentSummary> shown = all;
        if (all.size() > MOST_ROWS) {
            shown = new ArrayList<>(all);
            shown.sort(Comparator.comparingLong((SegmentSummary segment) -> segment.usedBytes() - segment.liveBytes())
                    .reversed());
            shown = shown.subList(0, MOST_ROWS);
        }
        ArrayNode rows = table(
                tables,
                "Files",
                all.size() > MOST_ROWS
                        ? "The " + MOST_ROWS + " with the most dead bytes, of " + all.size() + "."
                        : "Records include dead ones and notes of the log itself.",
                "file=text",
                "kind=text",
                "size=bytes",
                "used=bytes",
                "live=bytes",
                "dead=bytes",
                "records=count",
                "tombstones=count");
        for (SegmentSummary segment : shown) {
            rows.addArray()
                    .add(segment.file())
                    .add(segment.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .add(segment.fileBytes())
                    .add(segment.usedBytes())
                    .add(segment.liveBytes())
                    .add(segment.usedBytes() - segment.liveBytes())
                    .add(segment.recordCount())
                    .add(segment.tombstoneCount());
        }
    }
}
