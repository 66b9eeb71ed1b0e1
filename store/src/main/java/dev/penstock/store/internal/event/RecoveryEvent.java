package dev.penstock.store.internal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A store was opened and recovered. */
@Name("dev.penstock.Recovery")
@Label("Recovery")
@Description("A store was opened and its memory brought back.")
@Category("Penstock")
@StackTrace(false)
public final class RecoveryEvent extends Event {

    /** One that begins now. */
    public static RecoveryEvent start() {
        RecoveryEvent event = new RecoveryEvent();
        event.begin();
        return event;
    }

    @Label("Store")
    public @Nullable String store;

    @Label("Records replayed")
    public long records;

    @Label("Torn bytes cut off")
    @DataAmount
    public long tornBytes;
}
