package dev.penstock.store.internal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A checkpoint was written. */
@Name("dev.penstock.Checkpoint")
@Label("Checkpoint")
@Description("A checkpoint was written.")
@Category("Penstock")
@StackTrace(false)
public final class CheckpointEvent extends Event {

    /** One that begins now. */
    public static CheckpointEvent start() {
        CheckpointEvent event = new CheckpointEvent();
        event.begin();
        return event;
    }

    @Label("Store")
    public @Nullable String store;

    @Label("Length of the file")
    @DataAmount
    public long bytes;

    @Label("Durable position")
    public long durablePosition;
}
