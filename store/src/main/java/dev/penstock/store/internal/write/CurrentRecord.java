package dev.penstock.store.internal.write;

import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import org.jspecify.annotations.Nullable;

/**
 * The current record of a key, looked up and checked under the lock of the key's stripe: everything needed to replace
 * it. Nothing of the record is read after the new one counts. Reused from write to write; one thread at a time.
 */
final class CurrentRecord {

    /** Position of the record; 0 if the key is absent. */
    long position;

    private @Nullable Segment segment;
    /** Length of the whole record in bytes. */
    long length;

    boolean isExpiring;
    /** The large value that it refers to; null if there is none, or none that is still there. */
    @Nullable
    LargeSegment large;

    boolean isPresent() {
        return position != 0;
    }

    /** The segment that the record is in. */
    Segment segment() {
        Segment of = segment;
        if (of == null) {
            throw new IllegalStateException("the key is absent");
        }
        return of;
    }

    void at(long position, Segment segment) {
        this.position = position;
        this.segment = segment;
    }

    void absent() {
        position = 0;
        segment = null;
        length = 0;
        isExpiring = false;
        large = null;
    }
}
