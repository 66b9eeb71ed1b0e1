package dev.penstock.store.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** Keys that have expired were removed from a segment. */
@Name("dev.penstock.ExpirySweep")
@Label("Expiry Sweep")
@Description("Keys that have expired were removed from a segment.")
@Category("Penstock")
@StackTrace(false)
public final class ExpirySweepEvent extends Event {

    /** One that begins now. */
    public static ExpirySweepEvent start() {
        ExpirySweepEvent event = new ExpirySweepEvent();
        event.begin();
        return event;
    }

    @Label("Segment")
    public @Nullable String segment;

    @Label("Keys removed")
    public long keys;
}
