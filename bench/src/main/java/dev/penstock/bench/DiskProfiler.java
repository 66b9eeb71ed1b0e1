package dev.penstock.bench;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Adds the size of the store to the result of an iteration. The benchmark reports it as it tears the store down, which
 * is before JMH asks.
 */
public final class DiskProfiler implements InternalProfiler {

    /** The name of the secondary result. */
    static final String DISK_BYTES = "disk";

    private static volatile long lastDiskBytes;

    static void report(long diskBytes) {
        lastDiskBytes = diskBytes;
    }

    @Override
    public String getDescription() {
        return "size of the store on disk";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmarkParams, IterationParams iterationParams) {
        lastDiskBytes = 0;
    }

    @Override
    public Collection<ScalarResult> afterIteration(
            BenchmarkParams benchmarkParams, IterationParams iterationParams, IterationResult result) {
        return List.of(new ScalarResult(DISK_BYTES, lastDiskBytes, "bytes", AggregationPolicy.MAX));
    }
}
