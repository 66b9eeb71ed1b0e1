package dev.penstock.tools.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.store.check.CheckpointSummary;
import dev.penstock.store.check.Histogram;
import dev.penstock.store.check.KeyHistory;
import dev.penstock.store.check.PrefixSummary;
import dev.penstock.store.check.RecordDetails;
import dev.penstock.store.check.RecordSummary;
import dev.penstock.store.check.SegmentDetails;
import dev.penstock.store.check.StoreDetails;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.text.KeyText;
import java.util.HexFormat;
import java.util.List;

/** An inspection as JSON; docs/reference/inspect.md lists the fields. */
public final class InspectionJson {

    private InspectionJson() {}

    /** The whole inspection, without the maps of segments. */
    public static ObjectNode of(Inspection inspection) {
        StoreDetails details = inspection.details();
        ObjectNode json = Json.MAPPER.valueToTree(details.summary());
        json.put("expiringCount", details.expiringCount());
        json.put("expiredCount", details.expiredCount());
        json.set("index", Json.MAPPER.valueToTree(details.index()));
        json.set("keyLengths", buckets(details.keyLengths().buckets()));
        json.set("valueLengths", buckets(details.valueLengths().buckets()));
        json.set("writesSince", buckets(details.ages().buckets()));
        json.set("fileAges", buckets(inspection.fileAges()));
        json.set("timesToLive", buckets(details.timesToLive().buckets()));
        ArrayNode largest = json.putArray("largest");
        details.largest().forEach(record -> largest.add(record(record)));
        ArrayNode prefixes = json.putArray("prefixes");
        details.prefixes().forEach(prefix -> prefixes.add(prefix(prefix)));
        json.put("prefixShortfall", details.prefixShortfall());
        CheckpointSummary checkpoint = details.checkpoint();
        if (checkpoint == null) {
            json.putNull("checkpoint");
        } else {
            ObjectNode node = Json.MAPPER.valueToTree(checkpoint);
            node.put("ageMillis", inspection.checkpointAgeMillis());
            json.set("checkpoint", node);
        }
        json.put("replayBytes", details.replayBytes());
        json.put("openMillis", inspection.openMillis());
        json.set("compaction", Json.MAPPER.valueToTree(details.compaction()));
        return json;
    }

    private static ArrayNode buckets(List<Histogram.Bucket> buckets) {
        return Json.MAPPER.valueToTree(buckets);
    }

    private static ObjectNode prefix(PrefixSummary prefix) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        put(node, "prefix", prefix.prefix());
        node.put("keyCount", prefix.keyCount());
        node.put("bytes", prefix.bytes());
        return node;
    }

    /** One record. */
    public static ObjectNode record(RecordSummary record) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        put(node, "key", record.key());
        node.put("kind", record.kind().name());
        node.put("valueLength", record.valueLength());
        node.put("sequence", record.sequence());
        if (record.expiry() != null) {
            node.put("expires", record.expiry().toEpochMilli());
        }
        if (record.valueNumber() != 0) {
            node.put("valueNumber", record.valueNumber());
        }
        node.put("file", record.file());
        node.put("offset", record.offset());
        node.put("position", record.position());
        node.put("length", record.length());
        node.put("current", record.current());
        return node;
    }

    private static void put(ObjectNode node, String name, byte[] bytes) {
        String text = KeyText.text(bytes);
        if (text != null) {
            node.put(name, text);
        } else {
            node.put(name + "64", bytes);
        }
    }

    /** The history of a key. */
    public static ObjectNode of(KeyHistory history) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        ArrayNode records = json.putArray("records");
        history.records().forEach(record -> records.add(record(record)));
        json.put("omittedCount", history.omittedCount());
        return json;
    }

    /** What is at a place of the log. */
    public static ObjectNode of(RecordDetails details) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("file", details.file());
        json.put("offset", details.offset());
        json.put("position", details.position());
        RecordSummary record = details.record();
        if (record == null) {
            json.putNull("record");
        } else {
            json.set("record", record(record));
        }
        json.put("problem", details.problem());
        json.put("hex", HexFormat.of().formatHex(details.bytes()));
        return json;
    }

    /** One segment, without its map. */
    public static ObjectNode of(SegmentDetails details) {
        ObjectNode json = Json.MAPPER.valueToTree(details.summary());
        json.put("headerSound", details.headerSound());
        json.put("firstSegment", details.firstSegment());
        json.put("durablePosition", details.durablePosition());
        json.put("firstSequence", details.firstSequence());
        json.put("lastSequence", details.lastSequence());
        json.set("kinds", Json.MAPPER.valueToTree(details.kinds()));
        json.put("gapCount", details.gapCount());
        return json;
    }
}
