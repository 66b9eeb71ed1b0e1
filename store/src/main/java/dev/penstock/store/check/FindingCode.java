package dev.penstock.store.check;

import dev.penstock.store.check.Finding.Severity;
import java.util.Locale;

/**
 * What a {@link Finding} is about. The text of a code is part of the output of {@code verify} and {@code repair}: a
 * code is never given another meaning. docs/reference/findings.md has a row for each.
 */
public enum FindingCode {
    /** The file {@code STORE} is missing or damaged. */
    STORE_FILE_DAMAGED(Severity.CORRUPTION),
    /** The files belong to no store, or to none that can be recognised. */
    NOTHING_READABLE(Severity.CORRUPTION),
    /** A segment of the log has no file, or one that cannot be read. */
    SEGMENT_MISSING(Severity.CORRUPTION),
    /** A segment of the log ends before its last record. */
    SEGMENT_CUT_SHORT(Severity.CORRUPTION),
    /** The first 64 bytes of a segment are not its header. */
    SEGMENT_HEADER_DAMAGED(Severity.CORRUPTION),
    /** A file has the name of a segment or large value and belongs to another store or place. */
    FOREIGN_FILE(Severity.CORRUPTION),
    /** A stretch of a segment holds no sound record, and held one. */
    RECORDS_DAMAGED(Severity.CORRUPTION),
    /** A record is sound, its value is not. */
    VALUE_DAMAGED(Severity.CORRUPTION),
    /** The file of a large value is missing, cut short, damaged or another one. */
    VALUE_FILE_DAMAGED(Severity.CORRUPTION),
    /** The log ends with a write that was never completed. */
    TORN_TAIL(Severity.NOTICE),
    /** The creation of a segment was cut short. */
    SEGMENT_UNFINISHED(Severity.NOTICE),
    /** The checkpoint is missing or damaged. */
    CHECKPOINT_UNUSABLE(Severity.NOTICE),
    /** No record refers to the file of a large value. */
    VALUE_FILE_UNREFERENCED(Severity.NOTICE);

    private final Severity severity;

    FindingCode(Severity severity) {
        this.severity = severity;
    }

    /** {@return whether data is affected} */
    public Severity severity() {
        return severity;
    }

    /** {@return the code as it is printed, for example {@code value-damaged}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
