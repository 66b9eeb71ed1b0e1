package dev.penstock.store.internal.segment;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.penstock.store.internal.io.Mappings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The mappings of large values. The number of mappings per process is limited, and a JVM that cannot create one dies.
 * Beyond a fraction of the limit, each new mapping therefore unmaps some of the oldest ones without a lease. They are
 * mapped again when a reader needs their memory.
 *
 * <p>Thread-safe. Its lock is taken while a segment's is held, never the other way round.
 */
final class LargeMappings {

    private static final int LOOKED_AT_COUNT = 4;

    private final int wanted;
    private final int most;

    @GuardedBy("this")
    private final Set<LargeSegment> mapped = new LinkedHashSet<>();

    /** For a store that has the process almost to itself. */
    LargeMappings() {
        this(Mappings.mostInProcess() / 4, Mappings.mostInProcess() / 2);
    }

    /**
     * @param wanted how many may be mapped before idle ones are unmapped
     * @param most how many may be mapped if all are held
     */
    LargeMappings(int wanted, int most) {
        this.wanted = wanted;
        this.most = most;
    }

    /** Refuses one more if there are too many. */
    synchronized void check() throws IOException {
        if (mapped.size() >= most) {
            throw new IOException(mapped.size() + " large values are mapped and held by readers; a process can have "
                    + Mappings.mostInProcess() + " mappings (vm.max_map_count)");
        }
    }

    /** From now on the segment may be unmapped while nobody holds it. */
    synchronized void add(LargeSegment segment) {
        mapped.add(segment);
    }

    synchronized void remove(LargeSegment segment) {
        mapped.remove(segment);
    }

    synchronized int count() {
        return mapped.size();
    }

    /** Unmaps idle segments if too many are mapped. The caller holds no segment's lock. */
    void trim() {
        oldest().forEach(LargeSegment::unmapIfIdle);
    }

    /** Those that stay go to the end of the line. */
    private synchronized List<LargeSegment> oldest() {
        List<LargeSegment> oldest = new ArrayList<>();
        if (mapped.size() > wanted) {
            Iterator<LargeSegment> inOrder = mapped.iterator();
            while (inOrder.hasNext() && oldest.size() < LOOKED_AT_COUNT) {
                oldest.add(inOrder.next());
                inOrder.remove();
            }
            mapped.addAll(oldest);
        }
        return oldest;
    }
}
