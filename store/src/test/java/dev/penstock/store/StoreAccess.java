package dev.penstock.store;

import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.engine.OwnerEngine;
import dev.penstock.store.internal.index.IndexMemory;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.snapshot.PointInTime;
import java.nio.file.Path;
import java.util.function.Function;

/** What the public classes keep to themselves, for tests in other packages. */
public final class StoreAccess {

    private StoreAccess() {}

    /** Opens a store on a disk that is not the system's. */
    public static Store open(Disk disk, Path directory, StoreOptions options) {
        return Store.open(disk, directory, options);
    }

    /** @param threads makes the background threads, by name */
    public static Store open(Disk disk, Path directory, StoreOptions options, Function<String, AgentThread> threads) {
        return Store.open(disk, directory, options, threads);
    }

    /** @param indexMemory where the key directory's memory comes from */
    public static Store open(
            Disk disk,
            Path directory,
            StoreOptions options,
            Function<String, AgentThread> threads,
            IndexMemory indexMemory) {
        return Store.open(disk, directory, options, threads, indexMemory);
    }

    public static Engine engine(Store store) {
        return store.engine();
    }

    public static OwnerEngine owner(Store store) {
        return store.owner();
    }

    /** Removes all expired keys now. */
    public static void sweepExpired(Store store) {
        store.sweepExpired();
    }

    /** A snapshot of a moment, which verifies values. */
    public static Snapshot snapshot(Engine engine, PointInTime point) {
        return new Snapshot(engine, point, true);
    }
}
