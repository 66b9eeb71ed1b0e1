package dev.penstock.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * What can be measured, by name. The engines of the default build are listed here; one that brings a tree of
 * dependencies along lives in a source root of its own and joins as a {@link Provider}.
 *
 * @param name the name in tables and on the command line
 * @param isPersistent whether a store that was closed can be opened again
 * @param opener how to open it
 */
record Engine(String name, boolean isPersistent, Opener opener) {

    /** What every other engine is compared with. */
    static final String PENSTOCK = "penstock";

    private static final int PUTS_PER_BATCH = 1000;

    private static final List<Engine> BUILT_IN = List.of(
            new Engine(PENSTOCK, true, (directory, keys) -> new PenstockContender(directory)),
            new Engine("lmdb-1000", true, (directory, keys) -> new LmdbContender(directory, keys, PUTS_PER_BATCH)),
            new Engine("lmdb-1", true, (directory, keys) -> new LmdbContender(directory, keys, 1)),
            new Engine("hashmap", false, (directory, keys) -> new HeapContender()));

    /** Opens the store in a directory that exists and is empty or was left by the same engine. */
    @FunctionalInterface
    interface Opener {
        Contender open(Path directory, long keys);
    }

    /** Found by {@link ServiceLoader}: engines beyond those of the default build. */
    interface Provider {
        List<Engine> engines();
    }

    Contender open(Path directory, long keys) {
        return opener.open(directory, keys);
    }

    /** Every engine on the class path, Penstock first. */
    static List<Engine> all() {
        List<Engine> engines = new ArrayList<>(BUILT_IN);
        ServiceLoader.load(Provider.class).forEach(provider -> engines.addAll(provider.engines()));
        return engines;
    }

    /** @throws IllegalArgumentException if there is no such engine */
    static Engine named(String name) {
        return all().stream()
                .filter(engine -> engine.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine is called " + name));
    }
}
