package dev.penstock.store.check;

import dev.penstock.store.check.SegmentMap.State;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds single records and segments in a store that was walked. One thread. */
final class RecordLookup {

    private static final int MOST_BYTES = 4096;
    private static final int MAP_CELLS = 1024;

    private final StoreWalk walk;

    RecordLookup(StoreWalk walk) {
        this.walk = walk;
    }

    /** @param most so many records at most are kept */
    KeyHistory history(byte[] key, int most) {
        Deque<RecordSummary> records = new ArrayDeque<>();
        long[] omitted = new long[1];
        for (Segment segment : walk.files.segments.logSegments()) {
            walk.forEachRecord(segment, record -> {
                if (isAbout(record.header(), key)) {
                    records.add(walk.summary(segment, record));
                    if (records.size() > most) {
                        records.remove();
                        omitted[0]++;
                    }
                }
            });
        }
        return new KeyHistory(List.copyOf(records), omitted[0]);
    }

    private static boolean isAbout(RecordHeader header, byte[] key) {
        int start = RecordLayout.KEY_OFFSET;
        return switch (header.kind()) {
            case RecordLayout.CLEAR -> true;
            case RecordLayout.VALUE, RecordLayout.REFERENCE, RecordLayout.TOMBSTONE ->
                Arrays.equals(header.bytes(), start, start + header.keyLength(), key, 0, key.length);
            default -> false;
        };
    }

    /** Returns what is at a position; empty if no segment has it. */
    Optional<RecordDetails> at(long position) {
        Segment segment = position < 0 ? null : walk.files.segments.segment(position);
        long offset = walk.files.segments.offset(position);
        if (segment == null || offset >= segment.memory().byteSize()) {
            return Optional.empty();
        }
        long size = segment.memory().byteSize();
        RecordScanner record = walk.scanner(segment, offset, size);
        boolean possible = offset % RecordLayout.RECORD_ALIGNMENT == 0 && offset >= SegmentHeader.LENGTH;
        boolean sound = possible && record.next();
        String problem = "";
        if (!sound) {
            problem = possible ? record.problem() : "a record begins at a multiple of 8, from offset 64 on";
        } else if (!record.isValueSound()) {
            problem = "the value does not match its checksum";
        }
        byte[] bytes = new byte[(int) Math.min(MOST_BYTES, sound ? record.length() : size - offset)];
        MemorySegment.copy(segment.memory(), ValueLayout.JAVA_BYTE, offset, bytes, 0, bytes.length);
        return Optional.of(new RecordDetails(
                segment.name(), offset, position, sound ? walk.summary(segment, record) : null, problem, bytes));
    }

    /** Returns what is in a segment; empty if there is no such one. */
    Optional<SegmentDetails> segment(long number) {
        return walk.files.segments.logSegments().stream()
                .filter(segment -> segment.number() == number)
                .findFirst()
                .map(this::details);
    }

    private SegmentDetails details(Segment segment) {
        long size = segment.memory().byteSize();
        SegmentMapBuilder map = new SegmentMapBuilder(segment.name(), size, MAP_CELLS);
        map.add(0, SegmentHeader.LENGTH, State.LOG);
        Map<RecordKind, long[]> kinds = new EnumMap<>(RecordKind.class);
        long[] sequences = {Long.MAX_VALUE, 0};
        long[] end = {SegmentHeader.LENGTH};
        long[] gaps = new long[1];
        walk.forEachRecord(segment, record -> {
            RecordHeader header = record.header();
            long[] count = kinds.computeIfAbsent(RecordKind.of(header.kind()), kind -> new long[2]);
            count[0]++;
            count[1] += record.length();
            sequences[0] = Math.min(sequences[0], header.sequence());
            sequences[1] = Math.max(sequences[1], header.sequence());
            gaps[0] += record.offset() > end[0] ? 1 : 0;
            map.add(end[0], record.offset() - end[0], State.DAMAGED);
            map.add(record.offset(), record.length(), walk.state(record, 0));
            end[0] = record.nextOffset();
        });
        long damaged = walk.damageAtEnd(segment, end[0]);
        gaps[0] += damaged > 0 ? 1 : 0;
        map.add(end[0], damaged, State.DAMAGED);
        map.add(end[0] + damaged, size, State.FREE);
        List<SegmentDetails.KindCount> counts = new ArrayList<>();
        kinds.forEach((kind, count) -> counts.add(new SegmentDetails.KindCount(kind, count[0], count[1])));
        SegmentHeader header = walk.files.headers.get(segment.number());
        return new SegmentDetails(
                walk.summary(segment),
                header != null,
                header == null ? 0 : header.firstSegment(),
                header == null ? 0 : header.durablePosition(),
                kinds.isEmpty() ? 0 : sequences[0],
                sequences[1],
                counts,
                gaps[0],
                map.build());
    }

    /** Position of an offset in the file of a segment; -1 if the name is not that of a segment. */
    long position(String file, long offset) {
        long number = FileNames.segmentNumber(file, FileNames.LOG_SUFFIX).orElse(-1);
        return number < 0 || offset < 0 || offset >= walk.files.segments.segmentSize()
                ? -1
                : walk.files.segments.position(number, offset);
    }
}
