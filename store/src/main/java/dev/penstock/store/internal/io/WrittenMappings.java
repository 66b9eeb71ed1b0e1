package dev.penstock.store.internal.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The writable mappings of one file, which are forced with it. Thread-safe. */
final class WrittenMappings {

    @GuardedBy("this")
    private final List<MemorySegment> mappings = new ArrayList<>();

    synchronized void add(MemorySegment mapping) {
        mappings.removeIf(old -> !old.scope().isAlive());
        mappings.add(mapping);
    }

    private synchronized List<MemorySegment> alive() {
        return mappings.stream().filter(mapping -> mapping.scope().isAlive()).toList();
    }

    /** Has the system write what was stored. What was unmapped meanwhile is the file's own already. */
    void force() throws IOException {
        for (MemorySegment mapping : alive()) {
            try {
                mapping.force();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (IllegalStateException e) {
                if (mapping.scope().isAlive()) {
                    throw e;
                }
            }
        }
    }
}
