package dev.penstock.store.internal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** Segments that hold dead records were rewritten. */
@Name("dev.penstock.Compaction")
@Label("Compaction")
@Description("Segments that hold dead records were rewritten.")
@Category("Penstock")
@StackTrace(false)
public final class CompactionEvent extends Event {

    /** One that begins now. */
    public static CompactionEvent start() {
        CompactionEvent event = new CompactionEvent();
        event.begin();
        return event;
    }

    @Label("Store")
    public @Nullable String store;

    @Label("Bytes before")
    @DataAmount
    public long bytesBefore;

    @Label("Bytes after")
    @DataAmount
    public long bytesAfter;

    @Label("Records moved")
    public long recordsMoved;

    @Label("Segments retired")
    public int segmentsRetired;
}
