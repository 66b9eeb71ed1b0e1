package dev.penstock.store.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A writer waited for the log. */
@Name("dev.penstock.Stall")
@Label("Write Stall")
@Description("A writer waited for the log.")
@Category("Penstock")
@StackTrace(false)
public final class StallEvent extends Event {

    /** One that begins now. */
    public static StallEvent start() {
        StallEvent event = new StallEvent();
        event.begin();
        return event;
    }

    @Label("Cause")
    public @Nullable String cause;
}
