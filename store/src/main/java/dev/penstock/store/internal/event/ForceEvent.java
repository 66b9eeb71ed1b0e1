package dev.penstock.store.internal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The log was forced to the device. */
@Name("dev.penstock.Force")
@Label("Force")
@Description("The log was forced to the device.")
@Category("Penstock")
@StackTrace(false)
public final class ForceEvent extends Event {

    /** One that begins now. */
    public static ForceEvent start() {
        ForceEvent event = new ForceEvent();
        event.begin();
        return event;
    }

    @Label("Bytes of the log made durable")
    @DataAmount
    public long bytes;
}
