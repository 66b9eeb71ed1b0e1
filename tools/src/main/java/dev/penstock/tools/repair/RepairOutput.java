package dev.penstock.tools.repair;

import dev.penstock.store.repair.RepairListener;
import dev.penstock.store.repair.RepairReport;
import java.io.IOException;

/** Prints what a repair finds while it runs, and its result at the end. */
public sealed interface RepairOutput extends RepairListener permits RepairText, RepairLines {

    /** Prints the result. */
    void summary(RepairReport report) throws IOException;
}
