package dev.penstock.tools.inspect;

import dev.penstock.store.check.KeyHistory;
import dev.penstock.store.check.RecordDetails;
import dev.penstock.store.check.RecordSummary;
import dev.penstock.store.check.SegmentDetails;
import dev.penstock.store.check.SegmentMap;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

/** Prints the history of a key, one record, or one segment for people. */
public final class RecordText {

    private static final int BYTES_PER_LINE = 16;
    private static final Instant LAST_OF_FOUR_DIGITS = Instant.parse("9999-12-31T23:59:59.999Z");
    private static final int MAP_COLUMNS = 64;

    private final Console console;

    public RecordText(Console console) {
        this.console = console;
    }

    /** Prints the records of a key, oldest first. */
    public void print(KeyHistory history) throws IOException {
        if (history.omittedCount() > 0) {
            console.line("... %s before these".formatted(Size.count(history.omittedCount(), "record", "records")));
        }
        String row = "%14s  %-9s  %12s  %-26s  %s";
        console.line(row.formatted("sequence", "kind", "value", "place", ""));
        for (RecordSummary record : history.records()) {
            String state = record.current() ? "current" : "";
            String expiry = record.expiry() == null ? "" : " expires " + text(record.expiry());
            console.line(row.formatted(
                            record.sequence(),
                            record.kind().name().toLowerCase(Locale.ROOT),
                            hasValue(record) ? Size.of(record.valueLength()) : "-",
                            record.file() + ":" + record.offset(),
                            (state + expiry).strip())
                    .stripTrailing());
        }
    }

    private static boolean hasValue(RecordSummary record) {
        return switch (record.kind()) {
            case VALUE, REFERENCE -> true;
            default -> false;
        };
    }

    /** In a record that is damaged, any millisecond may stand. */
    private static String text(Instant expiry) {
        return expiry.isBefore(Instant.EPOCH) || expiry.isAfter(LAST_OF_FOUR_DIGITS)
                ? expiry.toEpochMilli() + " ms after 1970"
                : expiry.toString();
    }

    /** Prints a record, decoded and in hexadecimal digits. */
    public void print(RecordDetails details) throws IOException {
        field("place", details.file() + ":" + details.offset());
        field("position", details.position());
        RecordSummary record = details.record();
        if (record != null) {
            field("kind", record.kind().name().toLowerCase(Locale.ROOT));
            field("length", Size.of(record.length()));
            field("sequence", record.sequence());
            if (record.key().length > 0 || hasValue(record)) {
                field("key", Labels.key(record.key()));
            }
            field(hasValue(record) ? "value length" : "argument", record.valueLength());
            if (record.expiry() != null) {
                field("expires", text(record.expiry()));
            }
            if (record.valueNumber() != 0) {
                field("large value", record.valueNumber());
            }
            field("current", record.current() ? "yes" : "no");
        }
        field("sound", details.problem().isEmpty() ? "yes" : "no: " + details.problem());
        console.line("");
        byte[] bytes = details.bytes();
        for (int at = 0; at < bytes.length; at += BYTES_PER_LINE) {
            int end = Math.min(bytes.length, at + BYTES_PER_LINE);
            StringBuilder text = new StringBuilder();
            for (int i = at; i < end; i++) {
                text.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
            console.line("%08x  %-47s  %s"
                    .formatted(details.offset() + at, HexFormat.ofDelimiter(" ").formatHex(bytes, at, end), text));
        }
        if (record != null && record.length() > bytes.length) {
            console.line("... and %s more".formatted(Size.count(record.length() - bytes.length, "byte", "bytes")));
        }
    }

    /** Prints a segment, with a map of it in which a letter stands for a part of the file. */
    public void print(SegmentDetails details) throws IOException {
        field("file", details.summary().file());
        field("header", details.headerSound() ? "sound" : "damaged");
        field("first segment", details.firstSegment());
        field("durable below", details.durablePosition());
        field("sequences", details.firstSequence() + " to " + details.lastSequence());
        field("file", Size.of(details.summary().fileBytes()));
        field("used", Size.of(details.summary().usedBytes()));
        field("live", Size.of(details.summary().liveBytes()));
        field("gaps", details.gapCount());
        console.line("");
        console.line("%-10s  %12s  %12s".formatted("kind", "records", "bytes"));
        for (SegmentDetails.KindCount kind : details.kinds()) {
            console.line("%-10s  %12d  %12s"
                    .formatted(kind.kind().name().toLowerCase(Locale.ROOT), kind.count(), Size.of(kind.bytes())));
        }
        console.line("");
        printMap(details.map());
    }

    private void printMap(SegmentMap map) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int cell = 0; cell < map.cellCount(); cell++) {
            line.append(letter(map, cell));
            if (line.length() == MAP_COLUMNS || cell == map.cellCount() - 1) {
                console.line("%08x  %s".formatted((cell + 1 - line.length()) * map.cellBytes(), line));
                line.setLength(0);
            }
        }
        console.line("");
        console.line("Each letter stands for %s: L live, E expired, D dead, T tombstones, N the log's own notes,"
                .formatted(Size.of(map.cellBytes())));
        console.line("! damaged, . free. It is the state of most bytes there, and ! if any are damaged.");
    }

    private static char letter(SegmentMap map, int cell) {
        if (map.bytes(cell, SegmentMap.State.DAMAGED) > 0) {
            return '!';
        }
        SegmentMap.State most = SegmentMap.State.FREE;
        for (SegmentMap.State state : SegmentMap.State.values()) {
            if (map.bytes(cell, state) > map.bytes(cell, most)) {
                most = state;
            }
        }
        return switch (most) {
            case LIVE -> 'L';
            case EXPIRED -> 'E';
            case DEAD -> 'D';
            case TOMBSTONE -> 'T';
            case LOG -> 'N';
            case DAMAGED -> '!';
            case FREE -> '.';
        };
    }

    private void field(String name, Object value) throws IOException {
        console.line("%-15s %s".formatted(name, value));
    }
}
