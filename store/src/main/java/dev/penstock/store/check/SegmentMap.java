package dev.penstock.store.check;

import java.util.Map;

/**
 * What is where in a segment of the log. The segment is divided into cells of equal size; the last one may extend
 * beyond the end of the file.
 *
 * @param file name of the segment's file
 * @param cellBytes bytes of a cell
 * @param cellCount number of cells
 * @param bytes for each state that occurs the bytes of each cell that are in it
 */
public record SegmentMap(String file, long cellBytes, int cellCount, Map<State, long[]> bytes) {

    /** What a byte of a segment belongs to. */
    public enum State {
        /** The current record of a key. */
        LIVE,
        /** The current record of a key, whose value has expired. */
        EXPIRED,
        /** A record that was replaced or removed. */
        DEAD,
        /** The record of a removal. */
        TOMBSTONE,
        /** A header, or a record that the log keeps for itself. */
        LOG,
        /** Something that is no sound record. */
        DAMAGED,
        /** Not used. */
        FREE
    }

    /** Copies the map. */
    public SegmentMap {
        bytes = Map.copyOf(bytes);
    }

    /**
     * Returns how many bytes of a cell are in a state.
     *
     * @param cell number of the cell, from 0
     * @param state the state
     * @return the bytes
     */
    public long bytes(int cell, State state) {
        long[] cells = bytes.get(state);
        return cells == null ? 0 : cells[cell];
    }
}
