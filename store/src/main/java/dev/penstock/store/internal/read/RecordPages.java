package dev.penstock.store.internal.read;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.segment.Segment;
import java.lang.foreign.MemorySegment;

/** Finds out, after an error, whether a page of a record in the log was lost. Thread-safe. */
final class RecordPages {

    private RecordPages() {}

    /** Whether all of the record at an offset of a segment can be read. */
    static boolean areReadable(Segment segment, long offset) {
        MemorySegment memory = segment.memory();
        long room = memory.byteSize() - offset;
        if (room < RecordLayout.KEY_OFFSET) {
            return true; // nothing was read of it
        }
        if (!PageFaults.canRead(memory, offset, RecordLayout.KEY_OFFSET)) {
            return false;
        }
        return PageFaults.isIntact(() -> {
            int commitWord = RecordLayout.publishedCommitWord(memory, offset);
            long length = RecordLayout.recordLength(offset, commitWord, RecordLayout.valueLength(memory, offset));
            // What is no record any more lies in a page that was cut in the middle, and its end in one that is gone.
            return RecordLayout.isPossible(commitWord)
                    && length >= 0
                    && length <= room
                    && PageFaults.canRead(memory, offset, length);
        });
    }
}
