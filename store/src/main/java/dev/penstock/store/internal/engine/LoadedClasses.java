package dev.penstock.store.internal.engine;

import dev.penstock.store.internal.io.ReadableRange;
import java.util.List;

/**
 * Initializes the classes that reads, writes and compaction would initialize later. A class whose initialization runs
 * out of stack or memory is lost to the whole process: each later use of it throws {@link NoClassDefFoundError}. So one
 * call on a thread whose stack is nearly used up would end every store.
 */
final class LoadedClasses {

    /** Those that opening a store does not initialize anyway; a test has the JVM list them. */
    private static final List<String> NAMES = List.of(
            "ProgressListener",
            "internal.compaction.LiveRecordBitmap",
            "internal.compaction.SegmentEvacuation$Outcome",
            "internal.compaction.SegmentEvacuator$1", // of a switch
            "internal.engine.KeyBytes",
            "internal.engine.UnfinishedValue",
            "internal.format.Decimal",
            "internal.index.RecordProbe",
            "internal.log.SpaceReserve",
            "internal.read.RecordCursor",
            "internal.reclaim.LeaseCount",
            "internal.snapshot.BackupTarget");

    private LoadedClasses() {}

    static void initialize() {
        for (String name : NAMES) {
            initialize(name);
        }
        if (ReadableRange.isAvailable()) {
            initialize("internal.io.RawMemory"); // fails without native access, and is not used then
        }
    }

    private static void initialize(String name) {
        try {
            Class.forName("dev.penstock.store." + name, true, LoadedClasses.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(name);
        }
    }
}
