package dev.penstock.store.check;

import dev.penstock.store.check.SegmentMap.State;
import java.util.EnumMap;
import java.util.Map;

/** Adds up the bytes of a segment by cell and state. */
final class SegmentMapBuilder {

    private final String file;
    private final long fileBytes;
    private final long cellBytes;
    private final int cellCount;
    private final Map<State, long[]> bytes = new EnumMap<>(State.class);

    /** @param mostCells so many cells at most */
    SegmentMapBuilder(String file, long fileBytes, int mostCells) {
        this.file = file;
        this.fileBytes = fileBytes;
        this.cellBytes = Math.max(1, Math.ceilDiv(fileBytes, mostCells));
        this.cellCount = (int) Math.ceilDiv(fileBytes, cellBytes);
    }

    void add(long from, long length, State state) {
        long end = Math.min(fileBytes, from + length);
        if (from >= end) {
            return;
        }
        long[] cells = bytes.computeIfAbsent(state, none -> new long[cellCount]);
        for (long at = from; at < end; ) {
            long cell = at / cellBytes;
            long next = Math.min(end, (cell + 1) * cellBytes);
            cells[(int) cell] += next - at;
            at = next;
        }
    }

    SegmentMap build() {
        return new SegmentMap(file, cellBytes, cellCount, bytes);
    }
}
