package dev.penstock.store.internal.segment;

import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.reclaim.Leased;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The file that holds a record: a segment of the log with many records, or that of a large value with one. */
public sealed interface RecordFile extends Leased permits Segment, LargeSegment {

    /** Its number: segments of the log and large values are numbered each by themselves. */
    long number();

    /** Name of its file. */
    String name();

    DiskFile file();

    /** The whole segment, mapped at the latest now. The caller holds a lease. */
    MemorySegment memory() throws IOException;

    /** The same for handing out: read-only. */
    MemorySegment readableMemory() throws IOException;

    /** Notes that a page of it could not be supplied; returns whether that is news. Any thread. */
    boolean poison();

    /** Whether a page of it could not be supplied: what is in it may be read, and nothing relies on that. */
    boolean isPoisoned();
}
