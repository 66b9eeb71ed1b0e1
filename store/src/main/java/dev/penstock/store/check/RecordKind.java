package dev.penstock.store.check;

import dev.penstock.store.internal.format.RecordLayout;

/** What a record of the log says; docs/reference/format.md describes each kind. */
public enum RecordKind {
    /** A key with its value. */
    VALUE(RecordLayout.VALUE),
    /** A key that was removed. */
    TOMBSTONE(RecordLayout.TOMBSTONE),
    /** A key whose value has a file of its own. */
    REFERENCE(RecordLayout.REFERENCE),
    /** Space that was claimed and given up. */
    PADDING(RecordLayout.PADDING),
    /** How far the log was durable. */
    MARK(RecordLayout.MARK),
    /** The end of a segment. */
    ROLL(RecordLayout.ROLL),
    /** A segment that holds nothing current any more. */
    RETIRED(RecordLayout.RETIRED),
    /** All records before are dead. */
    CLEAR(RecordLayout.CLEAR),
    /** The records behind it count together. */
    BATCH(RecordLayout.BATCH),
    /** A process opened the store. */
    OPENED(RecordLayout.OPENED),
    /** The log was closed. */
    CLOSED(RecordLayout.CLOSED),
    /** The mark of the batch that it belongs to. */
    APPLIED(RecordLayout.APPLIED);

    private final int number;

    RecordKind(int number) {
        this.number = number;
    }

    /** Returns the kind of a sound record of the log. */
    static RecordKind of(int number) {
        for (RecordKind kind : values()) {
            if (kind.number == number) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of record in the log: " + number);
    }
}
