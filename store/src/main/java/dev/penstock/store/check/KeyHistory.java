package dev.penstock.store.check;

import java.util.List;

/**
 * What the log still holds of a key: its values and removals, and the records that removed all keys.
 *
 * @param records the newest records, oldest first
 * @param omittedCount older records that are not in the list
 */
public record KeyHistory(List<RecordSummary> records, long omittedCount) {

    /** Copies the list. */
    public KeyHistory {
        records = List.copyOf(records);
    }
}
