package dev.penstock.bench.engine;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What can be measured. Opening one runs no lambda and no service loader: a JVM that is timed from its first line to
 * its first get pays for the engine and for nothing of the harness.
 */
public enum EngineKind {
    PENSTOCK("penstock"),
    CHRONICLE("chronicle"),
    LMDB_1000("lmdb-1000"),
    LMDB_1("lmdb-1"),
    HASHMAP("hashmap"),
    /** No store: what forcing each record to a file costs. */
    APPEND("append");

    private static final int PUTS_PER_BATCH = 1000;

    private final String label;

    EngineKind(String label) {
        this.label = label;
    }

    /** The name in tables and on the command line. */
    public String label() {
        return label;
    }

    /** Whether values can be read back. */
    public boolean isStore() {
        return this != APPEND;
    }

    /** Whether a store that was closed can be opened again. */
    public boolean isPersistent() {
        return isStore() && this != HASHMAP;
    }

    /**
     * Opens the store in a directory that exists and is empty or was left by the same engine. A put may return before
     * anything is on the device.
     *
     * @param keys how many keys there will be, for the engines that must know
     */
    public Contender open(Path directory, long keys) {
        return switch (this) {
            case PENSTOCK -> new PenstockContender(directory, false);
            case CHRONICLE -> new ChronicleContender(directory, keys);
            case LMDB_1000 -> new LmdbContender(directory, keys, PUTS_PER_BATCH, false);
            case LMDB_1 -> new LmdbContender(directory, keys, 1, false);
            case HASHMAP -> new HeapContender();
            case APPEND -> throw new IllegalArgumentException("append forces every record");
        };
    }

    /** Opens the store so that a put which has returned is on the device. */
    public Contender openForced(Path directory, long keys) {
        return switch (this) {
            case PENSTOCK -> new PenstockContender(directory, true);
            case LMDB_1 -> new LmdbContender(directory, keys, 1, true);
            case APPEND -> new AppendContender(directory);
            case CHRONICLE, LMDB_1000, HASHMAP ->
                throw new IllegalArgumentException(label + " does not force single puts");
        };
    }

    /** Flags without which the engine's library does not work on this JDK. Penstock needs none of them. */
    public List<String> jvmArguments() {
        return switch (this) {
            case PENSTOCK, HASHMAP, APPEND -> List.of();
            case CHRONICLE -> ChronicleContender.JVM_ARGUMENTS;
            case LMDB_1000, LMDB_1 -> LmdbContender.JVM_ARGUMENTS;
        };
    }

    /** Every engine that can do more than append. */
    public static List<EngineKind> stores() {
        return Arrays.stream(values()).filter(EngineKind::isStore).toList();
    }

    /** @throws IllegalArgumentException if there is no such engine */
    public static EngineKind named(String label) {
        for (EngineKind engine : values()) {
            if (engine.label.equals(label)) {
                return engine;
            }
        }
        throw new IllegalArgumentException("no engine is called " + label);
    }
}
