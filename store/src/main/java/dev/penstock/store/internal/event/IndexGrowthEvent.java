package dev.penstock.store.internal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The key directory allocated more memory. */
@Name("dev.penstock.IndexGrowth")
@Label("Index Growth")
@Description("The key directory got more memory.")
@Category("Penstock")
@StackTrace(false)
public final class IndexGrowthEvent extends Event {

    /** One that begins now. */
    public static IndexGrowthEvent start() {
        IndexGrowthEvent event = new IndexGrowthEvent();
        event.begin();
        return event;
    }

    @Label("Bytes added")
    @DataAmount
    public long bytes;
}
